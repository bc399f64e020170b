"""What months and days of the week are called, whole and cut off, in the languages that feeds are dated in."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

_MIN_MONTH_LETTERS = 3
_MIN_WEEKDAY_LETTERS = 2

# In the order of the year. A slash stands before another form of the same name: a genitive, or an abbreviation that is
# no beginning of the name.
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar/Jänner Februar/Feber März/Maerz/Mrz April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre/setiembre octubre noviembre diciembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart/mrt april mei juni juli augustus september oktober november december",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "da": "januar februar marts april maj juni juli august september oktober november december",
    "no": "januar februar mars april mai juni juli august september oktober november desember",
    "fi": (
        "tammikuu/tammikuuta helmikuu/helmikuuta maaliskuu/maaliskuuta huhtikuu/huhtikuuta toukokuu/toukokuuta "
        "kesäkuu/kesäkuuta heinäkuu/heinäkuuta elokuu/elokuuta syyskuu/syyskuuta lokakuu/lokakuuta "
        "marraskuu/marraskuuta joulukuu/joulukuuta"
    ),
    "pl": (
        "styczeń/stycznia luty/lutego marzec/marca kwiecień/kwietnia maj/maja czerwiec/czerwca lipiec/lipca "
        "sierpień/sierpnia wrzesień/września październik/października listopad/listopada grudzień/grudnia"
    ),
    "cs": (
        "leden/ledna únor/února březen/března duben/dubna květen/května červen/června/čvn červenec/července/čvc "
        "srpen/srpna září říjen/října listopad/listopadu prosinec/prosince"
    ),
    "ru": (
        "январь/января февраль/февраля март/марта апрель/апреля май/мая июнь/июня июль/июля август/августа "
        "сентябрь/сентября октябрь/октября ноябрь/ноября декабрь/декабря"
    ),
    "uk": (
        "січень/січня лютий/лютого березень/березня квітень/квітня травень/травня червень/червня липень/липня "
        "серпень/серпня вересень/вересня жовтень/жовтня листопад/листопада грудень/грудня"
    ),
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "el": (
        "Ιανουάριος/Ιανουαρίου Φεβρουάριος/Φεβρουαρίου Μάρτιος/Μαρτίου Απρίλιος/Απριλίου Μάιος/Μαΐου Ιούνιος/Ιουνίου "
        "Ιούλιος/Ιουλίου Αύγουστος/Αυγούστου Σεπτέμβριος/Σεπτεμβρίου Οκτώβριος/Οκτωβρίου Νοέμβριος/Νοεμβρίου "
        "Δεκέμβριος/Δεκεμβρίου"
    ),
    "hu": "január február március április május június július augusztus szeptember október november december",
    "ro": "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    "sk": (
        "január/januára február/februára marec/marca apríl/apríla máj/mája jún/júna júl/júla august/augusta "
        "september/septembra október/októbra november/novembra december/decembra"
    ),
    "sl": (
        "januar/januarja februar/februarja marec/marca april/aprila maj/maja junij/junija julij/julija avgust/avgusta "
        "september/septembra oktober/oktobra november/novembra december/decembra"
    ),
    "sr": (
        "januar/januara/јануар/јануара februar/februara/фебруар/фебруара mart/marta/март/марта "
        "april/aprila/април/априла maj/maja/мај/маја jun/juna/јун/јуна/juni/јуни jul/jula/јул/јула/juli/јули "
        "avgust/avgusta/август/августа "
        "septembar/septembra/септембар/септембра oktobar/oktobra/октобар/октобра novembar/novembra/новембар/новембра "
        "decembar/decembra/децембар/децембра"
    ),
    "hr": (
        "siječanj/siječnja veljača/veljače ožujak/ožujka travanj/travnja svibanj/svibnja lipanj/lipnja srpanj/srpnja "
        "kolovoz/kolovoza rujan/rujna listopad/listopada studeni/studenoga/studenog prosinac/prosinca"
    ),
    "bg": "януари февруари март април май юни юли август септември октомври ноември декември",
    "be": (
        "студзень/студзеня люты/лютага сакавік/сакавіка красавік/красавіка травень/траўня/мая чэрвень/чэрвеня "
        "ліпень/ліпеня жнівень/жніўня верасень/верасня кастрычнік/кастрычніка лістапад/лістапада снежань/снежня"
    ),
    "ca": "gener febrer març abril maig juny juliol agost setembre octubre novembre desembre",
    "gl": "xaneiro febreiro marzo abril maio xuño xullo agosto setembro outubro novembro decembro",
    "eu": (
        "urtarrila/urtarrilaren otsaila/otsailaren martxoa/martxoaren apirila/apirilaren maiatza/maiatzaren "
        "ekaina/ekainaren uztaila/uztailaren abuztua/abuztuaren iraila/irailaren urria/urriaren azaroa/azaroaren "
        "abendua/abenduaren"
    ),
    "lt": (
        "sausis/sausio vasaris/vasario kovas/kovo balandis/balandžio gegužė/gegužės birželis/birželio liepa/liepos "
        "rugpjūtis/rugpjūčio rugsėjis/rugsėjo spalis/spalio lapkritis/lapkričio gruodis/gruodžio"
    ),
    "lv": (
        "janvāris/janvārī februāris/februārī marts/martā aprīlis/aprīlī maijs/maijā jūnijs/jūnijā jūlijs/jūlijā "
        "augusts/augustā septembris/septembrī oktobris/oktobrī novembris/novembrī decembris/decembrī"
    ),
    "et": "jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember",
    "is": "janúar febrúar mars apríl maí júní júlí ágúst september október nóvember desember",
    "ga": "Eanáir Feabhra Márta Aibreán Bealtaine Meitheamh Iúil Lúnasa Meán Deireadh Samhain Nollaig",
    "cy": "Ionawr Chwefror Mawrth Ebrill Mai Mehefin Gorffennaf Awst Medi Hydref Tachwedd Rhagfyr",
    "id": "Januari Februari Maret April Mei Juni Juli Agustus/Agt/Ags September Oktober November/Nopember Desember",
    "ms": "Januari Februari Mac April Mei Jun Julai Ogos September Oktober November Disember",
    "eo": "januaro februaro marto aprilo majo junio julio aŭgusto septembro oktobro novembro decembro",
    "af": "Januarie Februarie Maart April Mei Junie Julie Augustus September Oktober November Desember",
    "Roman": "I II III IV V VI VII VIII IX X XI XII",
}
_GIVING_WAY = frozenset({"ca", "ga", "hr", "id", "Roman", "sl", "sr"})
"""Languages whose names count only where no other one calls another month or weekday so: "listopada" is October in
Croatian, and November in Polish, of which there are more feeds."""

# From Monday on.
_WEEKDAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag/Sonnabend Sonntag/So",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    "pt": "segunda terça quarta quinta sexta sábado domingo",
    "it": "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "nl": "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "sv": "måndag tisdag onsdag torsdag fredag lördag söndag",
    "da": "mandag tirsdag onsdag torsdag fredag lørdag søndag",
    "no": "mandag tirsdag onsdag torsdag fredag lørdag søndag",
    "fi": "maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai",
    "pl": "poniedziałek/pn wtorek środa czwartek piątek/pt sobota niedziela/nd",
    "cs": "pondělí úterý středa čtvrtek pátek sobota neděle",
    "ru": "понедельник/пн вторник среда четверг/чт пятница/пт суббота/сб воскресенье/вс",
    "uk": "понеділок/пн вівторок/вт середа/ср четвер/чт п'ятниця/п’ятниця/пт субота/сб неділя/нд",
    "tr": "Pazartesi/Pzt Salı Çarşamba Perşembe Cuma/Cum Cumartesi/Cmt Pazar/Paz",
    "el": "Δευτέρα Τρίτη Τετάρτη Πέμπτη Παρασκευή Σάββατο Κυριακή",
    "hu": "hétfő/h kedd/k szerda csütörtök péntek/p szombat vasárnap/v",
    "ro": "luni marți miercuri joi vineri sâmbătă duminică",
    "sk": "pondelok utorok streda štvrtok piatok sobota nedeľa",
    "sl": "ponedeljek torek sreda četrtek petek sobota nedelja",
    "sr": ("ponedeljak/понедељак utorak/уторак sreda/среда četvrtak/четвртак petak/петак subota/субота nedelja/недеља"),
    "hr": "ponedjeljak utorak srijeda četvrtak petak subota nedjelja",
    "bg": "понеделник вторник сряда четвъртък петък събота неделя",
    "ca": "dilluns/dl dimarts/dt dimecres/dc dijous/dj divendres/dv dissabte/ds diumenge/dg",
    "id": "Senin Selasa Rabu Kamis Jumat Sabtu Minggu",
}


def bare(text: str) -> str:
    """The text in lower case and without accents, so that "Août" and "aout" are one word.

    In Turkish, "MAYIS" is the same word in lower case with an i that has no dot.
    """
    lowered = text.casefold()
    if lowered.isascii():
        return lowered
    letters = "".join(letter for letter in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(letter))
    return letters.replace("ı", "i")


def months_named(word: str, weekday: str = "") -> frozenset[int]:
    """The months, from 1 on, that a bare word names beside this bare name of a weekday; empty if it names none.

    A name may be cut off after its third letter, unless two months of its language begin so ("jui" in French). Where
    languages disagree ("mar" is March in many and November in Finnish), English decides, which RFC 822 asks for, unless
    the weekday is in others. Where these disagree, too, all their months are given, and the caller has to doubt.
    """
    by_language = _months_by_name().get(word)
    if by_language is None:
        return _NONE
    months = frozenset(by_language.values())
    if len(months) == 1:
        return months
    spoken = _weekdays_by_name().get(weekday, {})
    meant = {month for language, month in by_language.items() if language in spoken}
    if "en" in by_language and ("en" in spoken or not meant):  # "Sun" begins a Finnish name, too
        return frozenset((by_language["en"],))
    return frozenset(meant) or _of_most(by_language)


def weekdays_named(word: str) -> frozenset[int]:
    """The weekdays, Monday being 0, that a bare word names in one of the languages; empty if it names none."""
    return _of_most(_weekdays_by_name().get(word, {}))


def _of_most(by_language: Mapping[str, int]) -> frozenset[int]:
    """What the languages that don't give way mean, if there is one among these."""
    named = frozenset(number for language, number in by_language.items() if language not in _GIVING_WAY)
    return named or frozenset(by_language.values())


