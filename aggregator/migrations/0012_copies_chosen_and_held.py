"""A curator can choose which copy of a post is shown; a post can be held because of another one.

What is folded stays folded; which copy is shown is decided anew at the next change of one of them.
"""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("aggregator", "0011_attempts")]

    operations = [
        migrations.AddField(
            model_name="entry",
            name="held_for",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="aggregator.entry",
            ),
        ),
        migrations.AddField(
            model_name="entry",
            name="is_original",
            field=models.BooleanField(
                default=False, editable=False, help_text="The copy to show.", verbose_name="chosen"
            ),
        ),
        migrations.AddField(
            model_name="entry",
            name="is_let_pass",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("held_for__isnull", False)), fields=["held_for"], name="entry_held_for"
            ),
        ),
    ]
