"""The names of people as feeds write them: which are one, which are nobody's, and how addresses of pages write them.
Pure.

Many blogs are "written" by "admin". Such a name says nothing to readers, and would be one person of a hundred blogs.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from hashlib import sha256
from unicodedata import category, normalize

from .spelling import caseless, plain

MAX_STEM_CHARACTERS = 80
"""Of what a slug is made from; a number may have to follow."""

_ROLES = frozenset(
    {
        *("admin", "admins", "administrator", "administrators", "adm", "webadmin", "siteadmin", "sysadmin"),
        *("wpadmin", "wordpress", "wp", "blogadmin", "blogger", "editor", "editors", "editorial", "copyeditor"),
        *("editorinchief", "webmaster", "postmaster", "hostmaster", "moderator", "mod", "manager", "owner"),
        *("publisher", "author", "authors", "writer", "writers", "contributor", "contributors", "blog", "blogs"),
        *("website", "site", "news", "newsroom", "noreply", "donotreply", "root", "superuser", "system", "bot"),
        *("robot", "user", "users", "username", "test", "tester", "testuser", "demo", "default", "guest", "guests"),
        *("guestauthor", "guestblogger", "guestpost", "guestposts", "guestwriter", "visitor", "member", "members"),
        *("staff", "team", "crew", "unknown", "anonymous", "anon", "nobody", "none", "null", "nil", "nan"),
        *("undefined", "untitled", "na", "name", "noname", "various", "variousauthors", "multipleauthors"),
        *("support", "info", "contact", "press", "marketing", "pr", "hello", "mail", "email", "office", "feed"),
        *("rss", "atom", "administrador", "administradora", "administrateur", "administratrice", "amministratore"),
        *("beheerder", "redaktion", "redaktor", "redakteur", "redakcja", "redakce", "redakcia", "redaccion"),
        *("redaction", "redazione", "redacao", "redactie", "redaktionen", "toimitus", "redaksjonen", "redaksiyon"),
        *("gast", "gastautor", "gastbeitrag", "invite", "invitado", "invitada", "ospite", "convidado", "vieras"),
        *("anonym", "anonyme", "anonimo", "anonima", "anonymus", "unbekannt", "inconnu", "desconocido"),
        *("desconhecido", "sconosciuto", "okand", "okant", "ukjent", "equipe", "equipo", "mannschaft", "squadra"),
        *("yonetici", "editeur", "editorin", "webmestre", "autor", "autorin", "autore", "auteur", "verfasser"),
        *("админ", "администратор", "администрация", "редактор", "редакция", "гость", "аноним", "неизвестно"),
        *("вебмастер", "автор", "команда", "адмін", "адміністратор", "редакція", "гість", "анонім", "διαχειριστης"),
        *(
            "συντακτης",
            "επισκεπτης",
            "ανωνυμος",
            "管理员",
            "管理員",
            "管理者",
            "编辑",
            "編輯",
            "編集者",
            "编辑部",
            "編輯部",
            "編集部",
            "匿名",
        ),
        *(
            "佚名",
            "游客",
            "訪客",
            "ゲスト",
            "名無し",
            "管理人",
            "站长",
            "站長",
            "运营",
            "官方",
            "관리자",
            "운영자",
            "편집자",
            "편집부",
            "익명",
            "게스트",
        ),
        *("손님", "مدير", "المدير", "مشرف", "المشرف", "محرر", "المحرر", "التحرير", "مجهول", "زائر", "ضيف", "מנהל"),
        *("עורך", "העורך", "מערכת", "המערכת", "אורח", "אנונימי", "ผู้ดูแล", "ผู้ดูแลระบบ", "บรรณาธิการ", "प्रशासक"),
        *("संपादक", "अतिथि", "अज्ञात"),
    }
)
"""Words for who runs or writes a site, without spaces and marks; each is nobody's name."""
_GROUPS = "team|editors|editorial|redaktion|equipe|equipo|staff|admin"
_OF_A_GROUP = re.compile(
    rf".{{0,80}} (?:{_GROUPS})|(?:(?:the|das|die|l['’]) ?)?(?:team|equipe|equipo|редакция|команда) .{{0,80}}"
)
_ARTICLE = re.compile(r"^(?:(?:the|das|die|der|la|le|el|il) |l['’] ?)")
_TOP = "com|net|org|info|io|dev|blog|site|app|de|uk|fr|eu|nl|ch|at|jp|cn|ru|pl|cz|it|es|au|ca|br|us|tv|ai|be|se|fi|dk"
_ADDRESS = re.compile(rf"https?://.*|www\..*|[^\s@]+@[^\s@]+|[\w-]+(?:\.[\w-]+)*\.(?:{_TOP})/?")
"""Of a site or of mail. Not "@ann@social.example", by which people are known."""
_SUFFIX = re.compile(
    r"(?:jr|sr|i{2,3}|iv|ph\.? ?d|m\.?d|m\.?sc|b\.?sc|m\.?a|mba|esq|inc|llc|ltd|gmbh)\.?", re.IGNORECASE
)


