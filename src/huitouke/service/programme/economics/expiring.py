"""Open points by the month in which they end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from huitouke.service.ledger.issue_months import OpenLots
from huitouke.service.programme.economics.worth import Money, Worth

__all__ = ["ExpiringPoints", "expiring"]


@dataclass(frozen=True, kw_only=True)
class ExpiringPoints:
    """Open points whose last day lies in one local month; ``month`` none: without end."""

    month: date | None
    points: int
    lots: int
    money: Money


def expiring(given: Sequence[OpenLots], *, worth: Worth) -> tuple[ExpiringPoints, ...]:
    """Return open points by the month of their end, those without end last.

    Parameters
    ----------
    given
        What is left.
    worth
        Of one point.
    """
    found: dict[date | None, tuple[int, int]] = {}
    for one in given:
        points, lots = found.get(one.expires, (0, 0))
        found[one.expires] = (points + one.points, lots + one.lots)
    return tuple(
        ExpiringPoints(month=month, points=points, lots=lots, money=worth.money(points))
        for month, (points, lots) in sorted(
            found.items(), key=lambda each: (each[0] is None, each[0] or date.max)
        )
    )
