"""Exports of known shops, whose headers together mean what none of them means alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from huitouke.insight.facts.headings import normalised

__all__ = ["Export", "export_of"]

_BEFORE_ALL = -1
_AFTER_ALL = 99


@dataclass(frozen=True)
class Export:
    """One shop's export of orders.

    Parameters
    ----------
    signs
        Headers that only this export has, normalised.
    claims
        Normalised header to the fields it may name here, each with its tier.
    heads_only
        True if an order's first line alone carries its totals; the others list items.
    """

    signs: frozenset[str]
    claims: Mapping[str, Mapping[str, int]]
    heads_only: bool


#: Shopify: ``Name`` is the order; the phone and the number of a till are mostly empty.
_SHOPIFY = Export(
    signs=frozenset(
        map(
            normalised,
            (
                "Lineitem name",
                "Lineitem quantity",
                "Lineitem price",
                "Lineitem sku",
                "Financial Status",
                "Fulfillment Status",
            ),
        )
    ),
    claims={
        "name": {"order_id": _BEFORE_ALL},
        "receiptnumber": {"order_id": _AFTER_ALL},
        "phone": {"customer_id": _AFTER_ALL},
        "createdat": {"ordered_at": _BEFORE_ALL},
    },
    heads_only=True,
)


def export_of(headers: Sequence[str]) -> Export | None:
    """Return the known export that at least two of the headers are signs of, or None.

    Parameters
    ----------
    headers
        The headers of a file.

    Examples
    --------
    >>> known = export_of(["Name", "Email", "Lineitem name", "Lineitem price", "Total"])
    >>> known is not None and known.claims["name"]
    {'order_id': -1}
    >>> export_of(["Name", "Email", "Total"])
    """
    given = {normalised(header) for header in headers}
    return _SHOPIFY if len(given & _SHOPIFY.signs) >= 2 else None