def name_key(name: str) -> str:
    """What two spellings of one name share: upper and lower case, spaces, and what can't be seen don't count."""
    visible = "".join(letter for letter in name if category(letter) != "Cf")
    return sha256(caseless(" ".join(visible.split())).encode("utf-8", "replace")).hexdigest()[:32]


def is_nobody(name: str) -> bool:
    """Whether this is no name of a person: a role, a group of whoever runs the site, an address, or no words at all."""
    words = " ".join(plain(name).split())
    bare = _letters_of(_ARTICLE.sub("", words))
    if not bare:
        return not any(category(letter) == "So" for letter in name)  # some sign with a picture
    is_role = bare in _BARE_ROLES or bare.isdecimal() or _OF_A_GROUP.fullmatch(words)
    return bool(is_role or _ADDRESS.fullmatch(words))


def slug_stem(name: str) -> str:
    """The name as it stands in an address: letters of any script with their marks, digits, and hyphens between."""
    letters = (letter if category(letter)[0] in "LMN" else "-" for letter in normalize("NFC", caseless(name)))
    return re.sub("-+", "-", "".join(letters))[:MAX_STEM_CHARACTERS].strip("-") or "author"


def names_in(line: str, known: Collection[str] = ()) -> list[str]:
    """The names in a line of several, as posts keep them. `known` are keys of names that its feed is known to write.

    A comma can stand within a name ("King, Jr."; "Smith, John"). So what is known is taken whole, the longest first;
    for the rest, a line is taken apart where all of its parts could be a first and a last name.
    """
    parts = line.split(", ")
    if len(parts) == 1 or name_key(line) in known:
        return [line] if line else []
    taken = _taken_from(parts, known)
    if taken:
        return taken
    whole = _with_suffixes(parts)
    is_several = all(" " in part or is_nobody(part) or category(part[:1] or " ") == "Lo" for part in whole)
    return whole if is_several else [line]


def _taken_from(parts: list[str], known: Collection[str]) -> list[str]:
    """The line as names that are known or nobody's; empty if it isn't made of those alone."""
    found: list[str] = []
    at = 0
    while at < len(parts):
        for end in range(len(parts), at, -1):
            name = ", ".join(parts[at:end])
            if name_key(name) in known or (end == at + 1 and is_nobody(name)):
                found.append(name)
                at = end
                break
        else:
            return []
    return found


def _with_suffixes(parts: list[str]) -> list[str]:
    """ "King", "Jr." are one name."""
    names: list[str] = []
    for part in parts:
        if names and _SUFFIX.fullmatch(part):
            names[-1] = f"{names[-1]}, {part}"
        else:
            names.append(part)
    return names


def _letters_of(text: str) -> str:
    return "".join(letter for letter in text if category(letter)[0] in "LMN")


_BARE_ROLES = frozenset(_letters_of(plain(word)) for word in _ROLES)
