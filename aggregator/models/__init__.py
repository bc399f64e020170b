"""Rows and the rules about them."""

from .feed import Category, Entry, Feed, FeedMemory, FilterRule, SiteState

__all__ = ["Category", "Entry", "Feed", "FeedMemory", "FilterRule", "SiteState"]
