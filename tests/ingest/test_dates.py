"""What a feed's date means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.ingest.dates import is_believable, parse_date
from tests.examples import examples

NOW = datetime(2026, 6, 7, 12, 0, tzinfo=UTC)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-01-05T10:30:15Z", utc(2024, 1, 5, 10, 30, 15)),
        ("2024-01-05t10:30:15z", utc(2024, 1, 5, 10, 30, 15)),
        ("2024-01-05T10:30:15+02:00", utc(2024, 1, 5, 8, 30, 15)),
        ("2024-01-05T10:30:15+0200", utc(2024, 1, 5, 8, 30, 15)),
        ("2024-01-05T10:30:15-08", utc(2024, 1, 5, 18, 30, 15)),
        ("2024-01-05T10:30:15.123456789Z", utc(2024, 1, 5, 10, 30, 15)),
        ("2024-01-05T10:30:15,5Z", utc(2024, 1, 5, 10, 30, 15)),
        ("2024-01-05T10:30Z", utc(2024, 1, 5, 10, 30)),
        ("2024-01-05T10:30", utc(2024, 1, 5, 10, 30)),
        ("2024-01-05 10:30:15", utc(2024, 1, 5, 10, 30, 15)),
        ("2024-01-05 10:30:15 +0000 UTC", utc(2024, 1, 5, 10, 30, 15)),
        ("2024-01-05 10:30:15 CET", utc(2024, 1, 5, 9, 30, 15)),
        ("2024-01-05T10:30:15+01:00[Europe/Berlin]", utc(2024, 1, 5, 9, 30, 15)),
        ("2024-01-05T10:30:15-05:00Z", utc(2024, 1, 5, 15, 30, 15)),
        ("2024-01-05", utc(2024, 1, 5)),
        ("2024-01-05Z", utc(2024, 1, 5)),
        ("2024-01-05T24:00:00Z", utc(2024, 1, 6)),
        ("2016-12-31T23:59:60Z", utc(2016, 12, 31, 23, 59, 59)),
        ("2016/6/29", utc(2016, 6, 29)),
        ("20240105", utc(2024, 1, 5)),
        ("20240105T103015Z", utc(2024, 1, 5, 10, 30, 15)),
        ("20240105103015", utc(2024, 1, 5, 10, 30, 15)),
    ],
)
def test_iso_8601_and_its_near_misses_are_read(text: str, moment: datetime) -> None:
    assert parse_date(text, NOW) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Fri, 05 Jan 2024 10:30:15 GMT", utc(2024, 1, 5, 10, 30, 15)),
        ("Fri, 05 Jan 2024 10:30:15 +0200", utc(2024, 1, 5, 8, 30, 15)),
        ("Fri, 05 Jan 2024 10:30:15 +0200 (CEST)", utc(2024, 1, 5, 8, 30, 15)),
        ("Fri, 5 Jan 2024 10:30 UT", utc(2024, 1, 5, 10, 30)),
        ("5 Jan 2024 10:30:15 Z", utc(2024, 1, 5, 10, 30, 15)),
        ("Fri, 05 Jan 2024 10:30:15", utc(2024, 1, 5, 10, 30, 15)),
        ("05 Jan 2024 GMT", utc(2024, 1, 5)),
        ("Fri, 05 Jan 24 10:30:15 GMT", utc(2024, 1, 5, 10, 30, 15)),
        ("Fri,05 Jan 2024 10:30:15 GMT+2", utc(2024, 1, 5, 8, 30, 15)),
        ("Friday, 05-Jan-24 10:30:15 GMT", utc(2024, 1, 5, 10, 30, 15)),
        ("Fri Jan  5 10:30:15 2024", utc(2024, 1, 5, 10, 30, 15)),
        ("Fri Jan 5 10:30:15 CET 2024", utc(2024, 1, 5, 9, 30, 15)),
        ("Fri Jan 05 2024 10:30:15 GMT+0200 (CEST)", utc(2024, 1, 5, 8, 30, 15)),
        ("Thu, 05 Sept 2024 10:30:15 GMT", utc(2024, 9, 5, 10, 30, 15)),
        ("Sun, 05 Nov 98 10:30:15 GMT", utc(1998, 11, 5, 10, 30, 15)),
    ],
)
def test_mail_dates_and_asctime_are_read(text: str, moment: datetime) -> None:
    assert parse_date(text, NOW) == moment


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("UT", 0),
        ("GMT", 0),
        ("Z", 0),
        ("UTC", 0),
        ("EST", -5),
        ("EDT", -4),
        ("CST", -6),
        ("CDT", -5),
        ("MST", -7),
        ("MDT", -6),
        ("PST", -8),
        ("PDT", -7),
        ("CET", 1),
        ("CEST", 2),
        ("MEZ", 1),
        ("MESZ", 2),
        ("BST", 1),
        ("JST", 9),
    ],
)
def test_named_zones_are_honored(zone: str, hours: int) -> None:
    assert parse_date(f"Fri, 05 Jan 2024 10:30:00 {zone}", NOW) == utc(2024, 1, 5, 10, 30) - timedelta(hours=hours)


def test_an_unknown_zone_name_means_utc() -> None:
    assert parse_date("Fri, 05 Jan 2024 10:30:00 QQT", NOW) == utc(2024, 1, 5, 10, 30)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("January 5, 2024", utc(2024, 1, 5)),
        ("Jan. 5th, 2024 10:30 pm", utc(2024, 1, 5, 22, 30)),
        ("January 5, 2024 at 12:05 a.m.", utc(2024, 1, 5, 0, 5)),
        ("5 January 2024", utc(2024, 1, 5)),
        ("Montag, 5. Februar 2024", utc(2024, 2, 5)),
        ("5. März 2024, 10:30 Uhr", utc(2024, 3, 5, 10, 30)),
        ("5. Mrz. 2024 um 10:30", utc(2024, 3, 5, 10, 30)),
        ("Mi, 01 Mai 2024 10:30:00 +0200", utc(2024, 5, 1, 8, 30)),
        ("Do, 05 Dez 2024 10:30:00 +0100", utc(2024, 12, 5, 9, 30)),
        ("05.01.2024 10:30", utc(2024, 1, 5, 10, 30)),
        ("lundi 5 février 2024", utc(2024, 2, 5)),
        ("1er août 2024 à 10h30", utc(2024, 8, 1, 10, 30)),
        ("le 5 juillet 2024", utc(2024, 7, 5)),
        ("5 juin 2024", utc(2024, 6, 5)),
        ("05 déc. 2024", utc(2024, 12, 5)),
    ],
)
def test_month_names_in_english_german_and_french_are_read(text: str, moment: datetime) -> None:
    assert parse_date(text, NOW) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("qua, 12 fev 2020 10:00:00 -0300", utc(2020, 2, 12, 13)),
        ("sexta-feira, 5 de janeiro de 2024 às 10h30", utc(2024, 1, 5, 10, 30)),
        ("viernes, 5 de enero de 2024", utc(2024, 1, 5)),
        ("5 de enero del 2024, 10:30 a. m.", utc(2024, 1, 5, 10, 30)),
        ("jue, 05 sept 2024 10:30:00 +0200", utc(2024, 9, 5, 8, 30)),
        ("gio, 02 gen 2020 10:00:00 +0100", utc(2020, 1, 2, 9)),
        ("1° maggio 2024 alle ore 10.30", utc(2024, 5, 1, 10, 30)),
        ("vrijdag 5 mrt 2021 om 10:30", utc(2021, 3, 5, 10, 30)),
        ("śr, 09 paź 2019 10:00:00 +0200", utc(2019, 10, 9, 8)),
        ("9 października 2019 r., godz. 10:30", utc(2019, 10, 9, 10, 30)),
        ("fredag den 3 maj 2019 kl. 10.30", utc(2019, 5, 3, 10, 30)),
        ("3. marts 2019", utc(2019, 3, 3)),
        ("pe 5.1.2024 klo 10.30", utc(2024, 1, 5, 10, 30)),
        ("5. tammikuuta 2024", utc(2024, 1, 5)),
        ("pá, 05 čvc 2024 10:30:00 +0200", utc(2024, 7, 5, 8, 30)),
        ("5. května 2024", utc(2024, 5, 5)),
        ("пятница, 5 января 2024 г., 10:30", utc(2024, 1, 5, 10, 30)),
        ("Пт, 05 Июл 2024 10:30:00 +0300", utc(2024, 7, 5, 7, 30)),
        ("п'ятниця, 5 січня 2024 р.", utc(2024, 1, 5)),
        ("5 Ocak 2024 Cuma 10:30", utc(2024, 1, 5, 10, 30)),
        ("Παρ, 05 Ιούλ 2024 10:30:00 +0300", utc(2024, 7, 5, 7, 30)),
        ("5 Ιανουαρίου 2024", utc(2024, 1, 5)),
        ("5 Ιανουαρίου 2024 10:30 π.μ.", utc(2024, 1, 5, 10, 30)),
        ("5 Ιανουαρίου 2024 10:30 μ.μ.", utc(2024, 1, 5, 22, 30)),
        ("2024. január 5., péntek 10:30", utc(2024, 1, 5, 10, 30)),
        ("2024. szept. 05.", utc(2024, 9, 5)),
        ("2024. 01. 05.", utc(2024, 1, 5)),
        ("vineri, 5 ianuarie 2024", utc(2024, 1, 5)),
        ("tor. 5. des. 2024 kl. 10:30", utc(2024, 12, 5, 10, 30)),
    ],
)
def test_dates_in_other_languages_are_read(text: str, moment: datetime) -> None:
    assert parse_date(text, NOW) == moment


YEARS = {
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "es cut off": "ene feb mar abr may jun jul ago sept oct nov dic",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "pt cut off": "jan fev mar abr mai jun jul ago set out nov dez",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "it cut off": "gen feb mar apr mag giu lug ago set ott nov dic",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "nl cut off": "jan. feb. mrt. apr. mei jun. jul. aug. sep. okt. nov. dec.",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "pl cut off": "sty lut mar kwi maj cze lip sie wrz paź lis gru",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "da": "januar februar marts april maj juni juli august september oktober november december",
    "no": "januar februar mars april mai juni juli august september oktober november desember",
    "fi": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta "
    "marraskuuta joulukuuta",
    "fi cut off": "tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu",
    "cs": "ledna února března dubna května června července srpna září října listopadu prosince",
    "cs cut off": "led úno bře dub kvě čvn čvc srp zář říj lis pro",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "ru cut off": "янв фев мар апр май июн июл авг сен окт ноя дек",
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "uk cut off": "січ лют бер кві тра чер лип сер вер жов лис гру",
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "tr cut off": "Oca Şub Mar Nis May Haz Tem Ağu Eyl Eki Kas Ara",
    "el": "Ιανουαρίου Φεβρουαρίου Μαρτίου Απριλίου Μαΐου Ιουνίου Ιουλίου Αυγούστου Σεπτεμβρίου Οκτωβρίου Νοεμβρίου "
    "Δεκεμβρίου",
    "el cut off": "Ιαν Φεβ Μαρ Απρ Μαΐ Ιουν Ιουλ Αυγ Σεπ Οκτ Νοε Δεκ",
    "hu": "január február március április május június július augusztus szeptember október november december",
    "hu cut off": "jan. febr. márc. ápr. máj. jún. júl. aug. szept. okt. nov. dec.",
    "ro": "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    "ro cut off": "ian. feb. mar. apr. mai iun. iul. aug. sept. oct. nov. dec.",
    "sk": "januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra",
    "sl": "januarja februarja marca aprila maja junija julija avgusta septembra oktobra novembra decembra",
    "sr": "januar februar mart april maj jun jul avgust septembar oktobar novembar decembar",
    "sr in Cyrillic": "јануар фебруар март април мај јун јул август септембар октобар новембар децембар",
    "bg": "януари февруари март април май юни юли август септември октомври ноември декември",
    "be": "студзеня лютага сакавіка красавіка мая чэрвеня ліпеня жніўня верасня кастрычніка лістапада снежня",
    "ca": "gener febrer març abril maig juny juliol agost setembre octubre novembre desembre",
    "gl": "xaneiro febreiro marzo abril maio xuño xullo agosto setembro outubro novembro decembro",
    "eu": "urtarrilaren otsailaren martxoaren apirilaren maiatzaren ekainaren uztailaren abuztuaren irailaren urriaren "
    "azaroaren abenduaren",
    "lt": "sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio lapkričio gruodžio",
    "lv": "janvārī februārī martā aprīlī maijā jūnijā jūlijā augustā septembrī oktobrī novembrī decembrī",
    "et": "jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember",
    "is": "janúar febrúar mars apríl maí júní júlí ágúst september október nóvember desember",
    "ga": "Eanáir Feabhra Márta Aibreán Bealtaine Meitheamh Iúil Lúnasa Meán Deireadh Samhain Nollaig",
    "cy": "Ionawr Chwefror Mawrth Ebrill Mai Mehefin Gorffennaf Awst Medi Hydref Tachwedd Rhagfyr",
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "ms": "Januari Februari Mac April Mei Jun Julai Ogos September Oktober November Disember",
    "eo": "januaro februaro marto aprilo majo junio julio aŭgusto septembro oktobro novembro decembro",
    "af": "Januarie Februarie Maart April Mei Junie Julie Augustus September Oktober November Desember",
    "Roman": "I II III IV V VI VII VIII IX X XI XII",
    "ja": "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月",
    "zh": "一月 二月 三月 四月 五月 六月 七月 八月 九月 十月 十一月 十二月",
    "ko": "1월 2월 3월 4월 5월 6월 7월 8월 9월 10월 11월 12월",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "fa": "ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر",
    "ur": "جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر",
    "he": "ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר",
    "hi": "जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
    "bn": "জানুয়ারি ফেব্রুয়ারি মার্চ এপ্রিল মে জুন জুলাই আগস্ট সেপ্টেম্বর অক্টোবর নভেম্বর ডিসেম্বর",
    "th": "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม",
    "th cut off": "ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค.",
    "ka": "იანვარი თებერვალი მარტი აპრილი მაისი ივნისი ივლისი აგვისტო სექტემბერი ოქტომბერი ნოემბერი დეკემბერი",
    "hy": "հունվարի փետրվարի մարտի ապրիլի մայիսի հունիսի հուլիսի օգոստոսի սեպտեմբերի հոկտեմբերի նոյեմբերի դեկտեմբերի",
}


@pytest.mark.parametrize("language", YEARS)
def test_each_month_of_a_language_is_read(language: str) -> None:
    read = [parse_date(f"05 {name} 2025 10:00:00 +0000", NOW) for name in YEARS[language].split()]
    assert read == [utc(2025, month, 5, 10) for month in range(1, 13)]


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("15 mar 2024", 3),
        ("Fri, 15 Mar 2024 10:00:00 GMT", 3),
        ("ven, 15 mar 2024 10:00:00 +0100", 3),
        ("Sun, 17 Mar 2024 10:00:00 GMT", 3),
        ("perjantai 15 mar 2024", 11),
        ("la, 16 mar 2024", 11),
    ],
)
def test_a_month_that_languages_disagree_about_is_told_by_the_weekday_beside_it(text: str, month: int) -> None:
    moment = parse_date(text, NOW)
    assert moment is not None
    assert moment.month == month


@pytest.mark.parametrize("text", ["ma, 11 mar 2024", "5 jui 2024", "5 čer 2024", "5 Ιου 2024"])
def test_a_month_that_can_be_two_is_none(text: str) -> None:
    assert parse_date(text, NOW) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Wed, 05/03/2023 - 15:21", utc(2023, 5, 3, 15, 21)),
        ("mié, 03/05/2023 - 15:21", utc(2023, 5, 3, 15, 21)),
        ("Sunday 5-3-2023", utc(2023, 3, 5)),
        ("09/23/2024 10:00", utc(2024, 9, 23, 10)),
        ("23/09/2024", utc(2024, 9, 23)),
        ("05/05/2024", utc(2024, 5, 5)),
        ("Tue, 05/03/2023", None),  # neither of the two days
        ("Mon, 02/03/2026", utc(2026, 3, 2)),
        ("Foo, 05/03/2023", None),
        ("05/03/2023", None),
        ("99/99/2023", None),
    ],
)
def test_slashes_are_read_where_calendar_or_weekday_tell_the_month(text: str, moment: datetime | None) -> None:
    assert parse_date(text, NOW) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        (
            '<time datetime="2024-09-23T10:00:00+02:00" class="datetime">Mon, 09/23/2024 - 10:00</time>',
            (2024, 9, 23, 8),
        ),
        ("<span>\n<time class='x' datetime='2023-05-03T19:21:28Z'>an hour ago</time></span>", (2023, 5, 3, 19, 21, 28)),
        ('<time datetime="2023-05-03T19:21:28Z">Wed, 03 May 2023 15:21:28 -0400</time>', (2023, 5, 3, 19, 21, 28)),
        ('<time datetime="2031-01-01">Wed, 03 May 2023 15:00:00 GMT</time>', (2023, 5, 3, 15)),
        ('<time datetime="nonsense">5 de enero de 2024</time>', (2024, 1, 5)),
        ("<b>5 Jan 2024</b>", (2024, 1, 5)),
        ('<time datetime="">yesterday</time>', None),
        ("<time datetime=2023-05-03>x</time>", (2023, 5, 3)),
        ("<time datetime=" * 60, None),
        ("<" * 5000, None),
    ],
)
def test_a_date_in_markup_is_read(text: str, moment: tuple[int, ...] | None) -> None:
    assert parse_date(text, NOW) == (utc(*moment) if moment else None)


@pytest.mark.parametrize("text", ["5 Jan 2024 foo", "5 de 2024", "2024. foo 5.", "5 Jan 2024 Cuma Cuma"])
def test_a_word_too_many_makes_no_date(text: str) -> None:
    assert parse_date(text, NOW) is None


@pytest.mark.parametrize("month", range(1, 13))
def test_every_english_month_is_read_whole_and_short(month: int) -> None:
    day = utc(2025, month, 5)
    assert parse_date(day.strftime("%d %B %Y"), NOW) == parse_date(day.strftime("%d %b %Y"), NOW) == day


def test_epoch_seconds_are_read() -> None:
    assert parse_date("1704450615", NOW) == utc(2024, 1, 5, 10, 30, 15)


def test_epoch_milliseconds_are_read() -> None:
    assert parse_date("1704450615123", NOW) == utc(2024, 1, 5, 10, 30, 15)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30",
        "2023-02-29T10:00:00Z",
        "31 Apr 2024 10:00:00 GMT",
        "2024-13-01",
        "2024-00-10",
        "30.02.2024",
        "2024-01-05T25:00:00Z",
        "2024-01-05T10:61:00Z",
        "January 5, 2024 13:00 am",
        "2024-01-05T10:00:00+99:00",
    ],
)
def test_a_date_that_no_calendar_has_is_none(text: str) -> None:
    assert parse_date(text, NOW) is None


@pytest.mark.parametrize(
    "text", ["01/02/2024", "yesterday", "", " ", "5", "2024", "Fri, 05 Foo 2024 10:00:00 GMT", "x" * 5000]
)
def test_what_cannot_be_told_is_none(text: str) -> None:
    assert parse_date(text, NOW) is None


@pytest.mark.parametrize(
    "text", ["-1-01-01T00:00:00Z", "10000-01-01", "9999-12-31T23:59:59-12:00", "0000-00-00", "0001-01-01"]
)
def test_years_beyond_the_calendar_are_none(text: str) -> None:
    assert parse_date(text, NOW) is None


@pytest.mark.parametrize("text", ["1970-01-01T00:00:00Z", "1994-12-31T23:59:59Z", "0", "1995-01-01T00:30:00+01:00"])
def test_dates_before_1995_are_not_believed(text: str) -> None:
    assert parse_date(text, NOW) is None


def test_the_first_moment_of_1995_is_believed() -> None:
    assert parse_date("1995-01-01T00:00:00Z", NOW) == utc(1995, 1, 1)


@pytest.mark.parametrize(("text", "days"), [("2026-06-08T12:00:00Z", 1), ("2026-06-09T12:00:00Z", 2)])
def test_a_date_in_the_future_can_be_read(text: str, days: int) -> None:
    moment = parse_date(text, NOW)
    assert moment == NOW + timedelta(days=days)
    assert is_believable(moment, NOW) == (days <= 1)


def test_a_number_is_no_date_in_the_future() -> None:
    """Most often it counts something else than seconds: this one is an hour of 2024."""
    assert parse_date("2024010512", NOW) is None


def test_the_answer_is_aware_utc() -> None:
    moment = parse_date("2024-01-05T10:30:15+02:00", NOW)
    assert moment is not None
    assert moment.tzinfo is UTC


@given(st.text(max_size=100))
def test_no_text_makes_it_raise(text: str) -> None:
    parse_date(text, NOW)


@given(st.text(alphabet="0123456789-+:./,TZ pmJanMärzGTde'р ()<>=\"", max_size=60))
def test_no_text_that_resembles_a_date_makes_it_raise(text: str) -> None:
    parse_date(text, NOW)


@given(st.datetimes(min_value=datetime(1995, 1, 2), max_value=datetime(2026, 6, 7)))  # noqa: DTZ001
def test_what_python_prints_is_read_back(naive: datetime) -> None:
    moment = naive.replace(microsecond=0, tzinfo=UTC)
    assert parse_date(moment.isoformat(), NOW) == moment
    assert parse_date(moment.strftime("%a, %d %b %Y %H:%M:%S +0000"), NOW) == moment


NUMBERS = st.integers(0, 99).map("{:02}".format)
ZONES = st.builds("{}{}{}{}".format, st.sampled_from("+-"), NUMBERS, st.sampled_from(["", ":"]), NUMBERS)
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Mar"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Mai", "jan", "Wed"]
CLOCKS = st.builds("{}:{}:{}".format, NUMBERS, NUMBERS, NUMBERS)
YEARS_WRITTEN = st.integers(1990, 2030).map(str)


@examples(500)
@given(
    st.tuples(
        st.sampled_from(["", *(f"{day}, " for day in WEEKDAYS)]),
        st.integers(0, 35).map(str) | NUMBERS,
        st.sampled_from(MONTHS),
        YEARS_WRITTEN,
        CLOCKS | st.times().map(lambda time: f"{time:%H:%M:%S}"),
        ZONES | st.sampled_from(["GMT", "+0000", "-0800", "+0530", "UT", "CET"]),
    )
)
def test_a_mail_date_means_what_it_means_with_a_comment(parts: tuple[str, ...]) -> None:
    """Without one it may be read by a shorter way, which must lead to the same moment."""
    text = "{}{} {} {} {} {}".format(*parts)
    assert parse_date(text, NOW) == parse_date(f"{text} (here)", NOW)


@examples(500)
@given(
    st.tuples(
        YEARS_WRITTEN,
        NUMBERS | st.dates().map(lambda day: f"{day:%m}"),
        NUMBERS | st.dates().map(lambda day: f"{day:%d}"),
        CLOCKS | st.times().map(lambda time: f"{time:%H:%M:%S}"),
        st.sampled_from(["", ".5", ".123456", ".1234567890"]),
        ZONES | st.sampled_from(["Z", "+00:00", "-08:00", "+05:30", "+14:00", "+14:59", "+15:00"]),
    )
)
def test_a_date_of_iso_8601_means_what_it_means_with_a_comment(parts: tuple[str, ...]) -> None:
    text = "{}-{}-{}T{}{}{}".format(*parts)
    assert parse_date(text, NOW) == parse_date(f"{text} (here)", NOW)
