"""Records of programmes and of the versions of their definitions."""

from __future__ import annotations

from typing import Any

from django.db import models

from huitouke.service.core.ids import new_id

__all__ = ["Programme", "Version"]


class Programme(models.Model):
    """One loyalty programme of the merchant."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=60, unique=True)
    name = models.JSONField()
    brand = models.CharField(max_length=100, blank=True, default="")
    zone = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=120)

    class Meta:
        """A code has no dot: the ledger's units are ``<programme>.<unit>``."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[a-z][a-z0-9_-]{0,59}$"),
                name="programme_code_plain",
            ),
            models.CheckConstraint(
                condition=models.Q(currency__regex=r"^[A-Z]{3}$"),
                name="programme_currency_iso",
            ),
        )

    def __str__(self) -> str:
        """Return the code."""
        return self.code


class Version(models.Model):
    """One version of a programme's definition; once published it never changes."""

    class State(models.TextChoices):
        """From the first to the last."""

        DRAFT = "draft"
        PUBLISHED = "published"
        RETIRED = "retired"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="versions", db_index=False
    )
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    definition = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    note = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=120)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=120)
    published_at = models.DateTimeField(null=True)
    published_by = models.CharField(max_length=120, blank=True, default="")
    retired_at = models.DateTimeField(null=True)
    retired_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        """States and moments agree, and one version at most is in force."""

        constraints = (
            models.UniqueConstraint(
                fields=["programme", "number"], name="programme_version_number"
            ),
            models.UniqueConstraint(
                fields=["programme"],
                condition=models.Q(state="published"),
                name="programme_version_in_force",
            ),
            models.CheckConstraint(
                condition=models.Q(state="draft", published_at=None, retired_at=None)
                | models.Q(state="published", published_at__isnull=False, retired_at=None)
                | models.Q(
                    state="retired",
                    published_at__isnull=False,
                    retired_at__gte=models.F("published_at"),
                ),
                name="programme_version_states",
            ),
        )
        indexes = (
            models.Index(
                fields=["programme", "-published_at"],
                condition=models.Q(published_at__isnull=False),
                name="programme_version_at",
            ),
        )

    def __str__(self) -> str:
        """Return programme, number and state."""
        return f"{self.programme_id} {self.number} {self.state}"

    @property
    def said(self) -> dict[str, Any]:
        """What it says; currency and time zone are the programme's, whatever was kept."""
        own = {"zone": self.programme.zone, "currency": self.programme.currency}
        return {**self.definition, **own}
