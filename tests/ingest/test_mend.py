"""Damaged text comes out as its author wrote it; any other text stays as it is, byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.ingest.mend import mend, mend_html
from aggregator.ingest.misread import MISREADINGS, PERHAPS_CONSISTENT

SENTENCES = {
    "German": "Schöne Grüße aus der Straße der Bären – „überall“ fließt Öl",
    "French": "Déjà l’été : à Orléans, un cœur naïf goûte “une crème brûlée”…",
    "Spanish": "¿Mañana será otro día? ¡Qué lío más pequeño, señora Núñez!",
    "Portuguese": "São Paulo não é só trânsito: há também canções e pão de açúcar",
    "Italian": "Perché la città è così? Più caffè, però, e un po’ di libertà",
    "Swedish": "Björn Åkesson frågar om älgar, örnar och gåsen på sjön",
    "Danish": "Søren spiser blåbærgrød på øen Ærø, når året går på hæld",
    "Polish": "Zażółć gęślą jaźń, a źdźbło trawy śpi w środę późną nocą",
    "Czech": "Příliš žluťoučký kůň pěl ďábelské ódy o řece Vltavě",
    "Hungarian": "Árvíztűrő tükörfúrógép és őszi szőlő a kertünkből",
    "Romanian": "Țara aceasta știe să păstreze liniștea pădurii și a câmpului",
    "Turkish": "Şişli’de yağmur yağıyor, çocuklar İstanbul’da üzüm yiyor",
    "Latvian": "Ķirbis un šķēle: šodien ļoti ātri jāēd āboli ar ķiršiem",
    "Vietnamese": "Tiếng Việt có nhiều dấu, và người Hà Nội rất thích cà phê",
    "Greek": "Καλημέρα κόσμε: σήμερα γράφουμε για το πρώτο μας βιβλίο",
    "Russian": "Привет, мир! Сегодня мы пишем о первой большой программе",
    "Ukrainian": "Їжак і ґава п’ють каву, є ще й пиріг із цибулею",
    "Hebrew": "שלום עולם, היום נכתוב על ספר חדש",
    "Arabic": "مرحبا بالعالم، نكتب اليوم عن كتاب جديد",
    "Hindi": "नमस्ते दुनिया, आज हम एक नई किताब पर लिखते हैं",
    "Thai": "สวัสดีชาวโลก วันนี้เราเขียนเรื่องหนังสือ",
    "Chinese": "你好，世界：今天我们写一篇关于春天的文章",
    "Japanese": "こんにちは世界、今日は「新しい本」について書きます",
    "Korean": "안녕하세요 세계, 오늘은 새 책에 대해 씁니다",
    "English": "It’s 20 °C – “naïve” me had a façade of a résumé… 🎉 © 2026",
}
CODECS = ("latin-1", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "iso8859-2", "mac-roman", "cp437")

sentences = pytest.mark.parametrize("sentence", SENTENCES.values(), ids=SENTENCES)
codecs = pytest.mark.parametrize("codec", CODECS)
words = st.sampled_from(sorted({word for sentence in SENTENCES.values() for word in sentence.split()}))


def damaged(text: str, codec: str) -> str:
    """The text's UTF-8 read as `codec`; bytes that it leaves undefined as windows-1252, or else as controls."""
    own = bytes(range(256)).decode(codec, "ignore")
    return "".join(_read(bytes([byte]), codec, own) for byte in text.encode())


def _read(byte: bytes, codec: str, own: str) -> str:
    foreign = byte.decode("cp1252", "ignore")
    return byte.decode(codec, "ignore") or (foreign if foreign not in own else "") or byte.decode("latin-1")


@sentences
def test_what_is_right_stays(sentence: str) -> None:
    assert mend(sentence) == sentence
    assert mend_html(f"<p>{sentence}</p>") == f"<p>{sentence}</p>"


@codecs
@sentences
def test_what_one_codec_damaged_comes_back(sentence: str, codec: str) -> None:
    assert mend(damaged(sentence, codec)) == sentence


@pytest.mark.parametrize("codec", ["latin-1", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "mac-roman"])
def test_what_was_damaged_twice_comes_back(codec: str) -> None:
    sentence = SENTENCES["German"]
    assert mend(damaged(damaged(sentence, codec), "cp1252")) == sentence


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Q1 2026! πŸŽ‰", "Q1 2026! 🎉"),
        ("memory β€œleak”", "memory “leak”"),
        ("StraÃŸe", "Straße"),
        ("Stra\u00c3\u009fe", "Straße"),
        ("cafΓ©", "café"),
        ("JosÃ© NÃºÃ±ez", "José Núñez"),
        ("Su\u00cc\u02c6d", "Su\u0308d"),
        ("donâ€™t", "don’t"),
        ("Ã–sterreich", "Österreich"),
        ("© 2026 – Viá»‡t Nam", "© 2026 – Việt Nam"),
        ("Â© 2026 Jane", "© 2026 Jane"),
    ],
)
def test_one_damaged_place_is_enough(text: str, written: str) -> None:
    assert mend(text) == written


def test_a_character_that_lost_a_byte_is_marked_and_the_others_come_back() -> None:
    assert mend("StraÃŸe â€\ufffd Ã¼ber \ufffd") == "Straße \ufffd über \ufffd"


