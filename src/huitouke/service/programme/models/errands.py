"""Records of long work that staff asked for."""

from __future__ import annotations

from django.db import models

from huitouke.service.core.ids import new_id, public_id

__all__ = ["Errand"]


class Errand(models.Model):
    """One piece of long work, from the wish for it to its end.

    ``subject`` is what it is about: the version that is back-tested, the campaign that gets
    codes. ``facts`` is what was asked, ``result`` what came of it.
    """

    class Kind(models.TextChoices):
        """What is done."""

        BACKTEST = "backtest"
        CODES = "codes"

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    programme = models.ForeignKey(
        "programme.Programme",
        on_delete=models.PROTECT,
        to_field="code",
        db_column="programme",
        related_name="+",
        db_index=False,
    )
    kind = models.CharField(max_length=10, choices=Kind)
    subject = models.UUIDField()
    key = models.CharField(max_length=255)
    facts = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    attempts = models.IntegerField(default=0)
    result = models.JSONField(null=True)
    error_code = models.CharField(max_length=80, blank=True, default="")
    error_says = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=120)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """One key, one errand; what is done has a result."""

        constraints = (
            models.UniqueConstraint(fields=["kind", "key"], name="programme_errand_key"),
            models.CheckConstraint(
                condition=~models.Q(state="done") | models.Q(result__isnull=False),
                name="programme_errand_result",
            ),
        )
        indexes = (
            models.Index(fields=["subject", "kind", "-asked_at"], name="programme_errand_of"),
        )

    def __str__(self) -> str:
        """Return id and state."""
        return f"{public_id('err', self.id)} {self.state}"
