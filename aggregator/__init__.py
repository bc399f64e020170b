"""Gathers the posts of a community's blogs: polls feeds, keeps entries, shows them by date."""

__version__ = "0.1.0"
