"""Formulas of which no MathML is left: as programs drew them, or with their source in an attribute."""

from __future__ import annotations

import pytest

from tests.ingest.test_shown import clean

GLYPHS = {
    "1": "31",
    "2": "32",
    "3": "33",
    "0": "30",
    "x": "1D465",
    "n": "1D45B",
    "k": "1D458",
    "√": "221A",
    "∑": "2211",
}


def spelled(element: str, text: str) -> str:
    """A part of a formula among MathJax's elements."""
    glyphs = "".join(f"<mjx-c class='mjx-c{GLYPHS[each]} TEX-I'></mjx-c>" for each in text)
    return f"<mjx-{element} class='mjx-n'>{glyphs}</mjx-{element}>"


def drawn(element: str, text: str, transform: str = "") -> str:
    """The same in a drawing of MathJax's."""
    paths = "".join(f"<use data-c='{GLYPHS[each]}' xlink:href='#g'></use>" for each in text)
    return f"<g data-mml-node='{element}' transform='{transform}'>{paths}</g>"


def container(inner: str) -> str:
    return f"<mjx-container class='MathJax' jax='CHTML'><mjx-math class='MJX-TEX'>{inner}</mjx-math></mjx-container>"


def drawing(inner: str) -> str:
    node = f"<g stroke='currentColor'><g data-mml-node='math'>{inner}</g></g>"
    return f"<mjx-container class='MathJax' jax='SVG'><svg role='img'>{node}</svg></mjx-container>"


def fraction(above: str, below: str, line: str) -> str:
    above, below = f"<mjx-num>{spelled('mn', above)}</mjx-num>", f"<mjx-den>{spelled('mn', below)}</mjx-den>"
    rows = f"<mjx-dbox><mjx-dtable>{line}<mjx-row>{below}</mjx-row></mjx-dtable></mjx-dbox>"
    return f"<mjx-mfrac><mjx-frac>{above}{rows}</mjx-frac></mjx-mfrac>"


def script(below: str, above: str) -> str:
    spacer = "<mjx-spacer></mjx-spacer>" if below and above else ""
    parts = (spelled("mn", above) if above else "") + spacer + (spelled("mn", below) if below else "")
    return f"<mjx-script>{parts}</mjx-script>"


SURD = f"<mjx-surd>{spelled('mo', '√')}</mjx-surd>"
LINE = "<mjx-line></mjx-line>"
LIMITS = (
    f"<mjx-munderover><mjx-over>{spelled('mi', 'n')}</mjx-over><mjx-box><mjx-munder>"
    f"<mjx-row><mjx-base>{spelled('mo', '∑')}</mjx-base></mjx-row>"
    f"<mjx-row><mjx-under>{spelled('mn', '0')}</mjx-under></mjx-row></mjx-munder></mjx-box></mjx-munderover>"
)


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (container(fraction("3", "1", LINE)), "(3)/(1)"),
        (container(fraction("n", "k", "")), "(n choose k)"),
        (container(f"<mjx-msup>{spelled('mn', '10')}{script('', '3')}</mjx-msup>"), "10^3"),
        (container(f"<mjx-msubsup>{spelled('mi', 'x')}{script('1', '2')}</mjx-msubsup>"), "x_1^2"),
        (
            container(f"<mjx-msqrt><mjx-sqrt>{SURD}<mjx-box>{spelled('mi', 'x')}</mjx-box></mjx-sqrt></mjx-msqrt>"),
            "√(x)",
        ),
        (
            container(
                f"<mjx-mroot><mjx-root>{spelled('mn', '3')}</mjx-root><mjx-sqrt>{SURD}"
                f"<mjx-box>{spelled('mn', '2')}</mjx-box></mjx-sqrt></mjx-mroot>"
            ),
            "√[3](2)",
        ),
        (container(LIMITS), "∑_0^n"),
        (drawing(f"<g data-mml-node='mfrac'>{drawn('mn', '3')}{drawn('mn', '1')}<rect></rect></g>"), "(3)/(1)"),
        (drawing(f"<g data-mml-node='mfrac'>{drawn('mi', 'n')}{drawn('mi', 'k')}</g>"), "(n choose k)"),
        (drawing(f"<g data-mml-node='msubsup'>{drawn('mi', 'x')}{drawn('mn', '2')}{drawn('mn', '1')}</g>"), "x_1^2"),
        (
            drawing(
                f"<g data-mml-node='munderover'>{drawn('mo', '∑')}{drawn('mn', '0', 'translate(5,-9)')}"
                f"{drawn('mi', 'n', 'translate(5,9)')}</g>"
            ),
            "∑_0^n",
        ),
        (
            drawing(f"<g data-mml-node='mroot'><g>{drawn('mn', '2')}</g>{drawn('mn', '3')}{drawn('mo', '√')}</g>"),
            "√[3](2)",
        ),
        (drawing("<g data-mml-node='mtext'><text>if</text></g>"), "if"),
        ("<mjx-container jax='CHTML' aria-label='x squared'><mjx-math></mjx-math></mjx-container>", "x squared"),
        (container("<mjx-mi data-latex='x^2'></mjx-mi>"), "<code>x^2</code>"),
    ],
)
def test_what_mathjax_drew_is_read_from_its_drawing(formula: str, text: str) -> None:
    assert clean(f"<p>Area {formula} here.</p>") == f"<p>Area {text} here.</p>"


