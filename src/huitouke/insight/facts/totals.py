"""What all lines come to, whoever told them, and which optional fields they carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis.expr.types as ir

from huitouke.insight.engine import Engine
from huitouke.insight.facts.rollup import fill_lines

__all__ = ["provides_of", "totals_of"]

_PROVIDES = {
    "order_id": "order_id",
    "recorded_at": "recorded_at",
    "quantity": "quantity",
    "category": "category",
    "store": "store",
    "channel": "channel",
}


def totals_of(lines: ir.Table, *, engine: Engine) -> dict[str, Any]:
    """Return sums, counts and the first and last day of lines.

    Parameters
    ----------
    lines
        Lines as staged.
    engine
        Where they are added up.
    """
    lines = fill_lines(lines)
    net = lines.amount_e4 - lines.reversal_e4.fill_null(0)
    nobody = lines.customer_id.isnull()
    found = engine.fetch(
        lines.agg(
            revenue_e4=net.sum().cast("int64"),
            revenue_without_customer_e4=net.sum(where=nobody).cast("int64"),
            without_customer=nobody.sum().cast("int64"),
            returns=lines.is_return.sum().cast("int64"),
            reversals=(lines.reversal_e4.fill_null(0) != 0).sum().cast("int64"),
            voided=lines.is_void.fill_null(False).sum().cast("int64"),
            first_on=lines.ordered_at.min().date(),
            last_on=lines.ordered_at.max().date(),
        )
    ).to_pylist()[0]
    return {
        name: value if name in {"first_on", "last_on"} else int(value or 0)
        for name, value in found.items()
    }


def provides_of(given: Mapping[str, int], *, totals: Mapping[str, Any]) -> frozenset[str]:
    """Return the optional fields that are really present, as in ``Facts.provides``.

    Parameters
    ----------
    given
        For each column of ``tables.LINES``, how many lines have it.
    totals
        From :func:`totals_of`.
    """
    found = {name for name, column in _PROVIDES.items() if given.get(column)}
    if given.get("list_e4") or given.get("discount_e4"):
        found.add("discount")
    if totals["returns"] or totals["reversals"]:
        found.add("returns")
    return frozenset(found)
