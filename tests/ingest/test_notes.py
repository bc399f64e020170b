"""Notes below, beside and behind a text: both ends of a link, whatever page a program put before it."""

from __future__ import annotations

import pytest

from tests.ingest.test_shown import PREFIX, clean

BOTH_ENDS = [
    ("https://blog.example/posts/1/#fn:1", "https://blog.example/posts/1/#fnref:1", "fn:1", "fnref:1"),
    ("http://www.blog.example/posts/1#fn:1", "//blog.example/posts/1/#fnref:1", "fn:1", "fnref:1"),
    ("https://blog.example/posts/1/index.html#a", "/posts/1#b", "a", "b"),
    ("https://blog.example/#fn-x", "https://blog.example/feed.xml#fnref-x", "fn-x", "fnref-x"),
    ("/#footnote-1", "/archive/#footnote-anchor-1", "footnote-1", "footnote-anchor-1"),
    ("file:///C:/post.html#_ftn1", "file:///C:/post.html#_ftnref1", "_ftn1", "_ftnref1"),
    ("about:blank#_edn1", "applewebdata://0A/#_ednref1", "_edn1", "_ednref1"),
    ("#fn-1", "#fnref-1", "user-content-fn-1", "user-content-fnref-1"),
    ("#sdfootnote1sym", "#sdfootnote1anc", "sdfootnote1sym", "sdfootnote1anc"),
]


@pytest.mark.parametrize(("there", "back", "note", "place"), BOTH_ENDS)
def test_a_footnote_keeps_both_ends_whatever_page_its_links_name(there: str, back: str, note: str, place: str) -> None:
    html = clean(f"<p id='{place}'>x<a href='{there}'>1</a></p><p id='{note}'>note <a href='{back}'>up</a></p>", PREFIX)
    assert html == (
        f'<p id="{PREFIX}{place}">x<a href="#{PREFIX}{note}">1</a></p>'
        f'<p id="{PREFIX}{note}">note <a href="#{PREFIX}{place}">up</a></p>'
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://other.example/posts/1#fn:1",
        "https://blog.example/posts/2#part",
        "https://blog.example/posts/1/more#part",
        "https://blog.example/posts/1camp#part",
    ],
)
def test_a_link_to_another_page_leads_there_though_the_post_has_such_a_place(address: str) -> None:
    html = clean(f"<p id='fn:1'>x</p><p id='part'>y <a href='{address}'>there</a></p>", PREFIX)
    assert f'<a href="{address}">there</a>' in html


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<h2 id=a>Use<a class=anchor href='https://blog.example/posts/1/#a'>#</a></h2>", "<h2>Use</h2>"),
        ("<h2 id=a>Use<a href='/other/page/#a' aria-hidden=true>x</a></h2>", "<h2>Use</h2>"),
        ("<h2 id=a>Use<a href='#a'>⌗</a></h2>", "<h2>Use</h2>"),
        ("<h2 id=a>Use<a href='#a'>[link]</a></h2>", "<h2>Use</h2>"),
        ("<h2 id=a>标题<a href='#a'>永久链接</a></h2>", "<h2>标题</h2>"),
        ("<h2 id=user-content-a>Use<a class=anchor href='#a'></a></h2>", "<h2>Use</h2>"),
        ("<dl><dt id=f>f(x)<a class=headerlink href='#f'>¶</a></dt><dd>x</dl>", "<dl><dt>f(x)</dt><dd>x</dd></dl>"),
        ("<figure><figcaption>Cap<a class='headerlink' href='#f'>¶</a></figcaption></figure>", None),
        (
            "<p>Text <a class=headerlink href='#f'>the end</a></p>",
            '<p>Text <a href="https://blog.example/posts/1#f">the end</a></p>',
        ),
        ("<h2>See <a href='https://e.example/#a'>#</a></h2>", '<h2>See <a href="https://e.example/#a">#</a></h2>'),
    ],
)
def test_signs_that_lead_to_where_they_stand_are_left_out(written: str, read: str | None) -> None:
    assert clean(written, PREFIX) == (read or "<figure><figcaption>Cap</figcaption></figure>")


