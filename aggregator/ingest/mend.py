"""Text that its feed damaged -> the text as its author wrote it, where that is certain; any other text as it is.

The damage is always the same: somebody wrote UTF-8, somebody's software read it as a codec of one byte a character and
wrote UTF-8 once more. "Straße" becomes "StraÃŸe", "🎉" by way of windows-1253 "πŸŽ‰". Certain means, for a whole field:

- in one codec, and no two with different results, it turns back into valid UTF-8 of visible characters;
- no letter is left over: a text in which one accent is right was not read wrongly as a whole;
- at least one damaged place could not have been written on purpose, as "groß…" and "LIBERTÉ”" could, though they, too,
  turn back into letters;
- it doesn't quote the damage: no word about encodings, no damaged character between quotes;
- ftfy finds what comes out less odd than what went in.

In doubt a text stays: a reader guesses through damage, but not through a wrong correction.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from itertools import pairwise
from unicodedata import category, name

from .misread import DAMAGE, MISREADINGS, PERHAPS_CONSISTENT, REFERENCE, SUSPICIOUS, Misreading

_MAX_ROUNDS = 3
"""Several programs in a row can each have damaged a text once more."""

_REFERENCES = re.compile(REFERENCE)
_REFERENCE_PAIR = re.compile(REFERENCE + REFERENCE)
_MARKUP = re.compile(
    r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9]*)?(?:(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+'|(?!))*+|[^<>]*)>"
    r"|https?://[^\s<>\"']+",
    re.IGNORECASE,
)
_QUOTING = frozenset({"code", "kbd", "pre", "samp", "script", "style", "textarea", "tt", "xmp"})
"""Elements that show a text for its very characters, damaged or not."""

_SPEAKS_OF_ENCODINGS = re.compile(
    r"\bmojibake|\bunicode\b|\butf-?(?:8|16)\b|\blatin-?[12]\b|\biso-?8859|\bwindows-?125|\bcp-?(?:125|437)|\bcharset"
    r"|\b(?:character|text) encoding|\bzeichenkodierung|\bкодировк",
    re.IGNORECASE,
)
_MAY_FOLLOW_A_LETTER = frozenset("…’”“‘»«›‹–—™®©°·•¹²³\xa0")
"""The characters of UTF-8's later bytes that authors write right after a word."""
_QUOTES = frozenset("\"'`“”„‘’‚«»‹›")
_BRACKETS = frozenset("()[]")
_QUOTE_MARKS = frozenset("“”„‘’‚")
_SIGNS = frozenset("¡¢£¥§©«®°±¶·»¿")
_RARE_LETTERS = frozenset("ƏơƠưƯșȘțȚəʻʼˆ˜")
_ACCENTS = frozenset(map(chr, (*range(0x300, 0x305), *range(0x306, 0x30D), *range(0x323, 0x329))))
_EMOJI_STYLE = "\ufe0f"
_CONTROLS = re.compile("[\x80-\x9f]")


def mend(text: str) -> str:
    """Plain text as its author wrote it."""
    return _settled(text, _mended_once)


def mend_html(source: str) -> str:
    """HTML with its texts as their author wrote them; tags, addresses and code stay as they are."""
    if source.isascii() and "&" not in source:
        return source
    return _settled(source, _mended_html_once)


def _settled(text: str, mended_once: Callable[[str], str]) -> str:
    """The text with its damage undone, round by round.

    Control characters show that damage is only half undone. Such a result counts for nothing unless a later round gets
    rid of them.
    """
    settled = text
    for _ in range(_MAX_ROUNDS):
        mended = mended_once(text)
        if mended == text:
            break
        text = mended
        settled = settled if _CONTROLS.search(text) else text
    return settled


def _mended_once(text: str) -> str:
    if text.isascii() or not DAMAGE.search(text):
        return text
    codec = _codec_of(text, _consistent(text, MISREADINGS))
    return codec.mended(text) if codec else text


def _mended_html_once(source: str) -> str:
    if not (_REFERENCE_PAIR.search(source) or (not source.isascii() and SUSPICIOUS.search(source))):
        return source
    if not DAMAGE.search(_resolved(source)):  # such as "&lt;&gt;", where nothing is damaged
        return source
    codecs: Sequence[Misreading] = MISREADINGS
    pieces: list[tuple[str, bool]] = []
    for piece, is_text in _pieces(source):
        pieces.append((piece, is_text))
        codecs = _consistent(_resolved(piece), codecs) if is_text else codecs
        if not codecs:  # the way out for sound texts, most often at the first accent
            return source
    codec = _codec_of("\n".join(_resolved(piece) for piece, is_text in pieces if is_text), codecs)
    if codec is None:
        return source
    return "".join(_mended_piece(piece, codec) if is_text else piece for piece, is_text in pieces)


def _pieces(source: str) -> Iterator[tuple[str, bool]]:
    """The source in pieces, each with whether it is text that can be mended."""
    position, quoting = 0, ""
    for match in _MARKUP.finditer(source):
        yield source[position : match.start()], not quoting
        yield match[0], False
        position = match.end()
        element = (match["name"] or "").lower()
        if quoting:
            quoting = "" if match["end"] and element == quoting else quoting
        elif element in _QUOTING and not match["end"]:
            quoting = element
    yield source[position:], not quoting


def _resolved(text: str) -> str:
    """The text with its references to characters beyond ASCII resolved, which says the same in HTML."""
    return _REFERENCES.sub(_beyond_ascii, text) if "&" in text else text


def _beyond_ascii(reference: re.Match[str]) -> str:
    character = html.unescape(reference[0])
    return reference[0] if character.isascii() or character == reference[0] else character


