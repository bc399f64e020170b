"""What scrolls in its column can be scrolled by keyboard, and is told by name; on pages alone."""

from __future__ import annotations

import pytest
from django.test import Client

from aggregator.pages.wide import CODE, TABLE, with_ways_to_scroll
from tests.factories import make_entry
from tests.outline import page_at

POST = "<pre>code</pre><table><tr><td>1</td></tr></table>"


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>a</p>", "<p>a</p>"),
        ("<pre>a</pre><pre>b</pre>", f"<pre {CODE}>a</pre><pre {CODE}>b</pre>"),
        (
            '<pre class="language-python"><code>a</code></pre>',
            f'<pre {CODE} class="language-python"><code>a</code></pre>',
        ),
        ('<table dir="rtl"><tr><td>a</td></tr></table>', f'{TABLE}<table dir="rtl"><tr><td>a</td></tr></table></div>'),
        ("<p>&lt;pre&gt; &lt;table&gt;</p>", "<p>&lt;pre&gt; &lt;table&gt;</p>"),
        ("<table></table><table></table>", f"{TABLE}<table></table></div>{TABLE}<table></table></div>"),
    ],
)
def test_code_and_tables_are_places_with_a_name(html: str, shown: str) -> None:
    assert with_ways_to_scroll(html) == shown


def test_a_table_in_a_table_scrolls_with_it() -> None:
    inner = "<table><tr><td>a</td></tr></table>"
    html = f"<table><tr><td>{inner}{inner}</td></tr></table>"
    assert with_ways_to_scroll(html) == f"{TABLE}{html}</div>"


@pytest.mark.parametrize("html", ["<pre>a</pre>", "<table><tr><td><table></table></td></tr></table>"])
def test_thousands_of_them_make_no_post_much_longer(html: str) -> None:
    shown = with_ways_to_scroll(html * 10_000)
    assert len(shown) < len(html) * 10_000 + 100 * 70
    assert (shown.count('role="group"'), shown.count("<div"), shown.count("</div>")) in {(100, 0, 0), (100, 100, 100)}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "post"])
def test_pages_say_so_and_stay_well_formed(client: Client, path: str) -> None:
    entry = make_entry(content_html=POST)
    page = page_at(client, entry.get_absolute_url() if path == "post" else path)
    groups = [found["aria-label"] for _, found in page.elements if found.get("role") == "group"]
    assert (groups, page.faults) == (["Code", "Table"], [])


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/atom.xml", "/rss20.xml", "/feed.json"])
def test_our_feeds_give_out_what_is_stored(client: Client, path: str) -> None:
    entry = make_entry(content_html=POST)
    entry.refresh_from_db()
    assert (entry.content_html, b'role="group"' in client.get(path).content) == (POST, False)
