"""Text in an encoding that nobody names: what is read right, and what stays windows-1252 because it could be that."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from aggregator.ingest.decode import decode

OTHER_SCRIPTS = {
    "Japanese": ("春の川べりを歩きました。橋の工事は来月までかかるそうです。", "shift_jis cp932 euc_jp"),
    "Chinese": ("今天早上我们去了河边，桥还没有修好。下个月再来看看。", "gb2312 gbk gb18030"),
    "Chinese in Taiwan": ("今天早上我們去了河邊，橋還沒有修好。下個月再來看看。", "big5"),
    "Korean": ("오늘 아침에 강가를 걸었습니다. 다리 공사는 다음 달까지 걸린다고 합니다.", "euc_kr cp949"),
    "Russian": (
        "Сегодня утром мы гуляли у реки. Мост ещё не починили, придём через месяц.",
        "koi8_r cp1251 iso8859_5 cp866",
    ),
    "Ukrainian": ("Сьогодні вранці ми гуляли біля річки. Міст іще не полагодили.", "koi8_u cp1251"),
    "Bulgarian": ("Тази сутрин се разхождахме край реката. Мостът още не е поправен.", "cp1251"),
    "Greek": ("Σήμερα το πρωί περπατήσαμε δίπλα στο ποτάμι. Η γέφυρα δεν έχει επισκευαστεί.", "iso8859_7 cp1253"),
    "Hebrew": ("הבוקר הלכנו לאורך הנהר. הגשר עדיין לא תוקן, נחזור בחודש הבא.", "iso8859_8 cp1255"),
    "Arabic": ("مشينا هذا الصباح على ضفة النهر. لم يتم إصلاح الجسر بعد.", "iso8859_6 cp1256"),
    "Thai": ("เช้านี้เราเดินเล่นริมแม่น้ำ สะพานยังซ่อมไม่เสร็จ", "cp874"),
}
LATIN_SCRIPTS = {
    "Polish": (
        "Święto: rano spacerowaliśmy nad rzeką. Most wciąż nie jest naprawiony, wrócimy, żeby zobaczyć tę łódź.",
        "iso8859_2 cp1250",
    ),
    "Czech": (
        "Dnes ráno jsme se procházeli u řeky. Most ještě není opravený, přijdeme zase příští měsíc, až bude svátek.",
        "iso8859_2 cp1250",
    ),
    "Hungarian": (
        "Ma reggel a folyó mellett sétáltunk. A híd még nincs kész, jövő hónapban visszajövünk az őszi erdőbe.",
        "iso8859_2 cp1250",
    ),
    "Turkish": (
        "Bu sabah nehir kıyısında yürüdük. Köprü hâlâ onarılmadı, gelecek ay yine geleceğiz. Işık çok güzeldi.",
        "cp1254 iso8859_9",
    ),
}
WESTERN = (
    "Heute früh gingen wir am Fluß spazieren. Die Brücke ist noch nicht repariert – schöne Grüße aus Köln.",
    "Ce matin, nous avons marché le long de la rivière. Le pont n’est pas réparé ; à l’été prochain, c’est sûr.",
    "Esta mañana paseamos junto al río. El puente aún no está arreglado; ¿volveremos el próximo año?",
    "Hoje de manhã caminhámos junto ao rio. A ponte ainda não está reparada; voltaremos à região no verão, então.",
    "Stamattina abbiamo passeggiato lungo il fiume. Il ponte non è ancora riparato, perché la città è così.",
    "I morse gick vi längs ån. Bron är ännu inte lagad, så vi återkommer nästa månad för att se på båtarna.",
    "Tänä aamuna kävelimme joen rannalla. Silta ei ole vielä valmis, näemme sen ensi kuussa.",
    "Í morgun gengum við með ánni. Brúin er ekki enn löguð, þetta er orðið gott.",
    "I dag gik vi langs åen. Broen er ikke færdig, og vi kommer igen på søndag, når vejret er blevet bedre.",
    "Vanochtend wandelden we langs de rivier. Hét café op de oever is dicht; ook de geïnteresseerde bakker.",
    "The café’s “résumé” was naïve — it cost £5, said the coöperative’s façade painter…",
)


def feed(text: str, declaration: str = "<?xml version='1.0'?>") -> str:
    return (
        f"{declaration}<rss><channel><title>Walks</title><item><description>{text}</description></item></channel></rss>"
    )


def cases(samples: dict[str, tuple[str, str]]) -> list[object]:
    return [
        pytest.param(text, encoding, id=f"{language}-{encoding}")
        for language, (text, encodings) in samples.items()
        for encoding in encodings.split()
    ]


def parts(text: str) -> Iterator[str]:
    """The text and what can stand alone in it: a title of two words, a sentence."""
    words = text.split()
    yield text
    for length in (2, 4, 8):
        for start in range(0, len(words), length):
            yield " ".join(words[start : start + length])


@pytest.mark.parametrize(("text", "encoding"), cases(OTHER_SCRIPTS | LATIN_SCRIPTS))
@pytest.mark.parametrize("declaration", ["", "<?xml version='1.0' encoding='utf-8'?>"], ids=["no label", "wrong label"])
def test_a_text_without_a_true_label_is_read_as_the_detector_says(text: str, encoding: str, declaration: str) -> None:
    body = feed(text, declaration).encode(encoding)
    assert f"<description>{text}</description>" in decode(body, "text/xml")


LATIN_1 = "<?xml version='1.0' encoding='iso-8859-1'?>"


@pytest.mark.parametrize(("text", "encoding"), cases(OTHER_SCRIPTS))
@pytest.mark.parametrize("content_type", ["text/xml; charset=us-ascii", "text/xml; charset=ISO-8859-1"])
def test_what_is_called_latin_1_by_default_is_read_as_the_detector_says(
    text: str, encoding: str, content_type: str
) -> None:
    assert f"<description>{text}</description>" in decode(feed(text, LATIN_1).encode(encoding), content_type)


@pytest.mark.parametrize("text", [*WESTERN, "££££££££££", "é" * 500, "ÄÖÜäöüß", "¡¿«»…"])
def test_what_is_latin_1_and_is_called_so_stays(text: str) -> None:
    read = [decode(feed(part, LATIN_1).encode("cp1252"), "") for part in parts(text)]
    assert [part for part, found in zip(parts(text), read, strict=True) if part not in found] == []


@pytest.mark.parametrize("text", WESTERN)
def test_western_text_is_never_taken_for_another(text: str) -> None:
    read = [decode(feed(part).encode("cp1252"), "") for part in parts(text)]
    assert [part for part, found in zip(parts(text), read, strict=True) if part not in found] == []


@pytest.mark.parametrize(
    "text", ["café", "naïve café, señor Muñoz", "Zażółć", "Привет", "日本", "¡¿«»…", "ÄÖÜäöüß", "££££££££££", "é" * 500]
)
def test_a_word_or_two_stay_windows_1252(text: str) -> None:
    encoding = next(each for each in ("cp1252", "iso8859_2", "koi8_r", "euc_jp") if can_be(text, each))
    body = feed(text).encode(encoding)
    assert body.decode("cp1252", "replace").removeprefix("<?xml version='1.0'?>") in decode(body, "")


def can_be(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


@pytest.mark.parametrize("encoding", ["koi8_r", "cp1251"])
def test_a_language_that_is_named_does_not_overrule_what_is_sure(encoding: str) -> None:
    text = OTHER_SCRIPTS["Russian"][0]
    assert text in decode(feed(f"<language>ru</language>{text}").encode(encoding), "")


def test_one_bad_byte_changes_nothing_else() -> None:
    text = OTHER_SCRIPTS["Japanese"][0]
    assert text in decode(feed(text).encode("shift_jis").replace(b"Walks", b"Wal\xffks"), "")


def test_a_label_is_believed_before_the_detector() -> None:
    text = OTHER_SCRIPTS["Russian"][0]
    body = feed(text).encode("koi8_r")
    assert body.decode("cp1251").partition("?>")[2] in decode(body, "text/xml; charset=windows-1251")


@pytest.mark.parametrize("piece", [b"\xc4\xe5", b"\xe9 ", b"<\x81", b"&\xff;", b"\xa4", b"ascii "])
def test_a_long_body_costs_little(piece: bytes) -> None:
    decode(b"<rss>\xe9\xe8" * 10, "")  # the first answer takes longer
    body = b"<rss>" + piece * (2**22 // len(piece)) + b"\xe9"
    began = time.process_time()
    decode(body, "")
    assert time.process_time() - began < 3


def test_the_detector_is_imported_only_for_text_that_needs_it() -> None:
    code = (
        "import sys\nfrom aggregator.ingest.decode import decode\nfrom aggregator.ingest import parse\n"
        "decode('<rss>Grüße</rss>'.encode(), ''), decode('<rss>Grüße</rss>'.encode('cp1252'), 'x; charset=latin1')\n"
        "print('chardet' in sys.modules)\n"
        "decode('<rss>Сегодня утром</rss>'.encode('koi8-r'), '')\nprint('chardet' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.split() == ["False", "True"]
