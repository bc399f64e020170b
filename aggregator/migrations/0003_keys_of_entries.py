"""Gives the entries that are there the keys by which new ones find them; copies among them fold at their next change."""

from django.db import migrations

from aggregator.folding.likeness import id_key, link_key, title_key

CHUNK = 500


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
