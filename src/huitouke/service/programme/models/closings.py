"""Records of the books as they stood at the end of a day."""

from __future__ import annotations

from django.db import models

from huitouke.service.core.ids import new_id
from huitouke.service.programme.models.versions import Programme

__all__ = ["Closing"]


class Closing(models.Model):
    """What the ledger and the orders said of a programme's points as of a moment that is over.

    Derived: nothing is lost with it that reading the ledger again would not bring back.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, related_name="closings", db_index=False
    )
    until = models.DateTimeField()
    made_at = models.DateTimeField()
    readings = models.JSONField()
    months = models.JSONField()

    class Meta:
        """One for each moment."""

        constraints = (
            models.UniqueConstraint(
                fields=["programme", "until"], name="programme_closing_once"
            ),
        )

    def __str__(self) -> str:
        """Return as of when."""
        return f"{self.until:%Y-%m-%d}"
