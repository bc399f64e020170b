"""A served site with a blog to poll and a curator, for the whole way of a post: from the blog to a screen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import User
from django.urls import reverse

from aggregator.models import Entry, Feed
from aggregator.polling.conductor import poll
from notifications.notices.planner import plan
from notifications.sending.delivering import deliver_due
from notifications.sending.push import Sender
from notifications.vapid.keys import keyring
from tests.documents import rss
from tests.patience import wait_until
from tests.servers import Answer, FeedServer

from .driver import Browser, Tab, wait_for
from .rig import Rig

PASSWORD = "open sesame"
PANEL = "document.querySelector('[data-push=panel]')"


@dataclass(slots=True)
class Blog:
    """A feed on a server of its own."""

    server: FeedServer
    feed: Feed
    posts: list[tuple[str, datetime]] = field(default_factory=list)

    def publish(self, *titles: str) -> None:
        """New posts, found and stored by a poll."""
        self.posts[:0] = [(title, datetime.now(UTC)) for title in titles]
        self.server.add("/feed", Answer(rss(self.feed.shown_title, self.posts)))
        poll(Feed.objects.filter(pk=self.feed.pk))


@dataclass(slots=True)
class Site:
    origin: str
    rig: Rig
    blog: Blog
    curator: User

    def url(self, name: str, *args: object) -> str:
        return self.origin + reverse(name, args=args)

    def log_in(self, browser: Browser) -> Tab:
        """The admin's front page, as the curator sees it after the login form."""
        tab = browser.open_tab(self.url("admin:index"))
        tab.evaluate(f"void (document.querySelector('[name=username]').value = '{self.curator.username}')")
        tab.evaluate(f"void (document.querySelector('[name=password]').value = '{PASSWORD}')")
        tab.click("#login-form [type=submit]")
        wait_for(tab, f"{PANEL} && {PANEL}.dataset.state")
        return tab

    def subscribe(self, browser: Browser) -> Tab:
        """The curator's page after he clicked the button and allowed notifications."""
        tab = self.log_in(browser)
        wait_for_state(tab, "off")
        tab.click("[data-push=ask]:not([hidden] *)")
        browser.say_yes()
        wait_for_state(tab, "on")
        self.rig.wait_for_connection()
        return tab

    def announce(self, *titles: str) -> Counter[str]:
        """Publish, poll, plan, send; the deliveries by their new state."""
        self.blog.publish(*titles)
        plan(datetime.now(UTC))
        return self.deliver()

    def deliver(self, *, later: timedelta = timedelta()) -> Counter[str]:
        """Send what is due now, or will be then."""
        service = self.rig.service
        sender = Sender(
            keyring(),
            contact="mailto:team@planet.example",
            extra_hosts=self.rig.extra_hosts,
            resolver=self.rig.resolver,
            ssl_context=service.ssl_context,
        )
        return deliver_due(clock=lambda: datetime.now(UTC) + later, sender=sender)

    def entry_url(self, title: str) -> str:
        return self.url("admin:aggregator_entry_change", Entry.objects.get(title=title).pk)


def wait_for_state(tab: Tab, state: str) -> None:
    """Until the panel on the page says so."""
    wait_for(tab, f"{PANEL}.dataset.state === '{state}'")


def texts(browser: Browser) -> list[tuple[str, str]]:
    """Title and body of what is on the screen."""
    return [(notice.title, notice.body) for notice in browser.shown()]


def wait_for_notices(browser: Browser, count: int = 1) -> list[tuple[str, str]]:
    wait_until(lambda: len(browser.shown()) >= count, what=f"{count} notices")
    return texts(browser)
