"""Records of tiers: what became of each member's, kept for ever."""

from __future__ import annotations

from django.db import models

from huitouke.service.core.ids import new_id
from huitouke.service.programme.models.members import Membership

__all__ = ["TierChange"]


class TierChange(models.Model):
    """One change of a member's tier, written with the change itself and never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.TextField()
    from_tier = models.TextField(blank=True)
    to_tier = models.TextField(blank=True)
    on = models.DateField()
    reason = models.JSONField()
    changed_at = models.DateTimeField()

    class Meta:
        """A member's changes are found newest first."""

        indexes = (
            models.Index(
                fields=["membership", "-changed_at", "-id"], name="programme_tierchange_newest"
            ),
        )

    def __str__(self) -> str:
        """Return what happened, from which tier to which."""
        return f"{self.kind}: {self.from_tier or '–'} → {self.to_tier or '–'}"