def _mended_piece(piece: str, codec: Misreading) -> str:
    resolved = _resolved(piece)
    mended = codec.mended(resolved)
    return piece if mended == resolved else mended


# -- certainty -------------------------------------------------------------------------------------------------------


def _consistent(text: str, codecs: Sequence[Misreading]) -> Sequence[Misreading]:
    """Those of the codecs that explain every letter of the text beyond ASCII as damage."""
    if text.isascii():
        return codecs
    return [codec for codec in codecs if codec.consistent.fullmatch(text)] if PERHAPS_CONSISTENT.fullmatch(text) else []


def _codec_of(text: str, codecs: Iterable[Misreading]) -> Misreading | None:
    """Which of these codecs, all of them consistent, certainly damaged the text; None if that isn't certain."""
    if not DAMAGE.search(text):
        return None
    found: dict[str, Misreading] = {}
    for codec in codecs:
        mended, signs = _signs_of(text, codec)
        # One sign alone needs a text that gets less odd; with several it is enough that it gets no odder.
        if signs and _badness(mended) - _badness(text) < (1 if signs > 1 else 0):
            found.setdefault(mended, codec)
    likeliest = sorted(found, key=_leftovers)[:2]
    is_certain = bool(likeliest) and (len(likeliest) == 1 or _leftovers(likeliest[0]) < _leftovers(likeliest[1]))
    return found[likeliest[0]] if is_certain and not _SPEAKS_OF_ENCODINGS.search(text) else None


def _leftovers(mended: str) -> tuple[int, int]:
    """For sorting codecs by what they make of a text, the likeliest first.

    That is the one that explains most of the damage, so that least is left; of two such, the one that makes fewer
    capitals within words.
    windows-1250 and ISO 8859-2 have the same letters where damage begins, and different ones where it goes on.
    """
    return len(mended), sum(one.islower() and two.isupper() for one, two in pairwise(mended))


def _signs_of(text: str, codec: Misreading) -> tuple[str, int]:
    """The text without the codec's damage, and how many signs have no other explanation; 0 if one speaks against it."""
    signs = 0
    for match in codec.damage.finditer(text):
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        try:
            original = codec.original(match[0])
        except UnicodeDecodeError:
            return text, 0
        if not _is_written((before or " ") + original) or _is_quoted(before, after, original):
            return text, 0
        signs += _signs_at(before, match[0], after, original)
    return (codec.mended(text), signs) if signs else (text, 0)


def _is_written(text: str) -> bool:
    """Whether people write what follows the first character, which is there for the context.

    Most characters that two bytes of UTF-8 can stand for are in no language that blogs are written in.
    """
    return all(_is_usual(*pair) for pair in pairwise(text))


def _is_usual(before: str, character: str) -> bool:
    kind = category(character)
    if kind in {"Cn", "Co", "Cs", "Me"}:
        return False
    if kind == "Mn" and character != _EMOJI_STYLE and not (before.isalpha() or category(before) == "Mn"):
        return False
    return not "\u0180" <= character < "\u0370" or character in _RARE_LETTERS or character in _ACCENTS


def _is_quoted(before: str, after: str, original: str) -> bool:
    """Whether one damaged character stands alone between quotes or brackets: it is a sample, and meant as it is."""
    if len(original) > 1:
        return False
    is_bracketed = before in _BRACKETS and after in _BRACKETS and (original.isalpha() or original in _QUOTE_MARKS)
    return is_bracketed or (before in _QUOTES and after in _QUOTES)


def _signs_at(before: str, damaged: str, after: str, original: str) -> int:
    """How strongly a place speaks for damage: nobody would write `damaged` there, but somebody would write `original`.

    From 0 to 2; more where several damaged characters stand in a row.
    """
    if len(original) > 1:
        return len(original)
    if len(damaged) > 2:
        return len(damaged) - 2 if _is_sign_there(before, damaged, after, original) else 0
    return _signs_of_two_bytes(before, damaged, after, original)


def _is_sign_there(before: str, damaged: str, after: str, original: str) -> bool:
    """Whether three or four bytes make what fits there: a symbol, a quotation mark at a word, a letter within one."""
    if len(damaged) == 3 and _MAY_FOLLOW_A_LETTER.issuperset(damaged[1:]):
        return False
    if original in _QUOTE_MARKS:
        return bool((before + after).strip())
    if _is_latin(original):
        return _is_ascii_letter(before) or _is_ascii_letter(after)
    return "\u2000" <= original < "\u2c00" or original > "\uffff"


def _signs_of_two_bytes(before: str, damaged: str, after: str, original: str) -> int:
    """`_signs_at` for one letter or symbol of Latin-1, whose damage (a letter and a symbol) many a word ends with."""
    lead, rest = damaged[0], damaged[1]
    if lead == "Â" and rest in _SIGNS:
        return not before.isalpha() and before not in _QUOTES
    if original > "\xbf" and not _is_latin(original) and original not in _ACCENTS:
        return 0
    if before.isascii() and before.islower():
        is_mixed = original.isalpha() and not _is_latin(lead) and rest not in _QUOTE_MARKS
        return 0 if lead.islower() else 1 + is_mixed
    if rest not in _MAY_FOLLOW_A_LETTER:
        return (_is_ascii_letter(before) and original.isupper()) or _is_ascii_letter(after)
    return lead == "Ã" and after.isascii() and after.islower() and not before.isalnum() and rest not in "’”"


def _is_latin(character: str) -> bool:
    return name(character, "").startswith("LATIN")


def _is_ascii_letter(character: str) -> bool:
    return character.isascii() and character.isalpha()


def _badness(text: str) -> int:
    """How odd a text looks to ftfy, which is imported only now, as few feeds are damaged."""
    judge: Callable[[str], int] = import_module("ftfy.badness").badness
    return judge(text)
