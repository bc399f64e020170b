"""How dates are written, as patterns for what `date_spelling` makes of them."""

from __future__ import annotations

from .date_zones import UTC_NAME, ZONE

_CLOCK = (
    r"(?P<hour>\d{1,2})(?:(?:\s?[hu]\s?|[:.])(?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,:]\d+)?)?)?"
    r"(?:\s*(?P<half>[ap])\.?\s?m\b\.?)?(?:\s*(?:uhr|hs?|min|u)\b)?"
)
# A name, as in "segunda-feira, 5", then perhaps an article, as in "fredag den 5".
_WEEKDAY = r"(?:(?P<weekday>[^\W\d_]+(?:'[^\W\d_]+)?)(?:-[^\W\d_]+)?[.,\s]+(?:[^\W\d_]{1,3}\s+)?)?"
_LATE_WEEKDAY = r"(?:,?\s+(?P<late_weekday>[^\W\d_]{2,12}))??"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|ere?|\.?o|-?(?:e|ste|de|:[ae]|a|го|е|ое)\b|[°.])?"
_OF = r"(?:de\s+|of\s+|d'\s?)?"
_MONTH = r"(?P<month_name>[^\W\d_]{1,14})\.?"
_YEAR = r"'?(?P<year>\d{4}|\d{2})(?!\d)(?:\.|\s*(?:года|год|року|рік|roku|m|г|р|r)\b\.?)?"
_FULL_YEAR = r"'?(?P<year>\d{4}|(?<=')\d{2})(?!\d)"
_AT = (
    r"(?:at|um|a|a las|a la|as|alle|alle ore|ore|ora|orele|om|ob|o|u|v|kl|klo|saat|godz|o godz|pukul|lúc|luc"
    r"|в|о|у|στισ|ωρα|@|t)"
)
_THEN_TIME = rf"(?:(?:,?\s*{_AT}\.?|,|\s-|(?<=\d\d\d\d):)?\s*(?<!\d){_CLOCK}(?:,?\s*{ZONE})?|\s+{UTC_NAME})?"

FORMS = (
    # 2024-01-05T10:30:00.5+02:00, 2024-01-05 10:30, 2024/1/5 (ISO 8601, RFC 3339, and near misses)
    (
        r"(?P<year>\d{4})(?P<mark>[-/. ])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})"
        rf"(?:(?:[t,_\s]\s*|\s(?:-|{_AT})\s){_CLOCK}\s*{ZONE}?|t|\s*{UTC_NAME})?"
    ),
    # 20240105, 20240105T103000Z (ISO 8601, basic)
    (
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
        rf"(?:[t\s]?(?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,]\d+)?)?\s*{ZONE}?)?"
    ),
    # 05.01.2024 10:30
    rf"{_WEEKDAY}(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?{_YEAR}{_THEN_TIME}",
    # Fri, 05 Jan 2024 10:30:00 CEST, Friday, 05-Jan-24 10:30:00 GMT (RFC 822, RFC 850), 5. Januar 2024,
    # 5 de enero de 2024, 7th of May 2024, 05/Jan/2024:10:30:00 +0200, 5 Ocak 2024 Cuma
    rf"{_WEEKDAY}{_DAY}[\s/-]*{_OF}{_MONTH}[\s,/-]*(?:del?\s+)?{_YEAR}{_LATE_WEEKDAY}{_THEN_TIME}",
    # Fri Jan  5 10:30:00 CET 2024 (asctime, date)
    rf"{_WEEKDAY}{_MONTH}\s+{_DAY},?\s+{_CLOCK}(?:\s+{ZONE})?\s+(?P<year>\d{{4}})",
    # January 5, 2024 at 10:30 pm
    rf"{_WEEKDAY}{_MONTH}[\s/-]*{_DAY}[,\s/-]+(?:de\s+)?{_FULL_YEAR}{_THEN_TIME}",
    # 2024. január 5., péntek 10:30, 2024-Jan-05, 2026 m. gegužės 7 d., 2026ko maiatzaren 7a; 2024. 01. 05.
    rf"(?P<year>\d{{4}})[.,]?(?:-?ko|\s*m\b\.?)?[\s-]*{_MONTH}[\s-]*{_DAY}(?:\s+d\b\.?)?{_LATE_WEEKDAY}{_THEN_TIME}",
    rf"(?P<year>\d{{4}})\.\s?(?P<month>\d{{1,2}})\.\s?(?P<day>\d{{1,2}})\.?{_THEN_TIME}",
    # 2026. gada 7. maijs
    rf"(?P<year>\d{{4}})\.?\s+gada\s+{_DAY}\s+{_MONTH}{_THEN_TIME}",
    # Wed, 05/03/2023 - 15:21: the month comes first in some countries, the day in others
    rf"{_WEEKDAY}(?P<one>\d{{1,2}})(?P<mark>[-/])(?P<other>\d{{1,2}})(?P=mark){_YEAR}{_THEN_TIME}",
)
"""Each to be compiled when the first date comes that needs it: that takes long, and most feeds write what `dates` reads
without them."""
