"""Gathers the posts of a community's blogs: polls feeds, keeps entries, shows them by date."""

__version__ = "0.1.0"


def user_agent(website_url: str) -> str:
    """How the site of this address calls itself where it asks for feeds and pages."""
    return f"Orrery/{__version__} (+{website_url})"
