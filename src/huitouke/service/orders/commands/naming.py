"""Other names of orders: one that came by a file may be told by a till later."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from huitouke.service.orders.models import Alias

__all__ = ["also_name"]


def also_name(names: Collection[tuple[str, str, UUID]]) -> None:
    """Note under which source and number orders are known, too; the first word counts.

    Parameters
    ----------
    names
        Source, number, and which order.
    """
    if not names:
        return
    Alias.objects.bulk_create(
        [
            Alias(source=source, number=number, order_id=order)
            for source, number, order in names
        ],
        ignore_conflicts=True,
    )
