from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    # A step of its own: PostgreSQL makes no index on rows that were changed in the same transaction.
    dependencies = [("notifications", "0003_one_delivery_waits")]

    operations = [
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                condition=models.Q(("announcement__isnull", False), ("state__in", ["pending", "retry"])),
                fields=("device",),
                name="one_delivery_waits_per_device",
            ),
        ),
    ]
