"""Cohorts by issue month, put together from what the ledger tells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from huitouke.service.ledger.issue_months import CohortMove
from huitouke.service.programme.economics.breakage import Cohort, life_of
from huitouke.service.programme.rules.definition import Definition, Delivered
from huitouke.service.programme.rules.expiry import Timing, timing_of

__all__ = ["CohortBook", "books", "life_in", "months_between", "to_cohorts"]

_USED_OR_GONE = {"redeem", "expire", "forfeit"}


@dataclass
class CohortBook:
    """All that happened to points of one issue month; takes are below 0.

    Parameters
    ----------
    month
        First day of the local month of issue.
    imported
        True for balances brought in.
    points
        Points by counter-account; they sum to what is left.
    redeemed
        Points redeemed (above 0) by local month.
    redemptions
        How many redemptions they paid for first, by local month.
    """

    month: date
    imported: bool
    points: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    redeemed: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    redemptions: dict[date, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def left(self) -> int:
        """Points that are open."""
        return sum(self.points.values())

    @property
    def exposed(self) -> int:
        """Points that could be redeemed: credited, less what was taken back again."""
        return sum(n for contra, n in self.points.items() if contra not in _USED_OR_GONE)

    @property
    def gone(self) -> int:
        """Points that expired, or were given up by persons who were erased."""
        return -self.points["expire"] - self.points["forfeit"]


def books(moves: Iterable[CohortMove]) -> list[CohortBook]:
    """Return one book per issue month, imported points apart, by month.

    Parameters
    ----------
    moves
        Of :func:`huitouke.service.ledger.issue_months.cohort_moves`.
    """
    found: dict[tuple[date, bool], CohortBook] = {}
    for move in moves:
        key = (move.month, move.imported)
        book = found.setdefault(key, CohortBook(move.month, move.imported))
        book.points[move.contra] += move.points
        if move.contra == "redeem":
            book.redeemed[move.happened] -= move.points
            book.redemptions[move.happened] += move.redemptions
    return [found[key] for key in sorted(found)]


def months_between(first: date, last: date) -> int:
    """Return how many months the month of one day is after that of another.

    Parameters
    ----------
    first, last
        Any days.

    Examples
    --------
    >>> months_between(date(2026, 11, 30), date(2027, 1, 1))
    2
    """
    return (last.year - first.year) * 12 + last.month - first.month


def to_cohorts(given: Sequence[CohortBook], *, through: date) -> list[Cohort]:
    """Return what the breakage estimate looks at: earned points, complete months only.

    Parameters
    ----------
    given
        Of :func:`books`.
    through
        First day of the month that is not complete yet.
    """
    cohorts = []
    for book in given:
        ages = months_between(book.month, through)
        if book.imported or ages < 1 or book.exposed <= 0:
            continue
        cohorts.append(
            Cohort(
                month=book.month,
                issued=book.exposed,
                redeemed=_by_age(book.redeemed, month=book.month, ages=ages),
                expired=book.gone,
                redemptions=_by_age(book.redemptions, month=book.month, ages=ages),
            )
        )
    return cohorts


def _by_age(given: Mapping[date, int], *, month: date, ages: int) -> tuple[int, ...]:
    found = [0] * ages
    for happened, count in given.items():
        age = months_between(month, happened)
        if age < ages:
            found[max(0, age)] += count
    return tuple(found)


def life_in(definition: Definition | None, *, unit: str) -> int | None:
    """Return in how many months of age points of a unit can be redeemed; none is no end.

    Parameters
    ----------
    definition
        Whose rules; the longest life of any of them counts.
    unit
        Code within the programme.
    """
    if definition is None:
        return None
    timings = {
        timing_of(rule, definition=definition)
        for rule in definition.rules
        if rule.enabled and rule.unit == unit
    }
    lives = [_life(timing) for timing in timings]
    if not lives or any(life is None for life in lives):
        return None
    return max(life for life in lives if life is not None)


def _life(timing: Timing) -> int | None:
    pending = timing.pending
    days = pending.at_latest_days if isinstance(pending, Delivered) else pending
    return life_of(timing.expiry, pending_days=days)
