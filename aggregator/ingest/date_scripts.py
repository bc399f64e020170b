"""Dates in scripts of Asia and the Caucasus, put into English words and plain digits, which `dates` reads."""

from __future__ import annotations

import re
from functools import cache

from .date_words import bare

# In the order of the year; a slash stands before another form, an underscore for a space.
_MONTHS = {
    "ar": (
        "يناير/كانون_الثاني/جانفي فبراير/شباط/فيفري مارس/آذار أبريل/نيسان/أفريل مايو/أيار/ماي يونيو/حزيران/جوان "
        "يوليو/تموز/جويلية/يوليوز أغسطس/آب/أوت/غشت سبتمبر/أيلول/شتنبر أكتوبر/تشرين_الأول نوفمبر/تشرين_الثاني/نونبر "
        "ديسمبر/كانون_الأول/دجنبر"
    ),
    "fa": "ژانویه فوریه مارس آوریل مه/می ژوئن ژوئیه/جولای اوت/آگوست سپتامبر اکتبر نوامبر دسامبر",
    "ur": "جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر",
    "he": (
        "ינואר/ינו׳ פברואר/פבר׳ מרץ/מרס אפריל/אפר׳ מאי יוני יולי אוגוסט/אוג׳ ספטמבר/ספט׳ "
        "אוקטובר/אוק׳ נובמבר/נוב׳ דצמבר/דצמ׳"
    ),
    "hi": (
        "जनवरी/जन फ़रवरी/फ़र मार्च अप्रैल मई जून जुलाई/जुल अगस्त/अग सितंबर/सितम्बर/सित अक्टूबर/अक्तूबर/अक्टू "
        "नवंबर/नवम्बर/नव दिसंबर/दिसम्बर/दिस"
    ),
    "bn": "জানুয়ারি/জানুয়ারী ফেব্রুয়ারি/ফেব্রুয়ারী মার্চ এপ্রিল মে জুন জুলাই আগস্ট/আগষ্ট সেপ্টেম্বর অক্টোবর নভেম্বর ডিসেম্বর",
    "th": (
        "มกราคม/ม.ค. กุมภาพันธ์/ก.พ. มีนาคม/มี.ค. เมษายน/เม.ย. พฤษภาคม/พ.ค. มิถุนายน/มิ.ย. กรกฎาคม/ก.ค. สิงหาคม/ส.ค. "
        "กันยายน/ก.ย. ตุลาคม/ต.ค. พฤศจิกายน/พ.ย. ธันวาคม/ธ.ค."
    ),
    "ka": (
        "იანვარი/იანვ თებერვალი/თებ მარტი/მარ აპრილი/აპრ მაისი/მაი ივნისი/ივნ ივლისი/ივლ აგვისტო/აგვ სექტემბერი/სექ "
        "ოქტომბერი/ოქტ ნოემბერი/ნოე დეკემბერი/დეკ"
    ),
    "hy": (
        "հունվարի/հունվար փետրվարի/փետրվար մարտի/մարտ ապրիլի/ապրիլ մայիսի/մայիս հունիսի/հունիս հուլիսի/հուլիս "
        "օգոստոսի/օգոստոս սեպտեմբերի/սեպտեմբեր հոկտեմբերի/հոկտեմբեր նոյեմբերի/նոյեմբեր դեկտեմբերի/դեկտեմբեր"
    ),
}
_SOLAR_MONTHS = "فروردین اردیبهشت خرداد تیر مرداد/امرداد شهریور مهر آبان آذر دی بهمن اسفند"
"""Of the calendar of Iran: `date_calendars` reads "17 /2/ 1405"."""
ENGLISH_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_OTHER_WORDS = {
    "am": "ص/صباحا/ق.ظ/ก่อนเที่ยง/पूर्वाह्न",
    "pm": "م/مساء/ب.ظ/หลังเที่ยง/अपराह्न",
    "": "الساعة/في/ساعت/در/בשעה/को/बजे/เวลา/น./เมื่อ/พ.ศ./ค.ศ.",  # "at", "o'clock", "in the year"
}
_FIRST_OTHER_SCRIPT = "\u0530"
"""The letters of Latin, Greek and Cyrillic come before."""
_LETTER = r"[^\W\d_]"
_FIRST_ASCII = r"[0-9a-z]"

