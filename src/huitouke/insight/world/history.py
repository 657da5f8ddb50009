"""The simulated shop's history: the weeks one after another, and everything they leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from huitouke.insight.world.calendar import Calendar
from huitouke.insight.world.outreach import Contacts, Referrals
from huitouke.insight.world.people import SPEND, People
from huitouke.insight.world.programme import Purse
from huitouke.insight.world.rows import Rows
from huitouke.insight.world.scenarios import Floats, Ints, Scenario
from huitouke.insight.world.voice import Survey
from huitouke.insight.world.weeks import State, start_state, step

__all__ = ["History", "live"]

_DAY = 86_400
_OPENS, _CLOSES = 9 * 3_600, 22 * 3_600


@dataclass(frozen=True)
class History:
    """All that happened, by position in ``people``; times in seconds of the world.

    Parameters
    ----------
    state
        Where each customer stands at the end.
    purchases
        Columns who, at, list_cents, cents, depth, outcome; numbered by their position.
    left_week
        Week of leaving for good; -1: still a customer.
    joined_week
        Week of joining; -1: has not joined.
    elsewhere
        How many needs the rival met; shape (customers,).
    contacts, referrals, points, answers
        Rows of those tables as columns.
    asked, answered
        How many customers were asked in surveys, and how many answered.
    """

    state: State
    purchases: dict[str, npt.NDArray[Any]]
    left_week: Ints
    joined_week: Ints
    elsewhere: Ints
    contacts: dict[str, npt.NDArray[Any]]
    referrals: dict[str, npt.NDArray[Any]]
    points: dict[str, npt.NDArray[Any]]
    answers: dict[str, npt.NDArray[Any]]
    asked: int
    answered: int


def _baskets(people: People, *, who: Ints, price: Floats, rng: np.random.Generator) -> Ints:
    """List baskets in cents: Gamma-Gamma around each customer's own mean."""
    spent = rng.standard_gamma(SPEND[0], who.size) / people.spend_rate[who] * price
    return np.maximum(np.rint(spent * 100), 50).astype(np.int64)


def _moments(who: Ints, *, week: int, rng: np.random.Generator) -> Ints:
    """A random day of the week and second between opening and closing."""
    days = week * 7 + rng.integers(0, 7, who.size)
    return days * _DAY + rng.integers(_OPENS, _CLOSES, who.size)


def live(
    people: People,
    *,
    scenario: Scenario,
    calendar: Calendar,
    weeks: int,
    stream: Callable[[str], np.random.Generator],
) -> History:
    """Let people live through the weeks and return what happened.

    Parameters
    ----------
    people
        Who they are.
    scenario
        The assumptions.
    calendar
        Promotions, rival, outages, prices.
    weeks
        How many weeks.
    stream
        Gives the source of chance for a named part, so that the parts do not disturb
        each other.
    """
    process, spend, voice = stream("process"), stream("spend"), stream("voice")
    outreach, advocacy, points = stream("outreach"), stream("advocacy"), stream("points")
    state, purse = start_state(people), Purse.empty(people.size)
    contacts, referrals = Contacts.none_yet(people.size), Referrals.at_start(people)
    survey = Survey(bias=voice.normal(0.0, 0.8, people.size))
    bought = Rows(who=np.int64, at=np.int64, list_cents=np.int64, cents=np.int64,
                  depth=np.float64, outcome=np.int64)  # fmt: skip
    left_week = np.full(people.size, -1, dtype=np.int64)
    joined_week = np.where(referrals.here, 0, -1)
    elsewhere = np.zeros(people.size, dtype=np.int64)
    orders = 0
    for week in range(weeks):
        keen = state.alive & (state.attitude > 0.3)
        referrals.bring(week, people=people, keen=keen, last_week=purse.last_week, rng=advocacy)
        joined_week[referrals.here & (joined_week < 0)] = week
        contacts.send(week, people=people, last_week=purse.last_week, rng=outreach)
        happened = step(
            people,
            state=state,
            week=week,
            calendar=calendar,
            scenario=scenario,
            rng=process,
            here=referrals.here,
            pull=purse.pull(people),
            averted=contacts.effect(week),
        )
        who, store = happened.bought, people.store[happened.bought]
        depth = calendar.promotion[week][store]
        listed = _baskets(people, who=who, price=calendar.price[week][store], rng=spend)
        listed = purse.topped_up(listed, who=who, people=people, depth=depth, rng=points)
        cents = np.rint(listed * (1.0 - depth)).astype(np.int64)
        at = _moments(who, week=week, rng=spend)
        bought.add(who=who, at=at, list_cents=listed, cents=cents, depth=depth,
                   outcome=happened.outcome)  # fmt: skip
        number = np.arange(orders, orders + who.size)
        orders += who.size
        purse.settle(
            who, cents=cents, at=at, order=number, week=week, people=people, rng=points
        )
        elsewhere[happened.elsewhere] += 1
        left_week[happened.left] = week
        survey.ask(
            week,
            people=people,
            attitude=state.attitude,
            last_week=purse.last_week,
            scenario=scenario,
            rng=voice,
        )
    return History(
        state=state,
        purchases=bought.columns(),
        left_week=left_week,
        joined_week=joined_week,
        elsewhere=elsewhere,
        contacts=contacts.rows.columns(),
        referrals=referrals.rows.columns(),
        points=purse.rows.columns(),
        answers=survey.rows.columns(),
        asked=survey.asked,
        answered=survey.answered,
    )
