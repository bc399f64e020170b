"""Pages that send their readers on."""

from __future__ import annotations

import time
from itertools import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.ingest.refresh import refresh_target

URL = "https://quay.example/old/feed"
NEW = "https://quay.example/new.xml"


def target(meta: str, *, around: str = "<!doctype html><html><head>{}</head></html>") -> str:
    return refresh_target(around.format(meta).encode(), URL)


@pytest.mark.parametrize(
    "meta",
    [
        """<meta http-equiv="refresh" content="0;url=/new.xml">""",
        """<meta http-equiv="Refresh" content="0; URL='/new.xml'">""",
        """<META CONTENT='5; url="/new.xml"' HTTP-EQUIV=refresh />""",
        """<meta content=0;url=/new.xml http-equiv=refresh>""",
        """<meta http-equiv="refresh" content="3, url = /new.xml">""",
        """<meta http-equiv="refresh" content="0;/new.xml">""",
        """<meta http-equiv="refresh" content=".5;url=/new.xml">""",
        """<meta http-equiv="refresh" content="0.5 https://quay.example/new.xml#top">""",
        """<meta http-equiv="refresh" content="0;url=../new.xml">""",
        """<base href="/"><meta http-equiv="refresh" content="0;url=new.xml">""",
        """<!-- moved --><script>var a = "<meta";</script>\n<meta http-equiv="refresh" content="0;url=/new.xml">""",
    ],
)
def test_a_page_that_sends_readers_on_within_five_seconds_is_a_redirect(meta: str) -> None:
    assert target(meta) == NEW


def test_a_page_of_frames_sends_its_readers_to_the_first() -> None:
    frames = '<frameset rows="100%,*"><frame src="/new.xml" name="a"><frame src="/empty"></frameset>'
    assert target(frames) == NEW
    assert target(frames, around="<!doctype html><html><body>About {}") == NEW
    assert target('<frameset><frame src="javascript:x"><frame src="#top"></frameset>') == ""


def test_of_several_the_first_that_leads_elsewhere_counts() -> None:
    assert target('<meta http-equiv=refresh content="300"><meta http-equiv=refresh content="0;url=/new.xml">') == NEW


def test_the_characters_of_an_address_may_be_written_as_entities() -> None:
    assert target('<meta http-equiv="refresh" content="0;url=/a?b=1&amp;c=2">') == "https://quay.example/a?b=1&c=2"


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "\ufeff<html>{}",
        "<title>Moved</title>{}<body><a href='/new.xml'>over there</a>",
        "<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'x'>\n<html>{}",
        "<!-- <rss> --><body>{}",
        "<center>{}",
        "<font>{}",
        "<noscript></noscript>{}",
    ],
)
def test_pages_begin_in_many_ways(around: str) -> None:
    assert target('<meta http-equiv="refresh" content="0;url=/new.xml">', around=around) == NEW


@pytest.mark.parametrize(
    "meta",
    [
        """<meta http-equiv="refresh" content="30;url=/new.xml">""",
        """<meta http-equiv="refresh" content="6;url=/new.xml">""",
        """<meta http-equiv="refresh" content="0">""",
        """<meta http-equiv="refresh" content="0;url=">""",
        """<meta http-equiv="refresh" content="">""",
        """<meta http-equiv="refresh" content="0;url=/old/feed">""",
        """<meta http-equiv="refresh" content="0;url=#top">""",
        """<meta http-equiv="refresh" content="0;url=javascript:alert(1)">""",
        """<meta http-equiv="refresh" content="0;url=file:///etc/passwd">""",
        """<meta http-equiv="content-type" content="0;url=/new.xml">""",
        """<meta name="refresh" content="0;url=/new.xml">""",
        """<!-- <meta http-equiv="refresh" content="0;url=/new.xml"> -->""",
        """<script>'<meta http-equiv="refresh" content="0;url=/new.xml">'</script>""",
        """<noscript><meta http-equiv="refresh" content="0;url=/new.xml"></noscript>""",
        """<meta http-equiv="refresh" content="0;url=/new.xml" """,
    ],
)
def test_other_pages_are_none(meta: str) -> None:
    assert target(meta) == ""


@pytest.mark.parametrize(
    "around", ["<rss><channel><description>{}</description></channel></rss>", "<feed>{}</feed>", "[{}]", "Hi {}", ""]
)
def test_what_is_no_page_sends_nobody_on(around: str) -> None:
    assert target('<meta http-equiv="refresh" content="0;url=/new.xml">', around=around) == ""


@pytest.mark.parametrize(
    "piece", ["<meta ", "<meta http-equiv=refresh content=", "<!--", "<script>", "<?", "a=", "a", " ", "<title ", "'"]
)
def test_a_hostile_page_costs_no_time(piece: str) -> None:
    body = ("<html http-equiv><meta " + "".join(repeat(piece, 40_000))).encode()
    began = time.process_time()
    assert refresh_target(body, URL) == ""
    assert time.process_time() - began < 1


@given(st.text(alphabet="<>/!-meta htp-quivrfs=\"';,url0523 ", max_size=200))
def test_no_page_makes_it_raise(text: str) -> None:
    refresh_target(f'<html><meta http-equiv=refresh content="0;{text}">{text}'.encode(), URL)
