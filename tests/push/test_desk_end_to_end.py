"""A proposal reaches a curator: the worker's plan, real browsers, and one click to where it is decided."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.models import Submission
from aggregator.submissions.proposing import send
from notifications.notices.desk_places import place_of
from notifications.notices.desk_planner import plan_desk
from tests.notifications.desk import make_proposal
from tests.patience import wait_until

from .site import Site, texts, wait_for_notices

pytestmark = [pytest.mark.queue, pytest.mark.slow]


def propose(title: str) -> Submission:
    """A proposal that its sender sends off at this moment."""
    proposal = make_proposal(title, state="ready")
    send(proposal.key, datetime.now(UTC))
    return proposal


def test_a_proposal_is_shown_and_a_click_opens_it_and_a_second_one_stays_quiet_for_an_hour(site: Site) -> None:
    browser = site.rig.start()
    site.subscribe(browser)
    now = datetime.now(UTC)
    proposal = propose("Fresh Paint")
    plan_desk(now)
    assert site.deliver() == {"accepted": 1}
    assert wait_for_notices(browser) == [("A blog is proposed: Fresh Paint", proposal.host)]
    propose("Kiln")
    plan_desk(now + timedelta(minutes=59))
    assert site.deliver(later=timedelta(minutes=59)) == {}
    assert len(texts(browser)) == 1
    browser.shown()[0].click()
    place = site.origin + place_of("proposals", proposal.pk)
    wait_until(lambda: place in browser.urls(), what="the proposal's page")
    plan_desk(now + timedelta(hours=1))
    assert site.deliver(later=timedelta(hours=1)) == {"accepted": 1}
    wait_until(lambda: any("Kiln" in title for title, _ in texts(browser)), what="the second proposal's notice")


@pytest.mark.parametrize("browser_name", ["firefox"], indirect=True)
def test_posts_and_proposals_stand_side_by_side(site: Site) -> None:
    browser = site.rig.start()
    site.subscribe(browser)
    proposal = propose("Fresh Paint")
    plan_desk(datetime.now(UTC))
    assert site.announce("Reading without hurry") == {"accepted": 2}
    assert sorted(wait_for_notices(browser, 2)) == [
        ("A blog is proposed: Fresh Paint", proposal.host),
        ("Reading without hurry", "Northern Notes"),
    ]
