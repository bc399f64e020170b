"""What the search's index weighs and costs: `python -m tests.benchmarks.search_index [ENTRIES] [WORDS]`.

Invented posts of about so many words (50,000 of 250 by default), one in twenty in Japanese, on whatever `DATABASE_URL`
names, which must be empty; SQLite in a temporary folder without it. Bytes are those of the table of words with all
that belongs to it, against those of the plain text in UTF-8.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from itertools import islice

from tests.benchmarks import site

site.start()

from django.db import connection, transaction  # noqa: E402

from aggregator.ingest.whole_text import whole_text  # noqa: E402
from aggregator.models import Entry, EntryText, Feed, SearchState  # noqa: E402
from aggregator.search.catching_up import step  # noqa: E402
from aggregator.search.index import index_new  # noqa: E402
from tests.factories import make_feed, unsaved_entry  # noqa: E402

SYLLABLES = [letter + vowel for letter in "bklmnrst" for vowel in "aeio"]
KANA = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほ"
HAN = [chr(0x4E00 + number) for number in range(2000)]
LOT = 50


def entries(feed: Feed, count: int, words: int) -> Iterator[Entry]:
    """Words come as often as in a language: the tenth is a tenth as common as the first."""
    chance = random.Random(1)
    lexicon = ["".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(60_000)]
    weights = [1 / rank for rank in range(1, len(lexicon) + 1)]
    common = chance.choices(lexicon, weights, k=1_000_000)
    han = chance.choices(HAN, [1 / rank for rank in range(1, 2001)], k=200_000)
    for number in range(count):
        if number % 20:
            start, length = chance.randrange(len(common) - 2 * words), chance.randint(words // 2, words * 3 // 2)
            text = common[start : start + length]
            html = f"<p>{' '.join(text[: length // 2])}, <em>and</em></p><p>{' '.join(text[length // 2 :])}.</p>"
        else:
            start = chance.randrange(len(han) - 2 * words)
            pairs = zip(han[start : start + words // 2], han[start + 1 :], strict=False)
            html = f"<p>{'。'.join(one + ''.join(chance.choices(KANA, k=3)) + other for one, other in pairs)}</p>"
        yield unsaved_entry(feed, " ".join(chance.choices(common, k=6)), days_ago=number / 60, content_html=html)


def weight() -> int:
    """Bytes of all that is there because of words."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_total_relation_size('aggregator_entrytext')")
            return int(cursor.fetchone()[0])
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        whole = int(cursor.fetchone()[0])
        cursor.execute("SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size")
        return whole - int(cursor.fetchone()[0])


def fill(count: int, words: int) -> None:
    feed = make_feed()
    text_bytes, taken = 0, 0.0
    made = entries(feed, count, words)
    while lot := list(islice(made, LOT)):
        text_bytes += sum(len(whole_text(entry.content_html, 10**6).encode()) for entry in lot)
        with transaction.atomic():
            Entry.objects.bulk_create(lot)
    empty, stored_entries = weight(), Entry.objects.order_by("pk").iterator(chunk_size=LOT)
    while lot := list(islice(stored_entries, LOT)):
        began_at = site.cpu_seconds()
        with transaction.atomic():
            index_new(lot)
        taken += site.cpu_seconds() - began_at
    print(f"{count} entries, text {text_bytes / 2**20:.0f} MiB; to index one {1000 * taken / count:.2f} ms of CPU")
    full = weight()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT sum(length(CAST(terms AS BLOB))) FROM aggregator_entrytext")
            [terms] = cursor.fetchone()
            cursor.execute("SELECT sum(length(block)) FROM aggregator_entryterms_data")
            [blocks] = cursor.fetchone()
        print(f"  terms {terms / text_bytes:.2f}, full text {blocks / text_bytes:.2f} of the text")
    else:
        with connection.cursor() as cursor:
            cursor.execute("SELECT sum(octet_length(terms)), sum(pg_column_size(terms)) FROM aggregator_entrytext")
            terms, stored = map(int, cursor.fetchone())
            cursor.execute("SELECT pg_relation_size('entry_terms')")
            [gin] = cursor.fetchone()
        print(f"  terms {terms / text_bytes:.2f}, as stored {stored / text_bytes:.2f}, GIN {gin / text_bytes:.2f}")
    print(f"  words and index {(full - empty) / 2**20:.0f} MiB: {(full - empty) / text_bytes:.2f} of the text")


def catch_up() -> None:
    EntryText.objects.all().delete()
    SearchState.objects.begin_anew()
    taken = []
    while True:
        began_at = time.perf_counter()
        if not step():
            break
        taken.append(time.perf_counter() - began_at)
    tenth = max(len(taken) // 10, 1)
    first, last = (sum(some) / len(some) for some in (taken[:tenth], taken[-tenth:]))
    print(f"  the worker's steps: the first tenth {1000 * first:.0f} ms each, the last {1000 * last:.0f} ms")


def main() -> None:
    numbers = [int(argument) for argument in sys.argv[1:]]
    fill(*(numbers + [50_000, 250][len(numbers) :]))
    catch_up()


if __name__ == "__main__":
    main()
