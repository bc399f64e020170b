"""Names get the forms by which they are compared and sorted; categories that differ in case alone become one."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db import IntegrityError, migrations, models, transaction

from aggregator.models.spelling import caseless, plain

logger = logging.getLogger(__name__)
BATCH_FEEDS = 500


def derive(apps: Any, schema_editor: Any) -> None:
    """What the new columns say of the names that are there."""
    feeds = apps.get_model("aggregator", "Feed").objects
    titled = feeds.exclude(title="").only("pk", "title").order_by("pk").iterator(chunk_size=BATCH_FEEDS)
    while some := list(islice(titled, BATCH_FEEDS)):
        for feed in some:
            feed.plain_title = plain(feed.title)[:300]
        feeds.bulk_update(some, ["plain_title"])
    for category in apps.get_model("aggregator", "Category").objects.all():
        category.caseless_name, category.plain_name = caseless(category.name), plain(category.name)[:80]
        category.save()


def merge(apps: Any, schema_editor: Any) -> None:
    """Of categories that are called alike the oldest stays as it is, and gets what stood in the others.

    Its feeds, and who wants to be told of it. The addresses of the others lead to its own.
    """
    former_slugs = apps.get_model("aggregator", "FormerSlug").objects
    alike: defaultdict[str, list[Any]] = defaultdict(list)
    for category in apps.get_model("aggregator", "Category").objects.order_by("pk"):
        alike[category.caseless_name].append(category)
    for kept, *others in alike.values():
        for category in others:
            for model, name in _that_name_categories(apps):
                _point_to(kept, model.objects.filter(**{name: category}), name)
            category.delete()
            former_slugs.create(slug=category.slug, category=kept)
            logger.warning(
                "category merged name=%r into=%r; /category/%s/ and its feeds lead to /category/%s/ now",
                *(category.name, kept.name, category.slug, kept.slug),
            )
    # PostgreSQL alters no table of which rows wait to be checked, and indexes are made at the migration's end.
    schema_editor.connection.check_constraints()


def _that_name_categories(apps: Any) -> Iterator[tuple[Any, str]]:
    """All models that have a category, of whichever app, and what they call it: devices choose some, too."""
    category = apps.get_model("aggregator", "Category")
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            if field.is_relation and field.related_model is category:
                yield model, field.name


def _point_to(kept: Any, rows: Any, name: str) -> None:
    """These rows name the kept category from now on; but for those that say what is said already, which go with theirs."""
    try:
        with transaction.atomic():
            rows.update(**{name: kept})
    except IntegrityError:
        for row in list(rows):
            try:
                with transaction.atomic():
                    rows.filter(pk=row.pk).update(**{name: kept})
            except IntegrityError:
                row.delete()


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0024_uncounted_feeds"),
    ]

    operations = [
        migrations.AddField(
            model_name="category",
            name="caseless_name",
            field=models.CharField(default="", editable=False, max_length=240),
        ),
        migrations.AddField(
            model_name="category",
            name="plain_name",
            field=models.CharField(default="", editable=False, max_length=80),
        ),
        migrations.AddField(
            model_name="feed",
            name="plain_title",
            field=models.CharField(default="", editable=False, max_length=300),
        ),
        migrations.CreateModel(
            name="FormerSlug",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=80, unique=True)),
                (
                    "category",
                    models.ForeignKey(on_delete=models.CASCADE, related_name="former_slugs", to="aggregator.category"),
                ),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RunPython(derive, migrations.RunPython.noop, elidable=True),
        # Last: PostgreSQL alters no table of which rows wait to be checked, so the next migration makes the rest.
        migrations.RunPython(merge, migrations.RunPython.noop, elidable=True),
    ]
