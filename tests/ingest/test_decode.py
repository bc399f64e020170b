"""Bytes become the text that was meant."""

from __future__ import annotations

import codecs
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.ingest.decode import decode
from aggregator.ingest.errors import EmptyBody

XML = "application/xml"
DECLARED = '<?xml version="1.0" encoding="utf-8"?>'


def feed(title: str, encoding: str = "", declared: str = "utf-8") -> bytes:
    return f'<?xml version="1.0" encoding="{declared}"?><t>{title}</t>'.encode(encoding or declared)


def title_of(text: str) -> str:
    return text.partition("<t>")[2].partition("</t>")[0]


@pytest.mark.parametrize("content_type", ["", XML, "text/xml; charset=iso-8859-1", 'text/xml; charset="windows-1251"'])
def test_valid_utf_8_wins_whatever_the_header_says(content_type: str) -> None:
    assert title_of(decode(feed("Q1 2026! 🎉 “leak”"), content_type)) == "Q1 2026! 🎉 “leak”"


def test_valid_utf_8_wins_whatever_the_declaration_says() -> None:
    assert title_of(decode(feed("Straße", "utf-8", declared="iso-8859-1"), XML)) == "Straße"


def test_two_bad_bytes_in_a_utf_8_feed_become_two_marks_and_nothing_else_changes() -> None:
    body = feed("Straße, naïve café, déjà vu: x").replace(b"x</t>", b"\xff x \xfe</t>")
    assert title_of(decode(body, XML)) == "Straße, naïve café, déjà vu: \ufffd x \ufffd"


def test_one_bad_byte_beside_one_emoji_keeps_the_emoji() -> None:
    assert title_of(decode(feed("🎉 x").replace(b"x", b"\xe9"), XML)) == "🎉 \ufffd"


def test_a_utf_8_feed_with_a_bad_byte_and_a_wrong_label_is_still_utf_8() -> None:
    body = feed("Straße, naïve café, déjà vu x", "utf-8", declared="iso-8859-1").replace(b" x<", b" \xff<")
    assert title_of(decode(body, "text/xml; charset=iso-8859-1")) == "Straße, naïve café, déjà vu \ufffd"


def test_windows_1252_labeled_as_utf_8_is_read_right() -> None:
    assert title_of(decode(feed("“Straße” – café", "cp1252", declared="utf-8"), f"{XML}; charset=utf-8")) == (
        "“Straße” – café"
    )


def test_a_latin_1_label_means_windows_1252() -> None:
    assert title_of(decode(feed("“quotes”", "cp1252", declared="iso-8859-1"), "")) == "“quotes”"


@pytest.mark.parametrize(
    ("title", "encoding", "label"),
    [
        ("Привет, мир", "cp1251", "windows-1251"),
        ("Привет, мир", "koi8-r", "KOI8-R"),
        ("Zażółć gęślą jaźń", "iso8859-2", "ISO-8859-2"),
        ("日本語のブログ", "shift_jis", "Shift_JIS"),
        ("日本語のブログ", "euc-jp", "EUC-JP"),
        ("简体中文博客", "gb18030", "gb2312"),
        ("한국어 블로그", "cp949", "euc-kr"),
        ("Καλημέρα", "iso8859-7", "iso-8859-7"),
    ],
)
def test_the_declared_charset_is_used_where_the_body_is_not_utf_8(title: str, encoding: str, label: str) -> None:
    assert title_of(decode(feed(title, encoding, declared=label), XML)) == title


def test_the_http_charset_comes_before_the_declaration() -> None:
    body = feed("Привет", "cp1251", declared="iso-8859-2")
    assert title_of(decode(body, "text/xml; charset=windows-1251")) == "Привет"


def test_a_declaration_helps_where_the_header_wrongly_says_utf_8() -> None:
    assert title_of(decode(feed("Привет", "cp1251", "windows-1251"), "text/xml; charset=utf-8")) == "Привет"


def test_a_declaration_helps_where_the_header_says_what_it_says_by_default() -> None:
    body = feed("Zażółć gęślą", "iso8859-2", "iso-8859-2")
    assert title_of(decode(body, "text/xml; charset=iso-8859-1")) == "Zażółć gęślą"


