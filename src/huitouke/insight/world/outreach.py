"""Simulated campaigns with logged chances, and customers who bring others."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from huitouke.insight.world.people import People
from huitouke.insight.world.rows import Rows
from huitouke.insight.world.scenarios import ARMS, Bools, Floats, Ints

__all__ = ["CAMPAIGNS", "Contacts", "Referrals"]

_WEEK_SECONDS = 604_800

#: Week and kind of each campaign: four are randomised, one picked those who had gone quiet.
CAMPAIGNS = ((14, True), (34, True), (54, False), (70, True), (88, True))

#: Chance of each arm in a randomised campaign.
_CHANCES = (0.40, 0.15, 0.15, 0.15, 0.15)

#: For how many weeks a contact acts on the risk of leaving.
EFFECT_WEEKS = 13

#: Weeks without a purchase after which the targeted campaign called somebody quiet.
_QUIET_WEEKS = 8


def _contact_rows() -> Rows:
    return Rows(campaign=np.int64, who=np.int64, at=np.int64, arm=np.int64, chance=np.float64)


@dataclass
class Contacts:
    """Campaigns so far and the effect that still runs.

    Parameters
    ----------
    averted
        Share of churn risk averted by the running contact; shape (customers,).
    until
        Week in which that effect ends.
    rows
        The log the shop keeps.
    """

    averted: Floats
    until: Ints
    rows: Rows = field(default_factory=_contact_rows)

    @classmethod
    def none_yet(cls, size: int) -> Contacts:
        """Return the state before any campaign.

        Parameters
        ----------
        size
            How many customers.
        """
        return cls(np.zeros(size), np.zeros(size, dtype=np.int64))

    def effect(self, week: int) -> Floats:
        """Return the share of this week's churn risk that running contacts avert.

        Parameters
        ----------
        week
            The week.
        """
        return np.where(week < self.until, self.averted, 0.0)

    def send(
        self, week: int, *, people: People, last_week: Ints, rng: np.random.Generator
    ) -> None:
        """Run the campaigns of a week, if any, on those who have ever bought.

        Parameters
        ----------
        week
            The week.
        people
            Everybody.
        last_week
            Week of each customer's last purchase; -1: never bought, unknown to the shop.
        rng
            The source of chance.
        """
        for number, (when, randomised) in enumerate(CAMPAIGNS):
            if when != week:
                continue
            known = np.flatnonzero(last_week >= 0)
            if randomised:
                arm = rng.choice(len(ARMS), size=known.size, p=_CHANCES)
                chance = np.array(_CHANCES)[arm]
            else:
                quiet = week - last_week[known] >= _QUIET_WEEKS
                called = rng.random(known.size) < np.where(quiet, 0.9, 0.05)
                known = known[called]
                arm = np.ones(known.size, dtype=np.int64)
                chance = np.full(known.size, np.nan)
            self.averted[known] = people.averted[known, arm]
            self.until[known] = week + EFFECT_WEEKS
            at = week * _WEEK_SECONDS + 10 * 3_600
            self.rows.add(campaign=np.full(known.size, number), who=known, at=at, arm=arm,
                          chance=chance)  # fmt: skip


def _referral_rows() -> Rows:
    return Rows(referrer=np.int64, referred=np.int64, at=np.int64)


@dataclass
class Referrals:
    """Who is here, and who was brought by whom.

    Parameters
    ----------
    joins
        Week in which each customer is to join; moved on while nobody brings them.
    here
        True for those who have joined.
    rows
        Invitations; ``referred`` is -1 where nobody came of it.
    """

    joins: Ints
    here: Bools
    rows: Rows = field(default_factory=_referral_rows)

    @classmethod
    def at_start(cls, people: People) -> Referrals:
        """Return the state on the first day: all but the late ones are here.

        Parameters
        ----------
        people
            Everybody.
        """
        return cls(people.joins.copy(), people.joins == 0)

    def bring(
        self,
        week: int,
        *,
        people: People,
        keen: Bools,
        last_week: Ints,
        rng: np.random.Generator,
    ) -> None:
        """Let the week's late ones join, each brought by a customer who likes the shop.

        Parameters
        ----------
        week
            The week.
        people
            Everybody.
        keen
            True for those alive and in good spirits.
        last_week
            Week of each customer's last purchase; -1: never.
        rng
            The source of chance.
        """
        recent = (last_week >= 0) & (week - last_week <= _QUIET_WEEKS)
        able = np.flatnonzero(people.refers & keen & recent)
        due = np.flatnonzero(~self.here & (self.joins == week))
        if not able.size:
            self.joins[due[people.caused[due]]] += 1
            self.here[due[~people.caused[due]]] = True
            return
        self.here[due] = True
        self._log(able[rng.integers(0, able.size, due.size)], referred=due, week=week, rng=rng)
        vain = able[rng.random(able.size) < 0.01]
        nobody = np.full(vain.size, -1, dtype=np.int64)
        self._log(vain, referred=nobody, week=week, rng=rng)

    def _log(
        self, referrer: Ints, *, referred: Ints, week: int, rng: np.random.Generator
    ) -> None:
        # Monday before the shop opens: an invitation stands before the first order.
        at = week * _WEEK_SECONDS + rng.integers(0, 9 * 3_600, referrer.size)
        self.rows.add(referrer=referrer, referred=referred, at=at)
