"""Cohorts by issue month, put together from what the ledger tells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from huitouke.service.ledger.issue_months import CohortMove
from huitouke.service.programme.economics.fitting import Cohort
from huitouke.service.programme.economics.lives import life_in, lived, months_between
from huitouke.service.programme.rules.calendar import add_months
from huitouke.service.programme.rules.definition import Definition

__all__ = ["CohortBook", "books", "life_now", "to_cohorts"]

_USED_OR_GONE = {"redeem", "held", "expire", "forfeit"}
_YEAR = 12


def _counter() -> defaultdict[date, int]:
    return defaultdict(int)


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
        Points redeemed or set aside for it (above 0) by local month.
    redemptions
        How many redemptions they paid for first, by local month.
    open, could
        Points that are left, and those that could be redeemed at all, by the month of their
        last day (none is never).
    """

    month: date
    imported: bool
    points: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    redeemed: dict[date, int] = field(default_factory=_counter)
    redemptions: dict[date, int] = field(default_factory=_counter)
    open: dict[date | None, int] = field(default_factory=lambda: defaultdict(int))
    could: dict[date | None, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def left(self) -> int:
        """Points that are open."""
        return sum(self.points.values())

    @property
    def exposed(self) -> int:
        """Points that could be redeemed: credited, less what was taken back again."""
        return sum(self.could.values())

    @property
    def gone(self) -> int:
        """Points that expired, or were given up by persons who were erased."""
        return -self.points["expire"] - self.points["forfeit"]

    @property
    def life(self) -> int | None:
        """In how many ages they can be redeemed, by their own last days; none is no end.

        Rules that were changed since say nothing about points that were given before.
        """
        lives = [
            lived(given, month=self.month)
            for given in (self.could, self.open)
            if any(points > 0 for points in given.values())
        ]
        ends = [life for life in lives if life is not None]
        return None if len(ends) < len(lives) or not ends else max(ends)

    def overdue(self, through: date) -> int:
        """Return open points whose last day lies before a month: only the entry is missing.

        Parameters
        ----------
        through
            First day of the month.
        """
        return sum(
            points for last, points in self.open.items() if last is not None and last < through
        )


def books(moves: Iterable[CohortMove], *, before: date | None = None) -> list[CohortBook]:
    """Return one book per issue month, imported points apart, by month.

    Parameters
    ----------
    moves
        Of :func:`huitouke.service.ledger.issue_months.cohort_moves`.
    before
        What the ledger came to know from this month on is left out; none: nothing.
    """
    found: dict[tuple[date, bool], CohortBook] = {}
    for move in moves:
        if before is not None and move.written >= before:
            continue
        key = (move.month, move.imported)
        book = found.setdefault(key, CohortBook(move.month, move.imported))
        book.points[move.contra] += move.points
        book.open[move.expires] += move.points
        if move.contra not in _USED_OR_GONE:
            book.could[move.expires] += move.points
        if move.contra in {"redeem", "held"}:
            book.redeemed[move.happened] -= move.points
            book.redemptions[move.happened] += move.redemptions
    return [found[key] for key in sorted(found)]


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
                life=book.life,
                expired=book.gone + book.overdue(through),
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


def life_now(
    given: Sequence[CohortBook], *, definition: Definition | None, unit: str, through: date
) -> int | None:
    """Return in how many ages points that are issued now can be redeemed; none is no end.

    What the points of a year show, and never more than the rules of today give: the rules know
    the longest possible wait only.

    Parameters
    ----------
    given
        Of :func:`books`.
    definition
        The rules of today, or none.
    unit
        Code within the programme.
    through
        First day of this month.
    """
    year = add_months(through, months=-_YEAR)
    shown = [
        book.life
        for book in given
        if book.month >= year and not book.imported and book.exposed > 0
    ]
    ruled, any_rule = life_in(definition, unit=unit)
    ends = [life for life in shown if life is not None]
    if shown and len(ends) == len(shown):
        most = max(ends)
        return most if ruled is None else min(most, ruled)
    return ruled if any_rule else None