@pytest.mark.parametrize(
    ("title", "encoding", "language"),
    [("Zażółć gęślą jaźń", "iso8859-2", "pl"), ("İyi yıllar, güneş", "cp1254", "tr"), ("Šaltas žąsų", "cp1257", "lt")],
)
def test_a_language_that_latin_1_has_no_letters_for_isn_t_in_it(title: str, encoding: str, language: str) -> None:
    body = f'<?xml version="1.0" encoding="iso-8859-1"?><language>{language}</language><t>{title}</t>'.encode(encoding)
    assert title_of(decode(body, "text/xml; charset=iso-8859-1")) == title


@pytest.mark.parametrize(
    ("title", "encoding", "label"),
    [
        ("日本語のブログ", "cp932", "x-sjis"),
        ("日本語のブログ", "euc-jp", "x-euc-jp"),
        ("简体中文博客", "gbk", "x-gbk"),
        ("繁體中文部落格", "big5", "x-x-big5"),
        ("Привет, мир", "cp1251", "win-1251"),
        ("Привет, мир", "cp1251", "x-cp1251"),
        ("Привет, мир", "cp1251", "windows1251"),
        ("Größe", "mac-roman", "x-mac-roman"),
        ("简体中文博客", "hz", "hz-gb-2312"),
    ],
)
def test_encodings_have_names_of_many_kinds(title: str, encoding: str, label: str) -> None:
    assert title_of(decode(feed(title, encoding, declared=label), XML)) == title


@pytest.mark.parametrize(
    ("title", "encoding"),
    [("日本語のブログ", "iso-2022-jp"), ("ﾆﾎﾝ 日本", "iso-2022-jp-ext"), ("한국어 블로그", "iso-2022-kr")],
)
@pytest.mark.parametrize("label", ["utf-8", "us-ascii", "iso-8859-1"])
def test_what_is_written_with_escapes_needs_no_true_label(title: str, encoding: str, label: str) -> None:
    assert title_of(decode(feed(title, encoding, declared=label), XML)) == title


def test_an_escape_that_begins_no_known_encoding_is_dropped() -> None:
    assert title_of(decode(feed("a \x1b[1mbold\x1b[0m word"), XML)) == "a [1mbold[0m word"


@pytest.mark.parametrize("label", ["utf-8", "iso-8859-1"])
def test_an_emoji_in_two_halves_of_utf_8_is_one(label: str) -> None:
    halves = "\ud83c\udf89".encode("utf-8", "surrogatepass")
    body = feed("Straße x!", "utf-8", declared=label).replace(b"x", halves)
    assert title_of(decode(body, XML)) == "Straße 🎉!"


@pytest.mark.parametrize("halves", ["&#55356;&#57225;", "&#xD83C;&#xDF89;", "&#xd83c;&#57225;"])
def test_an_emoji_in_two_references_is_one(halves: str) -> None:
    assert title_of(decode(feed(f"One {halves} two &#55356; three"), XML)) == "One 🎉 two  three"


MIXED = [
    ("Größe und Äpfel für alle – „schön“", "cp1252", ""),
    ("L’été où j’ai été à l’école", "cp1252", ""),
    ("Café", "cp1252", ""),
    ("Zażółć gęślą jaźń", "iso8859-2", "<language>pl</language>"),
    ("Сегодня утром мы гуляли у реки", "cp1251", ""),
]


@pytest.mark.parametrize(("text", "encoding", "language"), MIXED)
def test_one_text_of_a_utf_8_feed_that_is_in_another_encoding_is_read(text: str, encoding: str, language: str) -> None:
    body = feed(f"{language}<x>Der Rest ist, wie er sein soll: größer, schöner, “überall” – Ätsch äöüß</x>@")
    read = decode(body.replace(b"@", b"<y>" + text.encode(encoding) + b"</y>"), XML)
    assert f"<y>{text}</y>" in read
    assert "<x>Der Rest ist, wie er sein soll: größer, schöner, “überall” – Ätsch äöüß</x>" in read


