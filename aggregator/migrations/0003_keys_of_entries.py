"""Gives the entries that are there the keys by which new ones find them; copies among them fold at their next change.

How keys are made stands here as it was then: rooms move and rules change, and this migration must run as it did. Only
the one spelling of addresses and of characters is asked of `ingest`, as entries that are stored later are spelled so too.
"""

import hashlib
import re
from itertools import islice

from django.db import migrations

from aggregator.ingest.address import absolute_link, link_identity
from aggregator.ingest.text import resolve_entities

CHUNK = 500
MIN_TEXT_WORDS = 48
PERMANENT_ID = re.compile(r"(?:tag:[^,\s]+,\d{4}[\d-]*:|urn:[a-z0-9][a-z0-9-]+:)\S+", re.IGNORECASE)
MARKUP = re.compile(r"<[^>]*>")
WORD = re.compile(r"\w+")


def link_key(url):
    identity = link_identity(url)
    return digest(identity) if re.search("[/?#]", identity) else ""


def id_key(guid):
    if PERMANENT_ID.fullmatch(guid):
        return digest(guid)
    is_address = guid.lower().startswith(("http://", "https://"))
    return link_key(absolute_link(guid, "")) if is_address else ""


def title_key(title, content_html):
    words = " ".join(WORD.findall(title.casefold()))
    text = resolve_entities(MARKUP.sub(" ", content_html)).casefold()
    is_long_enough = len(list(islice(WORD.finditer(text), MIN_TEXT_WORDS))) == MIN_TEXT_WORDS
    return digest(words) if words and is_long_enough else ""


def digest(text):
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def identify(apps, schema_editor):
    entries = apps.get_model("aggregator", "Entry").objects.order_by("pk")
    last = 0
    while chunk := list(entries.filter(pk__gt=last).only("guid", "url", "title", "content_html")[:CHUNK]):
        for entry in chunk:
            entry.link_key, entry.id_key = link_key(entry.url), id_key(entry.guid)
            entry.title_key = title_key(entry.title, entry.content_html)
        entries.bulk_update(chunk, ["link_key", "id_key", "title_key"], batch_size=100)
        last = chunk[-1].pk


class Migration(migrations.Migration):
    dependencies = [("aggregator", "0002_fold_and_hold")]

    operations = [migrations.RunPython(identify, migrations.RunPython.noop)]
