"""A logo is told by its bytes: its kind, its size, and that it is one."""

from __future__ import annotations

import pytest

from aggregator.own.logo import BadLogo, logo_of
from tests.own.pictures import jpeg, png, svg, webp


@pytest.mark.parametrize(
    ("content", "kind", "suffix"),
    [
        (png(40, 20), "image/png", "png"),
        (jpeg(40, 20), "image/jpeg", "jpg"),
        *((webp(40, 20, kind), "image/webp", "webp") for kind in (b"VP8 ", b"VP8L", b"VP8X")),
        (svg(), "image/svg+xml", "svg"),
        (svg('width="40px" height="20"'), "image/svg+xml", "svg"),
        (svg('width="100%" height="auto" viewBox="-5,-5 40.2 19.8"'), "image/svg+xml", "svg"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- of ours -->\n" + svg(), "image/svg+xml", "svg"),
        (('<?xml version="1.0" encoding="UTF-16"?>' + svg().decode()).encode("utf-16"), "image/svg+xml", "svg"),
    ],
)
def test_its_kind_and_size_are_in_its_bytes(content: bytes, kind: str, suffix: str) -> None:
    logo = logo_of(content)
    assert (logo.kind, logo.name.rpartition(".")[2], logo.width, logo.height) == (kind, suffix, 40, 20)


def test_another_picture_has_another_name_and_the_same_one_the_same() -> None:
    assert logo_of(png(2, 2)).name == logo_of(png(2, 2)).name != logo_of(png(2, 3)).name


@pytest.mark.parametrize(("size", "is_wide"), [((40, 20), True), ((39, 20), False), ((21, 20), False)])
def test_its_shape_tells_whether_it_stands_for_the_name(size: tuple[int, int], is_wide: bool) -> None:
    assert logo_of(png(*size)).is_wide == is_wide


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "broken"),
        (b"GIF89a" + bytes(20), "a PNG, SVG, WebP or JPEG picture"),
        (b"<html><body>Not found</body></html>", "its first element must be <svg"),
        (b"<svg viewBox='0 0 4 4'/>", "its first element must be <svg xmlns="),
        (svg()[:-3], "broken"),
        (svg(""), "it needs a viewBox"),
        (svg('viewBox="0 0 0 9"'), "it needs a viewBox"),
        (svg('width="4em" height="2em"'), "it needs a viewBox"),
        (png(4, 4)[:20], "cut off"),
        (jpeg(4, 4)[:30], "cut off"),
        (b"\xff\xd8\xff\xe0\x00\x04ab" + bytes(40), "damaged"),
        (b"\xff\xd8\xff\xe0\x00\x00" + bytes(40), "damaged"),
        (webp(4, 4, b"VP8X")[:25], "cut off"),
        (webp(4, 4, b"ICCP"), "a PNG, SVG, WebP or JPEG picture"),
        (png(4097, 1), "at most 4096 pixels"),
        (png(0, 1), "at most 4096 pixels"),
        (
            b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">'
            + b"".join(
                b'<!ENTITY a%d "%s">' % (n, b"&a%s;" % (b"" if not n else b"%d" % (n - 1)) * 40) for n in range(9)
            )
            + b']><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4">&a8;</svg>',
            "broken",
        ),
    ],
    ids=lambda value: repr(value)[:30],
)
@pytest.mark.processor_seconds(5)
def test_what_is_none_is_refused_with_what_it_must_be(content: bytes, said: str) -> None:
    with pytest.raises(BadLogo, match=said):
        logo_of(content)


def test_an_svg_of_a_drawing_program_may_declare_entities() -> None:
    content = (
        b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" '
        b'[<!ENTITY ns "http://www.w3.org/2000/svg">]><svg xmlns="&ns;" viewBox="0 0 9 9"/>'
    )
    assert logo_of(content).width == 9
