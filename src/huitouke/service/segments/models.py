"""The record of a segment: its name and conditions, and what was counted last."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from huitouke.service.core.ids import new_id, public_id

__all__ = ["NAME_MOST", "SCHEMA", "Segment"]

#: How conditions are written down; readers of a later one know how to read this.
SCHEMA = 1
NAME_MOST = 80


class Segment(models.Model):
    """Customers named by conditions. Who is in it is asked each time, and never kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=NAME_MOST)
    schema = models.SmallIntegerField(default=SCHEMA)
    conditions = models.JSONField()
    revision = models.IntegerField(default=1)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=120)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=120)
    archived_at = models.DateTimeField(null=True)
    counted = models.BigIntegerField(null=True)
    unknown = models.BigIntegerField(null=True)
    judged = models.BigIntegerField(null=True)
    counted_at = models.DateTimeField(null=True)

    class Meta:
        """A name is one segment's, as long as that is in use."""

        constraints = (
            models.UniqueConstraint(
                Lower("name"), condition=Q(archived_at__isnull=True), name="segments_name_once"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="segments_named"),
            models.CheckConstraint(
                condition=Q(
                    counted__isnull=True,
                    unknown__isnull=True,
                    judged__isnull=True,
                    counted_at__isnull=True,
                )
                | Q(counted__gte=0, unknown__gte=0, judged__gte=0, counted_at__isnull=False),
                name="segments_count_whole",
            ),
        )

    def __str__(self) -> str:
        """Return the public id."""
        return public_id("seg", self.id)
