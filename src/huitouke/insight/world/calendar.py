"""What happens to everybody in a simulated world: promotions, the rival, shocks, seasons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from huitouke.insight.world.people import STORES
from huitouke.insight.world.scenarios import Bools, Floats, Ints, Scenario

__all__ = [
    "PROMOTION_DEPTH",
    "PROMOTION_EVERY",
    "RIVAL_DEPTH",
    "Calendar",
    "draw_calendar",
    "rival_chance",
    "seasons",
]

PROMOTION_DEPTH = 0.25
PROMOTION_EVERY = 6
RIVAL_DEPTH = 0.20
PAUSE_WEEKS = (60, 68)
RIVAL_LAUNCH_WEEK = 75
OUTAGE_WEEK = 85
PRICE_RISE_WEEK = 90
PRICE_RISE = 0.05


@dataclass(frozen=True)
class Calendar:
    """What happens to everybody: each array has shape (weeks, stores).

    Parameters
    ----------
    promotion
        Depth of the shop's own promotion, 0 or .25.
    rival
        Depth of the rival's promotion, 0 or .20.
    outage
        True where the service fails for a week.
    price
        Price level: 1, and 1.05 after the rise.
    """

    promotion: Floats
    rival: Floats
    outage: Bools
    price: Floats

    def without_promotions(self) -> Calendar:
        """Return the same calendar with every promotion of the shop taken out."""
        return Calendar(np.zeros_like(self.promotion), self.rival, self.outage, self.price)


def rival_chance(scenario: Scenario, *, week: Ints) -> Floats:
    """Return the chance that the rival runs a promotion in a store, in each week.

    Parameters
    ----------
    scenario
        The assumptions.
    week
        Weeks, counted from 0; from the rival's launch on the chance is 5/3 as high.
    """
    return scenario.rival_chance * np.where(week >= RIVAL_LAUNCH_WEEK, 5 / 3, 1.0)


def draw_calendar(scenario: Scenario, *, weeks: int, rng: np.random.Generator) -> Calendar:
    """Draw the promotions, shocks and prices of a world, in every store.

    Parameters
    ----------
    scenario
        The assumptions.
    weeks
        How many weeks, futures included.
    rng
        The source of chance.
    """
    week = np.arange(weeks)[:, None]
    paused = rng.permutation(len(STORES)) < len(STORES) // 2
    running = week % PROMOTION_EVERY == 0
    pause = (week >= PAUSE_WEEKS[0]) & (week <= PAUSE_WEEKS[1]) & paused
    pause &= scenario.promotion_pause
    chance = rival_chance(scenario, week=week)
    rival = rng.random((weeks, len(STORES))) < chance
    outage = (week == OUTAGE_WEEK) & (np.arange(len(STORES)) == rng.integers(len(STORES)))
    price = np.where(week >= PRICE_RISE_WEEK, 1.0 + PRICE_RISE, 1.0) + np.zeros(len(STORES))
    return Calendar(
        promotion=np.where(running & ~pause, PROMOTION_DEPTH, 0.0),
        rival=np.where(rival, RIVAL_DEPTH, 0.0),
        outage=outage,
        price=price,
    )


def seasons(week: int) -> float:
    """Return the season's factor on needs: mean 1 over a year, highest in week 50.

    Parameters
    ----------
    week
        The week, counted from 0.

    Examples
    --------
    >>> round(seasons(50), 2), round(seasons(24), 2)
    (1.15, 0.85)
    """
    return 1.0 + 0.15 * float(np.cos(2 * np.pi * (week - 50) / 52))
