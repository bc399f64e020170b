"""What a planet brings along: rules that a post must match, long expressions, notes of an import. Ids of our own.

Ids in our feeds began with WEBSITE_URL. A site that has posts keeps what its ids begin with now, whatever its address
will be; a new one gets a beginning that no other site has (RFC 4151).
"""

from __future__ import annotations

import re
import secrets
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from aggregator.models.site_state import BEFORE_ALL


def keep_or_make_ids(apps: Any, schema_editor: Any) -> None:
    states = apps.get_model("aggregator", "SiteState").objects.using(schema_editor.connection.alias)
    entries = apps.get_model("aggregator", "Entry").objects.using(schema_editor.connection.alias)
    is_new = not (states.filter(version__gt=0).exists() or entries.exists())
    beginning = _new_beginning() if is_new else settings.WEBSITE_URL
    if not states.filter(pk=1).update(id_base=beginning):
        states.create(pk=1, version=0, changed_at=BEFORE_ALL, id_base=beginning)


def _new_beginning() -> str:
    """Such as "tag:planet.example,2026-06-07:0123456789abcdef"; many a site begins on a host called localhost."""
    host = urlsplit(settings.WEBSITE_URL).hostname or ""
    name = host if re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", host) else "localhost"
    return f"tag:{name},{timezone.now():%Y-%m-%d}:{secrets.token_hex(8)}"


class Migration(migrations.Migration):
    dependencies = [("aggregator", "0016_doubles_skips_unchanged")]

    operations = [
        migrations.AlterField(
            model_name="filterrule",
            name="action",
            field=models.CharField(
                choices=[
                    ("drop", "drop posts with"),
                    ("keep", "keep only posts with"),
                    ("require", "drop posts without"),
                ],
                default="drop",
                max_length=10,
                verbose_name="what to do",
            ),
        ),
        migrations.AlterField(
            model_name="filterrule",
            name="pattern",
            field=models.CharField(max_length=1000, verbose_name="words"),
        ),
        migrations.AlterField(
            model_name="filterrule",
            name="field",
            field=models.CharField(
                choices=[
                    ("title", "in the title"),
                    ("tag", "as a tag"),
                    ("author", "as author"),
                    ("text", "in the text"),
                    ("any", "anywhere"),
                    ("whole", "in the whole post"),
                ],
                default="title",
                max_length=10,
                verbose_name="where",
            ),
        ),
        migrations.RemoveConstraint(model_name="filterrule", name="rule_field_known"),
        migrations.AddConstraint(
            model_name="filterrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("field__in", ["title", "tag", "author", "text", "any", "whole"])),
                name="rule_field_known",
            ),
        ),
        migrations.RemoveConstraint(model_name="filterrule", name="rule_action_known"),
        migrations.AddConstraint(
            model_name="filterrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("action__in", ["keep", "drop", "require"])), name="rule_action_known"
            ),
        ),
        migrations.AddField(
            model_name="feedimport",
            name="notes",
            field=models.JSONField(default=list, help_text="What of the file isn't taken over, line by line."),
        ),
        migrations.AddField(
            model_name="feedimport",
            name="env_lines",
            field=models.JSONField(default=list, help_text="What the file says of the site, as lines for .env."),
        ),
        migrations.AddField(
            model_name="sitestate",
            name="id_base",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Ids in our feeds begin so, whatever WEBSITE_URL says now.",
                max_length=500,
            ),
            preserve_default=False,
        ),
        migrations.RunPython(keep_or_make_ids, migrations.RunPython.noop),
    ]
