"""The simulated points programme: earning, redeeming, lapsing, tiers and their pull."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from huitouke.insight.world.people import People
from huitouke.insight.world.rows import Rows
from huitouke.insight.world.scenarios import TYPES, Floats, Ints

__all__ = ["EVENTS", "REWARD_POINTS", "Purse"]

EVENTS = ("enrol", "earn", "redeem", "expire", "silver", "gold")

#: Points for one reward; a devaluation raises it in the given week.
REWARD_POINTS = 200
DEVALUED_POINTS = 250
DEVALUATION_WEEK = 97

#: Points lapse after a year without a purchase.
LAPSE_WEEKS = 52

#: Yearly spend in cents that makes a member silver or gold.
_TIERS = (30_000, 80_000)

#: How much stronger needs are felt right before a reward than right after one
#: (Kivetz, Urminsky & Zheng 2006: purchases quicken as the reward comes near).
_GRADIENT = 0.15

_BUNCHERS = np.array([TYPES.index("benefit"), TYPES.index("identity")])


def _rows() -> Rows:
    return Rows(who=np.int64, at=np.int64, kind=np.int64, points=np.int64, balance=np.int64,
                order=np.int64)  # fmt: skip


@dataclass
class Purse:
    """The points of everybody; arrays of shape (customers,).

    Parameters
    ----------
    balance
        Points now.
    year_cents
        Spend in the running year, for the tiers.
    last_week
        Week of the last purchase; -1 before the first.
    rows
        What happened to points so far.
    """

    balance: Ints
    year_cents: Ints
    last_week: Ints
    rows: Rows = field(default_factory=_rows)

    @classmethod
    def empty(cls, size: int) -> Purse:
        """Return a purse without points.

        Parameters
        ----------
        size
            How many customers.
        """
        zeros = np.zeros(size, dtype=np.int64)
        return cls(zeros.copy(), zeros.copy(), zeros - 1)

    def pull(self, people: People) -> Floats:
        """Return the factor on needs: above 1 near a reward, below 1 after it, 1 outside.

        Parameters
        ----------
        people
            Whose purse it is.
        """
        progress = np.minimum(self.balance / REWARD_POINTS, 1.0) - 0.5
        member = people.enrolled & (self.last_week >= 0)
        return np.where(member, 1.0 + _GRADIENT * progress, 1.0)

    def topped_up(
        self, list_cents: Ints, *, who: Ints, people: People, depth: Floats,
        rng: np.random.Generator
    ) -> Ints:  # fmt: skip
        """Return baskets, some raised to reach the next tier by those who care for it.

        Parameters
        ----------
        list_cents
            The list baskets of this week, in cents.
        who
            The buyers.
        people
            Everybody.
        depth
            Depth of the promotion for each buyer.
        rng
            The source of chance.
        """
        spent = self.year_cents[who] + np.round(list_cents * (1 - depth)).astype(np.int64)
        gaps = np.stack([tier - spent for tier in _TIERS])
        gap = np.where(gaps[0] > 0, gaps[0], gaps[1])
        cares = people.enrolled[who] & np.isin(people.kind[who], _BUNCHERS)
        near = cares & (gap > 0) & (gap <= 3_000) & (rng.random(who.size) < 0.5)
        extra = np.ceil((gap + rng.integers(0, 500, who.size)) / (1 - depth))
        return np.where(near, list_cents + extra.astype(np.int64), list_cents)

    def settle(
        self,
        who: Ints,
        *,
        cents: Ints,
        at: Ints,
        order: Ints,
        week: int,
        people: People,
        rng: np.random.Generator,
    ) -> None:
        """Book a week of purchases: lapse, enrol, redeem, earn, rise.

        Parameters
        ----------
        who
            The buyers, each once.
        cents, at, order
            What they paid, when (seconds of the world), and the number of the order.
        week
            The week.
        people
            Everybody.
        rng
            The source of chance.
        """
        self._lapse(week)
        if week % 52 == 0:
            self.year_cents[:] = 0
        cost = DEVALUED_POINTS if week >= DEVALUATION_WEEK else REWARD_POINTS
        member = people.enrolled[who]
        first = member & (self.last_week[who] < 0)
        self.last_week[who] = week
        self._book(
            who[first], at=at[first], kind=0, points=np.zeros(int(first.sum()), np.int64)
        )
        may = member & (self.balance[who] >= cost) & ~people.never_redeems[who]
        redeems = may & (rng.random(who.size) < 0.6)
        self._book(
            who[redeems],
            at=at[redeems],
            kind=2,
            points=np.full(int(redeems.sum()), -cost, dtype=np.int64),
        )
        earned = cents[member] // 100
        self._book(who[member], at=at[member], kind=1, points=earned, order=order[member])
        before = self.year_cents[who]
        self.year_cents[who] = before + cents
        for tier, threshold in enumerate(_TIERS):
            rises = member & (before < threshold) & (before + cents >= threshold)
            none = np.zeros(int(rises.sum()), dtype=np.int64)
            self._book(who[rises], at=at[rises], kind=4 + tier, points=none)

    def _lapse(self, week: int) -> None:
        idle = (
            (self.balance > 0) & (self.last_week >= 0) & (week - self.last_week > LAPSE_WEEKS)
        )
        who = np.flatnonzero(idle)
        at = np.full(who.size, week * 604_800 + 300)
        self._book(who, at=at, kind=3, points=-self.balance[who])

    def _book(
        self, who: Ints, *, at: Ints, kind: int, points: Ints, order: Ints | None = None
    ) -> None:
        self.balance[who] += points
        self.rows.add(
            who=who,
            at=at,
            kind=kind,
            points=points,
            balance=self.balance[who],
            order=-1 if order is None else order,
        )