@pytest.mark.parametrize(
    "end", [b"it isn\xe2\x80", b"it isn\xe2...", b"caf\xc3", b"party \xf0\x9f\x8e", b"na\xc3 [...]"]
)
def test_a_text_that_was_cut_within_a_character_keeps_a_mark(end: bytes) -> None:
    body = feed("<x>Straße, naïve café, déjà vu, “schön”</x>@").replace(b"@", b"<y>" + end + b"</y>")
    assert "\ufffd" in decode(body, XML).partition("<y>")[2]


def test_a_body_of_nothing_but_torn_texts_costs_little() -> None:
    body = feed("äöüß" * 100_000).replace(b"</t>", b"<\xe9" * 200_000)
    began = time.process_time()
    assert decode(body, XML).endswith("<\ufffd")
    assert time.process_time() - began < 3


def test_iso_2022_japanese_is_not_taken_for_ascii() -> None:
    assert title_of(decode(feed("日本語", "iso-2022-jp", declared="iso-2022-jp"), XML)) == "日本語"


@pytest.mark.parametrize(
    "meta",
    ['<meta charset="windows-1251">', '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">'],
)
def test_the_meta_element_of_a_page_names_its_charset(meta: str) -> None:
    assert "Привет" in decode(f"<html><head>{meta}<title>Привет".encode("cp1251"), "text/html")


@pytest.mark.parametrize(
    "label",
    [
        "klingon",
        "zlib",
        "base64",
        "rot13",
        "hex",
        "unicode_escape",
        "raw_unicode_escape",
        "idna",
        "punycode",
        "undefined",
        "utf-7",
        "x" * 300,
        "..",
        "utf-8-sig",
        "utf-16",
    ],
)
def test_a_label_that_is_no_text_encoding_falls_back(label: str) -> None:
    assert title_of(decode(feed("café", "cp1252", declared=label), f"text/xml; charset={label}")) == "café"


def test_without_any_label_bytes_that_are_not_utf_8_are_windows_1252() -> None:
    assert decode("café “x”".encode("cp1252"), "") == "café “x”"


@pytest.mark.parametrize(
    ("title", "encoding", "language"),
    [
        ("Привет, мир", "cp1251", "<language>ru-RU</language>"),
        ("Καλημέρα κόσμε", "cp1253", "<dc:language>el</dc:language>"),
        ("Zażółć gęślą jaźń", "iso8859-2", "<language>pl</language>"),
        ("Zażółć gęślą jaźń", "cp1250", "<language>pl</language>"),
        ("İyi yıllar, güneş", "cp1254", '<feed xml:lang="tr">'),
        ("日本語のブログ", "euc_jp", '<feed xml:lang="ja">'),
        ("日本語のブログ", "cp932", '<feed xml:lang="ja">'),
        ("简体中文博客", "gb18030", "<language>zh-cn</language>"),
        ("한국어 블로그", "cp949", "<language>ko</language>"),
        ("café “x”", "cp1252", "<language>fr</language>"),
    ],
)
@pytest.mark.parametrize("declaration", ["", '<?xml version="1.0" encoding="utf-8"?>'])
def test_without_a_true_label_the_language_tells(declaration: str, title: str, encoding: str, language: str) -> None:
    body = f"{declaration}{language}<t>{title}</t>".encode(encoding)
    assert title_of(decode(body, "")) == title


def test_bytes_that_windows_1252_lacks_are_replaced() -> None:
    assert decode(b"caf\xe9 \x81!", "") == "café \ufffd!"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("declared", ["utf-8", "iso-8859-1", "utf-16"])
def test_a_byte_order_mark_wins_over_the_declaration(encoding: str, declared: str) -> None:
    assert (
        decode(feed("only ASCII", encoding, declared), "text/xml; charset=iso-8859-1") == f"{DECLARED}<t>only ASCII</t>"
    )


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
def test_both_byte_orders_are_read(mark: bytes, encoding: str) -> None:
    assert title_of(decode(mark + feed("日本 🎉", encoding), "")) == "日本 🎉"


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-16-le", "utf-32-be", "utf-32-le"])
@pytest.mark.parametrize("start", ["", "\n\n"])
def test_wide_encodings_are_recognized_without_a_mark(encoding: str, start: str) -> None:
    assert title_of(decode(start.encode(encoding) + feed("日本", encoding), "")) == "日本"