_NONE: frozenset[int] = frozenset()


def _named(names: Mapping[str, str], first: int, min_letters: int) -> dict[str, dict[str, int]]:
    """By each bare word, and each beginning of one, the number that it stands for in each language that has it."""
    named: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for language, text in names.items():
        forms = [(bare(form), number) for number, one in enumerate(text.split(), first) for form in one.split("/")]
        for word, number in (*_beginnings(forms, min_letters), *forms):
            named[word][language] = number
    return dict(named)


def _beginnings(forms: Iterable[tuple[str, int]], min_letters: int) -> Iterator[tuple[str, int]]:
    """Those that belong to one number only."""
    meanings: defaultdict[str, set[int]] = defaultdict(set)
    for form, number in forms:
        for length in range(min_letters, len(form)):
            meanings[form[:length]].add(number)
    return ((word, numbers.pop()) for word, numbers in meanings.items() if len(numbers) == 1)


# Made when the first date comes that needs them, as most feeds write what `dates` reads without.
@cache
def _months_by_name() -> Mapping[str, Mapping[str, int]]:
    return _named(_MONTHS, 1, _MIN_MONTH_LETTERS)


@cache
def _weekdays_by_name() -> Mapping[str, Mapping[str, int]]:
    return _named(_WEEKDAYS, 0, _MIN_WEEKDAY_LETTERS)
