"""Dates as the world writes them: in other scripts, languages and calendars, and by programs that nearly know how."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aggregator.ingest.dates import parse_date

NOW = datetime(2026, 6, 7, 12, 0, tzinfo=UTC)
SEVENTH_OF_MAY = datetime(2026, 5, 7, tzinfo=UTC)


def at(hour: int, minute: int = 0) -> datetime:
    return SEVENTH_OF_MAY.replace(hour=hour, minute=minute)


@pytest.mark.parametrize(
    "text",
    [
        "2026年5月7日",
        "２０２６年５月７日",
        "2026 年 05 月 07 日",
        "二〇二六年五月七日",
        "2026年5月7号",
        "2026年5月7日（木）",
        "2026年5月7日星期四",
        "令和8年5月7日",
        "民國115年5月7日",
        "五月 7, 2026",
        "2026년 5월 7일",
        "2026년 5월 7일 목요일",
        "2026. 5. 7.",
        "2026.05.07 (목)",
        "5월 7, 2026",
        "ngày 7 tháng 5 năm 2026",
        "Thứ Năm, 7 Tháng Năm, 2026",
        "٧ مايو ٢٠٢٦",
        "الخميس، 7 مايو 2026",
        "7 أيار 2026",
        "پنج‌شنبه ۱۷ اردیبهشت ۱۴۰۵",
        "۱۴۰۵/۰۲/۱۷",
        "۷ مه ۲۰۲۶",
        "יום חמישי, 7 במאי 2026",
        "गुरुवार, 7 मई 2026",
        "৭ মে ২০২৬",
        "วันพฤหัสบดีที่ 7 พฤษภาคม พ.ศ. 2569",
        "๗ พ.ค. ๒๕๖๙",
        "7 მაისი 2026",
        "7 մայիսի 2026",
    ],
)
def test_a_day_is_read_in_scripts_of_asia(text: str) -> None:
    assert parse_date(text, NOW) == SEVENTH_OF_MAY


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026年05月07日(木) 10時30分", at(10, 30)),
        ("2026年5月7日 下午3:30", at(15, 30)),
        ("2026년 5월 7일 오후 3:30", at(15, 30)),
        ("2026. 5. 7. 오전 3:30:00", at(3, 30)),
        ("周四, 07 5月 2026 10:00:00 +0800", at(2)),
        ("木, 07 5月 2026 10:00:00 +0900", at(1)),
        ("목, 07 5월 2026 10:00:00 +0900", at(1)),
        ("الخميس, 07 مايو 2026 10:30:00 +0300", at(7, 30)),
        ("٧ مايو ٢٠٢٦ ١٠:٣٠ م", at(22, 30)),
        ("۱۷ اردیبهشت ۱۴۰۵ ساعت ۱۰:۳۰", at(10, 30)),
        ("वृहस्पतिवार 07 मई 2026 10:30:00 +0530", at(5)),
        ("Thu, 07 May 2569 10:30:00 +0700", at(3, 30)),
    ],
)
def test_times_are_read_in_scripts_of_asia(text: str, moment: datetime) -> None:
    assert parse_date(text, NOW) == moment


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("7. decembra 2025", 12),
        ("7. decembra 2025.", 12),
        ("7. децембра 2025.", 12),
        ("7. svibnja 2025.", 5),
        ("7 юни 2025 г.", 6),
        ("7 жніўня 2025", 8),
        ("7 de maig del 2025", 5),
        ("7 de xullo de 2025", 7),
        ("2025ko maiatzaren 7a", 5),
        ("2025 m. gegužės 7 d.", 5),
        ("2025. gada 7. maijs", 5),
        ("7. juuni 2025", 6),
        ("7. ágúst 2025", 8),
        ("7 Bealtaine 2025", 5),
        ("7 Awst 2025", 8),
        ("Kamis, 7 Agustus 2025", 8),
        ("7 Ogos 2025", 8),
        ("7 aŭgusto 2025", 8),
        ("7 Desember 2025", 12),
        ("7. XII. 2025", 12),
        ("7 V 2025", 5),
        ("7 MAYIS 2025", 5),
    ],
)
def test_months_are_read_in_more_languages(text: str, month: int) -> None:
    assert parse_date(text, NOW) == datetime(2025, month, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "month"), [("7 listopada 2025", 11), ("čet, 7 listopada 2025", 10), ("7 mei 2025", 5)]
)
def test_a_language_of_fewer_feeds_gives_way_unless_the_weekday_is_in_it(text: str, month: int) -> None:
    moment = parse_date(text, NOW)
    assert moment is not None
    assert moment.month == month


@pytest.mark.parametrize(
    "text",
    [
        "the 7th of May, 2026",
        "Thursday the 7th of May, 2026",
        "7e mei 2026",
        "7:e maj 2026",
        "7-го мая 2026",
        "7.º de maio de 2026",
        "May 7 '26",
        "2026 05 07",
        "2026‑05‑07",
        "2026–05–07",
        "‎7 May 2026",
        "﻿2026-05-07",
        '"2026-05-07"',
        "7&nbsp;mai 2026",
        "Published: 7 May 2026",
        "2026-05-07T",
        "2026-W19-4",
        "2026W194",
        "2026-127",
        "2569-05-07",
        "Mayo 7 de 2026",
        "May/07/2026",
    ],
)
def test_a_day_is_read_in_whatever_spelling(text: str) -> None:
    assert parse_date(text, NOW) == SEVENTH_OF_MAY


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-07 at 10:30",
        "2026-05-07_10:30:00",
        "2026-05-07T1030Z",
        "20260507 10:30",
        "2026-05-07T10:30:00.+00:00",
        "2026-05-07T08:30:00−02:00",
        "2026-05-07T12:30:00 02:00",
        "2026/05/07(Thu) 10:30",
        "07/May/2026:12:30:00 +0200",
        "Thu, 7 May 2026 | 10:30",
        "7 May 2026 @ 10:30",
        "10:30, 7 May 2026",
        "Thu, 07 May 2026 T10:30:00 GMT",
        "Thu May 7 12:30:00 2026 +0200",
        "Thu, 07 May 2026 12:30:00 + 0200",
        "Thu, 07 May 2026 12:30:00 +200",
        "Thu, 07 May 2026 10:30:0 GMT",
        "7 mei 2026 om 10u30",
        "1778149800000000",
        "/Date(1778149800000+0200)/",
        "@1778149800",
    ],
)
def test_a_time_is_read_in_whatever_spelling(text: str) -> None:
    assert parse_date(text, NOW) == at(10, 30)


@pytest.mark.parametrize(
    ("zone", "hour", "minute"),
    [
        ("(CEST)", 8, 30),
        ("Europe/Berlin", 8, 30),
        ("[Asia/Tokyo]", 1, 30),
        ("America/Argentina/Buenos_Aires", 13, 30),
        ("Etc/UTC", 10, 30),
        ("Mars/Olympus", 10, 30),
        ("Pacific Daylight Time", 17, 30),
        ("Eastern Time", 14, 30),
        ("ET", 14, 30),
        ("Central European Summer Time", 8, 30),
        ("Mitteleuropäische Sommerzeit", 8, 30),
        ("МСК", 7, 30),
        ("WIB", 3, 30),
        ("NPT", 4, 45),
        ("ART", 13, 30),
    ],
)
def test_zones_are_read_by_name_and_by_place(zone: str, hour: int, minute: int) -> None:
    assert parse_date(f"Thu, 07 May 2026 10:30:00 {zone}", NOW) == at(hour, minute)


@pytest.mark.parametrize(("text", "moment"), [("22:00 PM", at(22)), ("00:30 AM", at(0, 30)), ("12:15 PM", at(12, 15))])
def test_halves_of_the_day_are_read_beside_hours_that_need_none(text: str, moment: datetime) -> None:
    assert parse_date(f"May 7, 2026 {text}", NOW) == moment


@pytest.mark.parametrize(
    "text", ["2026-W60-1", "2026-400", "2026年13月7日", "۱۴۰۵/۱۳/۱۷", "1447/11/20", "7 of 2026", "7th day of May 2026"]
)
def test_what_no_calendar_has_is_none(text: str) -> None:
    assert parse_date(text, NOW) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("<2026-05-07 Thu>", at(0)),
        ("[2026-05-07 Thu 10:30]", at(10, 30)),
        ("2026-05-07 jeu. 10:30", at(10, 30)),
        ("Thu, 2026-05-07 10:30", at(10, 30)),
        ("Thu May 7 10:30:00 2026 GMT", at(10, 30)),
        ("Thu May 7 10:30:00 2026 CEST", at(8, 30)),
        ("Thu, 7, May 2026 10:30", at(10, 30)),
        ("May 7, 2026, noon", at(12)),
        ("May 7, 2026, midnight", at(0)),
        ("2026-05-07 10:30:00.123456789 +0000 UTC m=+0.000000001", at(10, 30)),
        ("Thu, 07 May 2026 10:30:00 MST-07:00", at(17, 30)),
        ("Thu, 07 May 2026 10:30:00 --0700", at(17, 30)),
        ("2026-05-07T10:30:00:-0700", at(17, 30)),
        ("2026-05-07T10:30:00-07:00:00", at(17, 30)),
        ("Thu, 07 May 2026 10:30:00 +02.00", at(8, 30)),
        ("Last updated: 2026-05-07", at(0)),
        ("Publié le jeudi 7 mai 2026 à 10:30", at(10, 30)),
        ("Veröffentlicht am 7. Mai 2026", at(0)),
    ],
)
def test_near_misses_of_programs_and_people_are_read(text: str, moment: datetime) -> None:
    assert parse_date(text, NOW) == moment


@pytest.mark.parametrize("text", ["7 May-2026", "7-May-2026", "7May-2026", "7 May 2026 [Europe/London]"])
def test_what_looks_like_a_near_miss_and_is_none_is_read_as_before(text: str) -> None:
    assert parse_date(text, NOW) in {at(0), datetime(2026, 5, 6, 23, tzinfo=UTC)}