@pytest.mark.parametrize("encoding", ["cp037", "cp500", "cp1140"])
def test_mainframes_are_understood(encoding: str) -> None:
    assert (
        title_of(decode(f'<?xml version="1.0" encoding="{encoding}"?><t>Straße</t>'.encode(encoding), "")) == "Straße"
    )


def test_a_mainframe_that_names_an_unknown_code_page_is_read_as_the_usual_one() -> None:
    assert title_of(decode('<?xml version="1.0" encoding="klingon"?><t>x</t>'.encode("cp037"), "")) == "x"


def test_blank_lines_and_marks_before_the_declaration_go() -> None:
    assert decode(b"\xef\xbb\xbf\xef\xbb\xbf\n\n " + feed("x"), "") == f"{DECLARED}<t>x</t>"


@pytest.mark.parametrize(
    "declaration",
    ["<?xml version='1.0' encoding='ISO-8859-15' standalone='yes' ?>", '<?xml version="1.1"?>', "<?xml encoding=x >"],
)
def test_the_declaration_says_utf_8_afterwards(declaration: str) -> None:
    assert decode(f"{declaration}<t>x</t>".encode(), "") == f"{DECLARED}<t>x</t>"


def test_a_stylesheet_instruction_is_not_taken_for_a_declaration() -> None:
    text = '<?xml-stylesheet href="style.xsl"?><t/>'
    assert decode(text.encode(), "") == text


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x0b", "\x0c", "\x1f", "\ufffe", "\uffff"])
def test_characters_that_xml_forbids_are_dropped(character: str) -> None:
    assert title_of(decode(feed(f"a{character}b"), "")) == "ab"


def test_lone_surrogates_do_not_come_through() -> None:
    text = decode(feed("x").replace(b"x", "a\ud800b".encode("utf-8", "surrogatepass")), "")
    text.encode("utf-8")


def test_tabs_and_line_breaks_stay() -> None:
    assert title_of(decode(feed("a\tb\nc\r\nd"), "")) == "a\tb\nc\r\nd"


@pytest.mark.parametrize(
    "reference",
    [
        "&#0;",
        "&#x0;",
        "&#11;",
        "&#xB;",
        "&#xd800;",
        "&#xDFFF;",
        "&#55296;",
        "&#xfffe;",
        "&#x110000;",
        "&#1114112;",
        "&#99999999999999;",
        f"&#{'9' * 6000};",
        f"&#x{'f' * 6000};",
        "&#000000000;",
    ],
)
def test_references_to_impossible_characters_are_dropped(reference: str) -> None:
    assert title_of(decode(feed(f"a{reference}b"), "")) == "ab"


@pytest.mark.parametrize("reference", ["&#9;", "&#233;", "&#xE9;", "&#x1F389;", "&#x10FFFF;", "&#00000000000233;"])
def test_references_to_possible_characters_stay_as_written(reference: str) -> None:
    assert title_of(decode(feed(reference), "")) == reference


@pytest.mark.parametrize("text", ["a&#55&#0;296;b", "a&#x&#x0;d800;b", "a&#&#0;&#0;0;b"])
def test_dropping_a_reference_uncovers_no_other(text: str) -> None:
    decoded = title_of(decode(feed(text), ""))
    assert "&#55296;" not in decoded
    assert "&#xd800;" not in decoded
    assert "&#0;" not in decoded


@pytest.mark.parametrize(
    "body", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00\x00\x00", b"\n\xef\xbb\xbf\n", b"&#0;"]
)
def test_nothing_but_white_space_is_an_empty_body(body: bytes) -> None:
    with pytest.raises(EmptyBody):
        decode(body, XML)


@given(st.binary(max_size=200), st.sampled_from(["", "text/xml; charset=utf-16", "text/xml; charset=shift_jis"]))
def test_whatever_the_bytes_the_text_can_be_written_as_utf_8(body: bytes, content_type: str) -> None:
    try:
        text = decode(body, content_type)
    except EmptyBody:
        return
    assert "\x00" not in text
    text.encode("utf-8")


@given(st.text(min_size=3).filter(lambda text: not text.encode("utf-8", "ignore").isascii()))
def test_text_comes_back_from_utf_8(text: str) -> None:
    title = "".join(character for character in text if character.isprintable() and character not in "<>&")
    assert title_of(decode(feed(title), "text/xml; charset=big5")) == title
