"""Feeds are asked for as pages are."""

from tests.pages.conftest import ask, ask_anew, lasting_connection

__all__ = ["ask", "ask_anew", "lasting_connection"]
