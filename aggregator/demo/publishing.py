"""Which posts are out at a moment. The diary remembers what was published, so that a second start repeats nothing."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .library import RIGHT_TO_LEFT, Library, Post

LEAD_SECONDS = 10
"""A post comes out this long before a full slot, so that the worker's tick on the minute finds it."""

MAX_PUBLICATIONS = 2000
"""In the diary; older ones are forgotten, long after they left the feeds."""

_ECHOES = {
    "en": (
        ("{title}, revisited", "Somebody asked about this one last week, so here it is once more, lightly dusted."),
        ("Again: {title}", "Still true, still asked, so from the archive it comes."),
        (
            "{title} (second thoughts)",
            "I came back to this with coffee and changed almost nothing, which surprised me.",
        ),
        ("Once more: {title}", "Three people quoted this at me in one week. I take the hint."),
    ),
    "he": (
        ("שוב: {title}", "מישהי שאלה על זה השבוע, אז הנה זה שוב, אחרי ניגוב אבק."),
        ("{title}, במבט שני", "חזרתי לזה עם קפה ולא שיניתי כמעט כלום, וזה הפתיע אותי."),
    ),
}


@dataclass(frozen=True, slots=True)
class DatedPost:
    """A post that is out."""

    post: Post
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Publication:
    """One entry of the diary: which upcoming post came out, for which time around (from 1), when."""

    key: str
    round: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Diary:
    """What has happened: the first start, and every publication since, oldest first."""

    epoch: datetime
    publications: tuple[Publication, ...] = ()


def next_slot(now: datetime, every_seconds: int) -> datetime:
    """The first moment after `now` that is LEAD_SECONDS before a full multiple of the interval."""
    past = (now.timestamp() + LEAD_SECONDS) % every_seconds
    return datetime.fromtimestamp(round(now.timestamp() + every_seconds - past), UTC)


def publish_next(library: Library, diary: Diary, at: datetime) -> tuple[Diary, Post]:
    """The diary with one more publication, and the post that came out: the next in the rotation, round and round."""
    keys = [post.key for post in library.upcoming]
    last = diary.publications[-1] if diary.publications else None
    position = keys.index(last.key) + 1 if last and last.key in keys else 0
    turn = last.round if last else 1
    if position == len(keys):
        position, turn = 0, turn + 1
    publication = Publication(keys[position], turn, at)
    publications = (*diary.publications, publication)[-MAX_PUBLICATIONS:]
    return replace(diary, publications=publications), _echo(library.upcoming[position], turn)


def published_posts(library: Library, diary: Diary, now: datetime) -> tuple[DatedPost, ...]:
    """Everything that is out at `now`, newest first."""
    upcoming = {post.key: post for post in library.upcoming}
    dated = [DatedPost(post, diary.epoch - (post.age or timedelta())) for post in library.posts]
    dated += [
        DatedPost(_echo(upcoming[publication.key], publication.round), publication.at)
        for publication in diary.publications
        if publication.key in upcoming
    ]
    return tuple(sorted((one for one in dated if one.published_at <= now), key=_newest_first))


def read_diary(path: Path, *, now: datetime) -> Diary:
    """The diary that the file keeps; a new one that starts at `now`, if there is none or it can't be read."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Diary(
            epoch=datetime.fromisoformat(kept["epoch"]),
            publications=tuple(
                Publication(one["post"], one["round"], datetime.fromisoformat(one["at"])) for one in kept["published"]
            ),
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return Diary(epoch=now.replace(microsecond=0))


def write_diary(path: Path, diary: Diary) -> None:
    """Keep the diary; a crash leaves the old file or the new one, never half of it."""
    published = [{"post": one.key, "round": one.round, "at": one.at.isoformat()} for one in diary.publications]
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({"epoch": diary.epoch.isoformat(), "published": published}, indent=1), encoding="utf-8")
    os.replace(draft, path)


def _newest_first(dated: DatedPost) -> tuple[float, str]:
    return -dated.published_at.timestamp(), dated.post.key


def _echo(post: Post, turn: int) -> Post:
    """The post itself the first time around; after that under another name, with a line on why it is back."""
    if turn == 1:
        return post
    echoes = _ECHOES.get(post.language, _ECHOES["en"])
    pattern, opening = echoes[(turn - 2) % len(echoes)]
    title = pattern.format(title=post.title) if post.title else ""
    if title and turn - 2 >= len(echoes):
        title = f"{title} ({turn})"
    direction = "rtl" if post.language in RIGHT_TO_LEFT else "ltr"
    opening = f'<p lang="{post.language}" dir="{direction}"><em>{opening}</em></p>'
    return replace(post, slug=f"{post.slug}-{turn}", title=title, html=f"{opening}\n{post.html}")
