"""What files of old balances said, so that it counts once."""

from __future__ import annotations

from django.db import models

__all__ = ["ImportedBalance"]


class ImportedBalance(models.Model):
    """One lot or tier that a file brought in; the customer is the record of that day."""

    pk = models.CompositePrimaryKey("customer_id", "unit", "key")
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    unit = models.TextField()
    key = models.TextField()
    said = models.JSONField()
    recorded_at = models.DateTimeField()
    actor = models.TextField()

    def __str__(self) -> str:
        """Return unit and key."""
        return f"{self.unit} {self.key}"