@pytest.mark.parametrize(
    "text",
    [
        "Ã© is what é becomes, and nobody ever finds out on which of the many servers it happened",
        "Why do I see â€™ in my text?",
        "Why “â€™” appears where an apostrophe should be",
        "The bytes (Ã©) on my screen",
        "How UTF-8 became StraÃŸe",
        "Mojibake: GrÃ¼ÃŸe",
    ],
)
def test_a_text_about_damage_stays(text: str) -> None:
    assert mend(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "SÃO PAULO",
            "MAÇÃ",
            "Ã la carte",
            "Ã",
            "Â",
            "IRMÃ…",
            "Wie groß…",
            "„Spaß“",
            "“Liberté…”",
            "«Ya está»…",
            "LIBERTÉ™",
        ),
        *(
            "COSÌ…",
            "Two Å’s in Swedish",
            "The letter “Ñ”",
            "CAFÉ’S",
            "kΩ ±5 %",
            "Δ² of Γ’",
            "5 × 3² – 1°",
            "π ≈ 3",
            "в…",
        ),
        *("J’ai dit « à »…", "“Äpfel”", "l’été", "‘Été’", "naïve", "🎉", "“”…’‘", "ÀÉÎÕÜ", "ßßß", "Ã£", "½Ã±"),
    ],
)
def test_what_can_be_spelling_or_typography_stays(text: str) -> None:
    assert mend(text) == text


def test_one_letter_that_is_right_says_that_the_rest_is_meant() -> None:
    assert mend("André about StraÃŸe") == "André about StraÃŸe"


# HTML


def test_references_are_mended_like_characters() -> None:
    assert mend_html("Q1 2026! &#960;&#376;&#381;&#8240;") == "Q1 2026! 🎉"
    assert mend_html("<i>Stra&Atilde;&#x178;e</i> &lt;b&gt;") == "<i>Straße</i> &lt;b&gt;"


def test_tags_and_addresses_stay_as_they_are() -> None:
    start = '<a href="/StraÃŸe?a=1&amp;b" title="StraÃŸe > x">'
    address = "https://blog.example/StraÃŸe"
    assert mend_html(f"{start}StraÃŸe</a> {address}") == f"{start}Straße</a> {address}"


def test_code_stays_as_it_is() -> None:
    source = "<p>StraÃŸe <CODE class=x>Ã© <b>Ã¼x</b></CODE > GrÃ¼n</p>"
    assert mend_html(source) == "<p>Straße <CODE class=x>Ã© <b>Ã¼x</b></CODE > Grün</p>"


def test_code_alone_mends_nothing() -> None:
    source = "<p>Look:</p><pre>StraÃŸe</pre>"
    assert mend_html(source) == source


def test_one_accent_that_is_right_anywhere_keeps_the_whole_content() -> None:
    source = "<p>StraÃŸe</p><p>café</p>"
    assert mend_html(source) == source


def test_what_isn_t_damaged_keeps_its_references() -> None:
    assert (
        mend_html("<p>5&nbsp;&euro; &amp; 3&deg;</p><p>StraÃŸe</p>") == "<p>5&nbsp;&euro; &amp; 3&deg;</p><p>Straße</p>"
    )


def test_mending_makes_no_markup() -> None:
    source = "<p>StraÃŸe &lt;script&gt; &#60;b&#62; Ã¼ber</p>"
    assert mend_html(source) == "<p>Straße &lt;script&gt; &#60;b&#62; über</p>"


@given(st.text(alphabet="<>;/\"'= abÃŸ¼#xâ€™\ufffd", max_size=60))
def test_mending_adds_no_ascii(source: str) -> None:
    before, after = ("".join(filter(str.isascii, text)) for text in (source, mend_html(source)))
    assert before == after


def test_a_large_content_of_torn_tags_is_read_in_one_pass() -> None:
    source = "StraÃŸe" + "<a title='" * 50_000 + "<pre>" * 50_000
    assert mend_html(source).startswith("Straße<a title='")


# Right text


words_as_typed = st.builds(
    lambda word, case, frame: frame.replace("_", case(word)),
    words,
    st.sampled_from([str, str.upper, str.lower, str.title]),
    st.sampled_from(
        ["_", "_…", "“_”", "„_“", "«_»", "‘_’", "(_)", "_™", "_’s", "_–", "—_", "_»", "_, ", "_· ", "_°", "_®"]
    ),
)


@given(st.lists(words_as_typed, min_size=1, max_size=8).map(" ".join))
def test_right_words_of_any_languages_stay_however_they_are_typeset(text: str) -> None:
    assert mend(text) == text


@given(st.text(alphabet=st.characters(min_codepoint=0xA0, max_codepoint=0x24F, exclude_categories=["Cc"])))
def test_a_text_changes_to_what_it_is_the_damage_of_or_not_at_all(text: str) -> None:
    mended = mend(text)
    assert mended == text or len(mended) < len(text)


readings = st.sampled_from(sorted({reading for codec in MISREADINGS for each in codec.readings for reading in each}))
texts_of_readings = st.lists(readings | st.sampled_from("ab 1\ufffd-—é字")).map("".join)
damaged_texts = st.builds(damaged, st.text(st.sampled_from("aé —ß日🎉ж½")), st.sampled_from(CODECS))


@given(st.one_of(texts_of_readings, damaged_texts, st.builds("{}{}".format, damaged_texts, texts_of_readings)))
@example("├®")
def test_whatever_is_consistent_in_one_codec_can_be(text: str) -> None:
    """The quick look first never hides what the codecs' own would find."""
    if any(codec.consistent.fullmatch(text) for codec in MISREADINGS):
        assert PERHAPS_CONSISTENT.fullmatch(text)
