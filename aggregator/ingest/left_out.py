"""What of a post is left out on purpose, and why. Whatever isn't on this list reaches the reader.

The stages that leave something out ask here what it is; a test invents posts, and finds all else in what is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_NOTHING = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One kind of what is left out, with the marks that it is known by."""

    reason: str
    elements: frozenset[str] = frozenset()
    """Which go with their content."""
    classes: frozenset[str] = frozenset()
    styles: re.Pattern[str] = _NOTHING
    """What a style attribute says of it."""
    addresses: re.Pattern[str] = _NOTHING
    words: re.Pattern[str] = _NOTHING


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


CODE = LeftOut(
    "Nothing of a post may run on our pages or change how they look, and its source is not for reading.",
    elements=_names("script style plaintext"),
)
FORMS = LeftOut(
    "What is typed into them would go to somebody else under our name: fields, and what there is to choose from. All"
    " other words of a form stay, as of its labels and buttons: some write a whole post in one.",
    elements=_names("textarea select datalist"),
)
DRAWINGS = LeftOut(
    "Most are icons. They can hold scripts, and parsers disagree where they end. Of a drawing, its words and the"
    " pictures in it stay.",
    elements=_names("svg"),
)
OLD_FRAMES = LeftOut(
    "What browsers show only instead of a frame or a plug-in, or no longer show at all.",
    elements=_names("iframe noembed noframes template title"),
)
HIDDEN = LeftOut(
    "Its author hides it: a preview for mail programs, a draft, a panel. Unless a link or a button of the post opens"
    " it, or nothing is left without it: then it waits for a script that shows the whole post.",
    classes=_names("preheader mcnpreviewtext"),
    styles=re.compile(
        r"(?<![\w-])display\s*+:\s*+none"
        r"|(?<![\w-])visibility\s*+:\s*+(?:hidden|collapse)"
        r"|mso-hide\s*+:\s*+all",
        re.IGNORECASE,
    ),
)
DOUBLES = LeftOut(
    "It says once more what stands beside it: a number for those who hear the page, a formula as it is drawn, a"
    " picture that waits for a script beside the one for browsers without scripts.",
    classes=_names("screen-reader-text sr-only visually-hidden visuallyhidden u-visually-hidden screenreader-only"),
)
HEADING_LINKS = LeftOut(
    "It leads from a heading to itself, and is a sign that shows when the mouse is over it.",
    classes=_names(
        "headerlink header-link header-anchor anchor anchorlink anchor-link anchorjs-link heading-link heading-anchor"
        " hash-link permalink sl-anchor-link deep-link direct-link section-link autolink hanchor"
    ),
    words=re.compile(
        r"[\s¶#§🔗⚓∞⌗❡⛓🖇⚑☍\u200b-\u200d\ufe0e\ufe0f\ue000-\uf8ff]*+"
        r"|(?:section titled|link to|direct link|permalink|permanent link|copy link|anchor)\b.*+"
        r"|[\[(]?(?:link|#)[\])]?|永久链接|永久連結|固定链接|パーマリンク|固定リンク|постоянная ссылка"
        r"|(?:lien|link|enlace) permanente?|permanenter link",
        re.IGNORECASE | re.DOTALL,
    ),
)
AROUND_CODE = LeftOut(
    "A program put it around the code: numbers of its lines, which a style sets apart, and buttons that copy it.",
    classes=_names(
        "linenos lineno linenodiv linenumber linenumbers line-number line-numbers-rows line_number line_numbers"
        " code-line-number ln lnt lntd gutter rouge-gutter blob-num hljs-ln-numbers hljs-ln-n crayon-num crayon-nums"
    ),
    words=re.compile(
        r"\b(?:copy|copied|copybtn|clipboard|kopier\w*+|copier|copiar|copia|skopiuj)\b|btn-?copy|复制|複製|コピー",
        re.IGNORECASE,
    ),
)
"""Of elements of these classes, those that hold nothing but numbers; of buttons, those with these words."""