@pytest.mark.parametrize(
    ("note", "read"),
    [
        (
            (
                "word<label for=s class='margin-toggle sidenote-number'></label><input type=checkbox id=s>"
                "<span class=sidenote>The note.</span> goes on"
            ),
            "word (The note.)  goes on",
        ),
        (
            "word<label class=margin-toggle>⊕</label><span class='marginnote'>A <i>note</i></span>",
            "word (A <i>note</i>) ",
        ),
        ("word<label class=margin-toggle>Words</label>", "wordWords"),
        ("word<aside class=sidenote>The note.</aside>", "word<div>The note.</div>"),
    ],
)
def test_a_note_in_the_margin_stands_in_brackets(note: str, read: str) -> None:
    assert clean(f"<div>{note}</div>") == f"<div>{read}</div>"


@pytest.mark.parametrize(
    "panel",
    [
        "<a href='#n'>1</a><aside hidden id=n>note</aside>",
        "<a href='#n'>1</a><div style='display:none'><p id=n>note</p></div>",
        "<button popovertarget=n>1</button><div popover id=n>note</div>",
        "<button commandfor=n command=show-modal>1</button><dialog id=n>note</dialog>",
        "<dialog open>note</dialog>",
        "<div hidden=until-found>note</div>",
    ],
)
def test_what_a_link_or_a_button_of_the_post_opens_is_there(panel: str) -> None:
    assert "note" in clean(f"<p>Dear all.</p>{panel}", PREFIX)


@pytest.mark.parametrize(
    "hidden",
    [
        "<dialog>draft</dialog>",
        "<div popover>draft</div>",
        "<a href='#n'>1</a><a id=n hidden></a><p hidden>draft</p>",
        "<div style='overflow:hidden;height:1px'>draft</div>",
        "<b style='position:absolute;clip-path:inset(50%)'>draft</b>",
    ],
)
def test_what_nothing_opens_stays_hidden(hidden: str) -> None:
    html = clean(f"<p>Dear all.</p>{hidden}<p>Yours</p>", PREFIX)
    assert "draft" not in html
    assert "Yours" in html


def test_a_narrow_cell_is_not_hidden() -> None:
    html = clean("<table><tr><td style='width:1px;overflow:hidden'>word</td></tr></table>")
    assert "word" in html


@pytest.mark.parametrize(
    ("image", "text"),
    [
        ("<img src='/wp-includes/images/smilies/icon_wink.gif' alt=';-)'>", ";-)"),
        ("<img class=smilies src='/x.gif' alt=':)'>", ":)"),
        ("<img class='c-emoji' src='/x.png' alt=':tada:'>", ":tada:"),
        ("<img src='https://twemoji.maxcdn.com/v/latest/72x72/1f600.png' alt='😀'>", "😀"),
        ("<img src='https://static.example/images/emoji.php/v9/1f600.png' alt='😀' width=16 height=16>", "😀"),
        ("<img goomoji=1f600 src='https://mail.google.com/mail/e/1f600' alt='😀'>", "😀"),
        ("<img class=smiley src='/smile.gif' title=':-)'>", ":-)"),
        ("<img class=emoji src='https://s.w.org/images/core/emoji/14/72x72/1f468-200d-1f4bb.png'>", "👨‍💻"),
        ("<img src='/me.png' alt='🐈' width=20 height=20>", "🐈"),
        ("<img src='/cat.jpg' alt='🐈' width=600 height=400>", None),
        ("<img src='/emoji/cat.jpg' alt='Our cat'>", None),
    ],
)
def test_a_smiley_of_any_program_is_text(image: str, text: str | None) -> None:
    html = clean(f"<p>Hi {image}</p>")
    assert ("<img" in html) if text is None else (html == f"<p>Hi {text}</p>")
