"""Records of files that were handed in: what is known of each, and how far it is."""

from __future__ import annotations

from django.db import models

from huitouke.service.core.ids import new_id, public_id

__all__ = ["Upload"]


class Upload(models.Model):
    """One file that somebody of the staff handed in, from its arrival to its end.

    ``looked``, ``tried`` and ``result`` are what the three jobs found: what the columns are,
    what would change, what has changed. Rows of the file stand in ``looked`` and in the
    stored file only, and both go when ``removed_at`` says so.
    """

    class Kind(models.TextChoices):
        """What the file holds."""

        CUSTOMERS = "customers"
        ORDERS = "orders"
        BALANCES = "balances"

    class State(models.TextChoices):
        """Where it stands; a job is at work, or waits for its turn, in the first three."""

        LOOKING = "looking"
        CHECKING = "checking"
        RUNNING = "running"
        LOOKED = "looked"
        CHECKED = "checked"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    BUSY = (State.LOOKING, State.CHECKING, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(max_length=200)
    stored = models.CharField(max_length=64, unique=True)
    size_bytes = models.BigIntegerField()
    language = models.CharField(max_length=12)
    state = models.CharField(max_length=10, choices=State, default=State.LOOKING)
    job = models.CharField(max_length=10, choices=State, default=State.LOOKING)
    mapping = models.JSONField(default=dict)
    without = models.JSONField(default=list)
    date_order = models.CharField(max_length=3, blank=True)
    timezone = models.CharField(max_length=60, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    programme = models.CharField(max_length=60, default="main")
    unit = models.CharField(max_length=60, default="points")
    looked = models.JSONField(default=dict)
    tried = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    rows_total = models.BigIntegerField(default=0)
    rows_done = models.BigIntegerField(default=0)
    attempts = models.IntegerField(default=0)
    error_code = models.CharField(max_length=60, blank=True)
    error_says = models.JSONField(default=dict)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=120)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    cancel_asked_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        """Past imports are listed newest first; those at work are found at once."""

        constraints = (
            models.CheckConstraint(
                name="imports_failed_says_why",
                condition=~models.Q(state="failed") | ~models.Q(error_code=""),
            ),
        )
        indexes = (
            models.Index(
                fields=["asked_at"],
                condition=models.Q(state__in=["looking", "checking", "running"]),
                name="imports_upload_busy",
            ),
            models.Index(
                fields=["uploaded_at"],
                condition=models.Q(removed_at__isnull=True),
                name="imports_upload_kept",
            ),
        )

    def __str__(self) -> str:
        """Return id and state; never what the file is called."""
        return f"{public_id('imp', self.id)} {self.state}"

    @property
    def busy(self) -> bool:
        """Whether a job is at work on it, or waits for its turn."""
        return self.state in self.BUSY
