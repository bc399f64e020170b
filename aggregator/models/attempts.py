"""How often somebody tried something that strangers may try, such as a password."""

from __future__ import annotations

from datetime import datetime

from django.db import models


class AttemptsQuerySet(models.QuerySet["Attempts"]):
    def of(self, key: str, now: datetime) -> Attempts:
        """The row of this key, locked until the transaction ends; made if there is none."""
        row, is_new = self.select_for_update().get_or_create(key=key, defaults={"last_at": now})
        return self.select_for_update().get(pk=row.pk) if is_new else row

    def forget_before(self, moment: datetime) -> None:
        """Forget what nobody has tried since."""
        self.filter(last_at__lt=moment).delete()


class Attempts(models.Model):
    """One row for who tries what; `limiting.limits` says what the key is made of."""

    key = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)

    objects = AttemptsQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.count} attempts"
