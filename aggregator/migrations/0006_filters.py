"""Rules that keep or drop posts, what they did to entries, and the tags that some of them look at."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0005_author_titles"),
    ]

    operations = [
        migrations.CreateModel(
            name="FilterRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "action",
                    models.CharField(
                        choices=[("drop", "drop posts with"), ("keep", "keep only posts with")],
                        default="drop",
                        max_length=10,
                        verbose_name="what to do",
                    ),
                ),
                ("pattern", models.CharField(max_length=200, verbose_name="words")),
                (
                    "field",
                    models.CharField(
                        choices=[
                            ("title", "in the title"),
                            ("tag", "as a tag"),
                            ("author", "as author"),
                            ("text", "in the text"),
                            ("any", "anywhere"),
                        ],
                        default="title",
                        max_length=10,
                        verbose_name="where",
                    ),
                ),
                ("is_regex", models.BooleanField(default=False, verbose_name="regular expression")),
                ("position", models.PositiveSmallIntegerField(default=0, editable=False)),
                (
                    "out_of_time_at",
                    models.DateTimeField(
                        editable=False, help_text="When it was last stopped over a post, since it was saved.", null=True
                    ),
                ),
            ],
            options={
                "verbose_name": "rule",
                "ordering": ("position", "pk"),
                "default_permissions": (),
            },
        ),
        migrations.RemoveIndex(
            model_name="entry",
            name="entry_timeline",
        ),
        migrations.RemoveIndex(
            model_name="entry",
            name="entry_feed_timeline",
        ),
        migrations.AddField(
            model_name="entry",
            name="is_filtered",
            field=models.BooleanField(default=False, editable=False, verbose_name="dropped by a rule"),
        ),
        migrations.AddField(
            model_name="entry",
            name="tags",
            field=models.JSONField(blank=True, default=list, editable=False),
        ),
        migrations.AddField(
            model_name="feed",
            name="filtered_count",
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name="entries dropped by rules"),
        ),
        migrations.AddField(
            model_name="feed",
            name="unjudged_below",
            field=models.BigIntegerField(editable=False, help_text="Older entries await new rules.", null=True),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(
                    ("duplicate_of__isnull", True), ("is_filtered", False), ("is_held", False), ("is_hidden", False)
                ),
                fields=["-timeline_at", "-id"],
                name="entry_timeline",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(
                    ("duplicate_of__isnull", True), ("is_filtered", False), ("is_held", False), ("is_hidden", False)
                ),
                fields=["feed", "-timeline_at", "-id"],
                name="entry_feed_timeline",
            ),
        ),
        migrations.AddField(
            model_name="filterrule",
            name="feed",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="rules", to="aggregator.feed"
            ),
        ),
        migrations.AddConstraint(
            model_name="filterrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("action__in", ["keep", "drop"])), name="rule_action_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="filterrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("field__in", ["title", "tag", "author", "text", "any"])), name="rule_field_known"
            ),
        ),
    ]