# Chinese, Japanese and Korean.
_NUMERAL = r"[〇零一二三四五六七八九十]+(?=\s*[年月日號号時时點点分])"
_DIGITS = {numeral: str(value) for value, numeral in enumerate("〇一二三四五六七八九")} | {"零": "0"}
_ERAS = {"令和": 2018, "平成": 1988, "民國": 1911, "民国": 1911}
_ERA_YEAR = r"(?:中華)?(令和|平成|民國|民国)\s*(\d{1,3}|元)\s*年"
_EASTERN_WEEKDAY = (
    r"\(?(?:(?:星期|礼拜|禮拜|週|周)[一二三四五六日天]|[月火水木金土日]曜日?|[월화수목금토일]요일)\)?"
    r"|\([月火水木金土日월화수목금토일]\)|^[月火水木金土日월화수목금토일](?=[,.、\s])"
)
_EASTERN_DAY = r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日号號일]?"
_EASTERN_MONTH = r"(0?[1-9]|1[0-2])\s*[月월]"
_EASTERN_CLOCK = r"(\d{1,2})\s*[時时點点시](?:\s*(\d{1,2})\s*[分분]?)?(?:\s*(\d{1,2})\s*[秒초])?"
_EASTERN_HALF = r"(?:(上午|午前|凌晨|早上|오전)|(?:下午|午後|晚上|오후))\s*(\d{1,2}(?::\d{2}){0,2})"


def in_english(text: str) -> str:
    """The date, bare, with English names for months and halves of the day, and without that of the day of the week.

    A date without a letter of such a script stays as it is, but for being bare.
    """
    if max(text, default="") < _FIRST_OTHER_SCRIPT:
        return bare(text)
    text = _known_word().sub(lambda found: f" {_english_words()[found[1]]} ", bare(_out_of_the_east(text)))
    start = re.search(_FIRST_ASCII, text)  # before it stands, at most, the day of the week
    return text[start.start() :] if start else text


@cache
def _english_words() -> dict[str, str]:
    named = {form: english for english, forms in _OTHER_WORDS.items() for form in forms.split("/")}
    for names in _MONTHS.values():
        for english, forms in zip(ENGLISH_MONTHS, names.split(), strict=True):
            named |= dict.fromkeys(forms.replace("_", " ").split("/"), english)
    for number, forms in enumerate(_SOLAR_MONTHS.split(), 1):
        named |= dict.fromkeys(forms.split("/"), f"/{number}/")
    return {bare(form): english for form, english in named.items()}


@cache
def _known_word() -> re.Pattern[str]:
    """Any of them as a whole word; in Hebrew one that means "in" may be part of it."""
    longest_first = sorted(_english_words(), key=len, reverse=True)
    return re.compile(rf"(?<!{_LETTER})ב?({'|'.join(map(re.escape, longest_first))})(?!{_LETTER})")


def _out_of_the_east(text: str) -> str:
    """What Chinese, Japanese and Korean dates say with signs, in the digits of ISO 8601."""
    text = re.sub(_NUMERAL, lambda found: _number(found[0]), re.sub(_EASTERN_WEEKDAY, " ", text))
    text = re.sub(_ERA_YEAR, lambda found: f"{_ERAS[found[1]] + int(found[2].replace('元', '1'))}年", text)
    text = re.sub(_EASTERN_DAY, r"\1-\2-\3 ", text)
    text = re.sub(_EASTERN_MONTH, lambda found: f" {ENGLISH_MONTHS[int(found[1]) - 1]} ", text)
    text = re.sub(_EASTERN_CLOCK, lambda found: ":".join(f"{part or 0:0>2}" for part in found.groups()), text)
    return re.sub(_EASTERN_HALF, lambda found: f"{found[2]} {'am' if found[1] else 'pm'}", text)


def _number(numeral: str) -> str:
    """In digits: a year digit by digit ("二〇二六"), others by tens ("二十六", "十")."""
    tens, ten, ones = numeral.partition("十")
    if ten:
        tens, ones = tens or "一", ones or "〇"
    return "".join(_DIGITS.get(numeral, "") for numeral in tens + ones)