def span(name: str, *inner: str) -> str:
    return f"<span class='{name}'>{''.join(inner)}</span>"


def pile(*things: str, is_lowered: bool = True) -> str:
    rows = "".join(f"<span style='top:-2em'><span class='pstrut'></span>{thing}</span>" for thing in things)
    return span("vlist-t vlist-t2" if is_lowered else "vlist-t", span("vlist-r", span("vlist", rows)))


def katex(*inner: str) -> str:
    return f"<span class='katex'><span class='katex-html' aria-hidden='true'>{''.join(inner)}</span></span>"


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (katex(span("mfrac", pile("1", span("frac-line"), "3"))), "(3)/(1)"),
        (katex(span("mfrac", pile("k", "n"))), "(n choose k)"),
        (
            katex(span("mord", "1"), span("mord", span("mord", "0"), span("msupsub", pile("6", is_lowered=False)))),
            "10^6",
        ),
        (katex(span("mord", span("mord", "x"), span("msupsub", pile("1", "2")))), "x_1^2"),
        (katex(span("mord", span("mord", "x"), span("msupsub", pile("1")))), "x_1"),
        (katex(span("mord sqrt", span("root", pile("3")), pile("2", span("hide-tail")))), "√[3](2)"),
        (katex(span("mop op-limits", pile("0", "∑", "n"))), "∑_0^n"),
        (
            katex(span("mtable", span("col-align-c", pile("3", "1")), span("col-align-c", pile("4", "2")))),
            "[3, 4; 1, 2]",
        ),
        (
            (
                "<span class='katex'><span class='katex-mathml'>31\\frac{3}{1}</span>"
                "<span class='katex-html' aria-hidden='true'>13</span></span>"
            ),
            "<code>\\frac{3}{1}</code>",
        ),
        (
            "<span class='katex'><span class='katex-mathml'>xx̂\\sin x</span><span class='katex-html'>y</span></span>",
            "<code>xx̂\\sin x</code>",
        ),
    ],
)
def test_what_katex_drew_is_read_from_its_spans(formula: str, text: str) -> None:
    assert clean(f"<p>Area {formula} here.</p>") == f"<p>Area {text} here.</p>"


SUBSTACK = '{"persistentExpression":"\\\\frac{3}{1}","id":"A"}'.replace('"', "&quot;")


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (f'<div class="latex-rendered" data-attrs="{SUBSTACK}"></div>', "<code>\\frac{3}{1}</code>"),
        ('<div class="latex-rendered" data-attrs="{&quot;persistentExpression&quot;:1}"></div>', "<div></div>"),
        ("<span class='math' data-tex='x^2'></span>", "<code>x^2</code>"),
        ("<span data-latex='x^2'>x2</span>", "<code>x^2</code>"),
        ("<p data-latex='true'>word</p>", "<p>word</p>"),
        ("<div data-tex='x'>A whole paragraph that isn't the formula at all.</div>", None),
        ("<script type='math/tex'>% <![CDATA[\na < b %]]></script>", "<code>a &lt; b</code>"),
        ("<script type='math/mml'><math><mfrac><mn>3</mn><mn>1</mn></mfrac></math></script>", "(3)/(1)"),
        (
            (
                "<span style='display:none' class='mwe-math-mathml-a11y'><math><mi>x</mi>"
                "<annotation encoding='application/x-tex'>x_1</annotation></math></span>"
                "<img src='/f.svg' class='mwe-math-fallback-image-inline' aria-hidden='true' alt='x_1'>"
            ),
            "<code>x_1</code>",
        ),
        ("<math><apply><divide/><cn>3</cn><cn>1</cn></apply></math>", "divide(3, 1)"),
        ("<math><menclose notation='radical'><mn>2</mn></menclose></math>", "√(2)"),
        ("2<math><mn>3</mn></math>4", "2 3 4"),
    ],
)
def test_a_source_in_an_attribute_or_a_script_is_the_formula(formula: str, text: str | None) -> None:
    html = clean(f"<div>Area {formula} here.</div>")
    expected = "<div>A whole paragraph that isn't the formula at all.</div>" if text is None else text
    assert html == f"<div>Area {expected} here.</div>"


def test_a_drawing_that_cannot_be_read_shows_nothing_of_its_markup() -> None:
    html = clean("<p>Area <svg data-mml-node='math'><g data-mml-node='math'><rect></rect></g></svg> here.</p>")
    assert html == "<p>Area  here.</p>"


def test_a_source_has_no_characters_that_no_database_takes() -> None:
    attributes = r'{"persistentExpression":"a\ud800\u0000^2"}'
    html = clean(f"<div class='latex-rendered' data-attrs='{attributes}'></div>")
    assert html == "<code>a^2</code>"