TRACKERS = LeftOut(
    "It counts readers, who came to us and not to those who count.",
    styles=re.compile(r"(?:^|[\s;])(?:width|height)\s*+:\s*+[01]px", re.IGNORECASE),
    addresses=re.compile(
        r"https?://(?:"
        r"pixel\.(?:wp|quantserve|facebook)\.com/"
        r"|(?:stats|feeds)\.wordpress\.com/"
        r"|feeds\d?\.feedburner\.com/~r/|feedproxy\.google\.com/~r/|feedads\.g\.doubleclick\.net/"
        r"|(?:[\w-]+\.)*(?:doubleclick\.net|google-analytics\.com|scorecardresearch\.com|feedsportal\.com"
        r"|statcounter\.com)/"
        r"|blogger\.googleusercontent\.com/tracker/"
        r"|medium\.com/_/stat"
        r"|www\.facebook\.com/tr\b"
        r"|[\w.-]+\.list-manage\.com/track/"
        r")"
    ),
)
TRACKING_FRAMES = LeftOut(
    "Counters, advertisements, and buttons that tell others what is read here.",
    addresses=re.compile(
        r"https?://(?:"
        r"(?:[\w-]+\.)*(?:googletagmanager\.com|doubleclick\.net|googlesyndication\.com|google-analytics\.com"
        r"|amazon-adsystem\.com|adnxs\.com|addthis\.com|sharethis\.com|taboola\.com|outbrain\.com)/"
        r"|(?:www\.)?facebook\.com/(?:v[\d.]++/)?(?:plugins/(?:like|share|follow|likebox|fan|send|subscribe|page)|tr\b)"
        r"|platform\.twitter\.com/widgets/(?:tweet_button|follow_button|hub)"
        r"|platform\.linkedin\.com/|apis\.google\.com/|(?:www\.)?google\.com/recaptcha/"
        r"|rcm[\w-]*+\.amazon\.[a-z.]{2,6}/|ghbtns\.com/|buttons\.github\.io/"
        r")"
    ),
)
BLANKS = LeftOut(
    "An image that is no picture: of one pixel, without an address, or the blank that holds the place of one that a"
    " script loads.",
    words=re.compile(
        r"(?:[\w-]*[-_.])?(?:blank|none|spacer|placeholder|transparent|1x1|pixel|loading|loader|lazy(?:load)?|spinner|gr[ae]y)"
        r"(?:[-_.][\w.-]*)?\.(?:gif|png|svg|webp|jpe?g)",
        re.IGNORECASE,
    ),
)
"""Its `words` are names of files."""

# "Enable JavaScript", and not a post about it: in the words of a few languages.
_ASKS = (
    "enabl|turn(?:ed)? (?:it )?o[nf]|activ|aktiv|requir|need|disabl|support|allow|please|bitte|erlaub|einschalt|habilit"
    "|attiv|inschakel|włącz|включ|有効"
)

PLEAS = LeftOut(
    "Words for browsers that run no script or play no film: they ask for another browser.",
    words=re.compile(
        rf"java ?script\b[^.]{{0,80}}?(?:{_ASKS})|(?:{_ASKS})[^.]{{0,80}}?java ?script|\b(?:no|without) java ?script"
        r"|\b(?:your|ihr|dein|votre|tu|su|il tuo|uw|je|seu|din) (?:web ?)?"
        r"(?:browser|navigat|navegad)|браузер|przegl[aą]dark|ブラウザ|浏览器|\bflash player\b|\bplug-?in\b",
        re.IGNORECASE,
    ),
)

LEFT_OUT: Mapping[str, LeftOut] = {
    "code": CODE,
    "forms": FORMS,
    "drawings": DRAWINGS,
    "old frames": OLD_FRAMES,
    "hidden text": HIDDEN,
    "doubles": DOUBLES,
    "links of headings to themselves": HEADING_LINKS,
    "what stands around code": AROUND_CODE,
    "trackers": TRACKERS,
    "frames of trackers and advertisers": TRACKING_FRAMES,
    "blank images": BLANKS,
    "pleas for another browser": PLEAS,
    "comments": LeftOut("Notes of authors and programs to themselves."),
    "pages within pages within pages": LeftOut("What a frame's own page (srcdoc) holds in a frame of its own."),
    "styles, names and events": LeftOut(
        "They could cover the page or steer it. Ids stay where a link of the post leads to them, under a name of ours."
    ),
    "backgrounds": LeftOut(
        "Pictures that a style draws behind a text decorate a page that isn't ours. One alone stays."
    ),
    "other formats": LeftOut("Of a picture that is there in several formats and sizes, one is enough."),
    "subtitles": LeftOut("Tracks of a film belong to its player. The film is a link, and has them where it leads."),
}
"""By name. What has no marks of its own is left out because nothing lets it through."""

SWALLOWED = frozenset().union(*(kind.elements for kind in LEFT_OUT.values()))
"""Elements that are dropped with their content."""
