"""What a search takes on a large planet: `python -m tests.benchmarks.search [--entries 500000] [--feeds 3000]`.

The rows are filled on whatever `DATABASE_URL` names, which must be empty or filled by this before; SQLite in a
temporary folder without it. Their words are invented, and as frequent as people's. Each line is a question: the median,
and of twenty times the last but one, in milliseconds of processor time, PostgreSQL's for us included; and how many it
found.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from statistics import median

from tests.benchmarks import site

site.start()

from aggregator.models import Entry, Feed  # noqa: E402
from aggregator.models.counting import refresh_counts  # noqa: E402
from aggregator.search.deadline import TooSlow  # noqa: E402
from aggregator.search.finding import BEST, find  # noqa: E402
from aggregator.search.nearest import nearest_titles  # noqa: E402
from aggregator.search.query import parse  # noqa: E402
from tests.benchmarks.search_rows import fill_texts, word_of  # noqa: E402
from tests.benchmarks.size import fill_entries, fill_feeds, seconds_of_work  # noqa: E402

ROUNDS = 20
PAGE = 20
FREQUENT, COMMON, LESS_COMMON, MIDDLE, RARE = map(word_of, (1, 25, 40, 1_000, 49_000))
"""In nearly all posts, in a half, in a third, in one of 60, in one of 3,000."""


def questions() -> Iterator[tuple[str, Callable[[], object]]]:
    listed = Entry.objects.listed()
    deep = listed.newest_first()[listed.count() * 4 // 5]
    typed = {
        "word of nearly all posts": FREQUENT,
        "common word": COMMON,
        "middle word": MIDDLE,
        "rare word": RARE,
        "two common words": f"{COMMON} {LESS_COMMON}",
        "common and rare": f"{COMMON} {RARE}",
        "phrase of common words": f'"{FREQUENT} {COMMON}"',
        "phrase of less common ones": f'"{COMMON} {LESS_COMMON}"',
        "phrase of middle words": f'"{word_of(300)} {word_of(301)}"',
        "common, not another": f"{COMMON} -{LESS_COMMON}",
        "in titles": f"title:{COMMON}",
        "of a source of few posts": f'{COMMON} source:"blog 2900"',
        "of ten sources": f"{COMMON} category:ten",
        "of many sources": f"{COMMON} category:rest",
        "of a month years ago": f"{COMMON} after:2023-05 before:2023-06",
        "not there": f"{COMMON} nowhere",
        **{f"word number {rank:,}": word_of(rank) for rank in (75, 150, 300, 600, 3_000, 10_000)},
    }
    for name, text in typed.items():
        yield name, lambda text=text: find(parse(text), listed, limit=PAGE)
    for name in ("common word", "middle word", "rare word", "two common words", "phrase of common words"):
        text = typed[name]
        yield f"{name}, best first", lambda text=text: find(parse(text), listed, limit=PAGE, order=BEST)
        yield f"{name}, deep", lambda text=text: find(parse(text), listed, limit=PAGE, before=deep)
    misspelled = COMMON[:-2] + COMMON[:-3:-1]
    yield "nearest titles", lambda: nearest_titles(parse(f"{misspelled} {RARE}"), listed)


def take(ask: Callable[[], object]) -> tuple[list[float], object]:
    samples, answer = [], None
    for _ in range(ROUNDS + 1):
        before = seconds_of_work()
        try:
            answer = ask()
        except TooSlow as error:
            answer = error
        samples.append(seconds_of_work() - before)
    return sorted(samples[1:]), answer


def show(name: str, samples: list[float], answer: object) -> None:
    count = getattr(answer, "count", None)
    found = f"{count}{'+' if getattr(answer, 'is_more_than_count', False) else ''}" if isinstance(count, int) else ""
    told = "too slow" if isinstance(answer, TooSlow) else found
    print(f"  {name:<36} {median(samples) * 1000:7.1f} ms {samples[-2] * 1000:7.1f} ms   {told}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=500_000)
    parser.add_argument("--feeds", type=int, default=3_000)
    options = parser.parse_args()
    if not Feed.objects.exists():
        fill_feeds(options.feeds, options.feeds)
        fill_entries(0, options.entries)
        refresh_counts(Feed.objects.all())
        fill_texts()
    for name, ask in questions():
        show(name, *take(ask))


if __name__ == "__main__":
    main()
