"""The true chances of a simulated customer: many futures lived, and closed forms."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from huitouke.insight.world.calendar import (
    PROMOTION_DEPTH,
    PROMOTION_EVERY,
    RIVAL_DEPTH,
    Calendar,
    rival_chance,
)
from huitouke.insight.world.people import People
from huitouke.insight.world.scenarios import Bools, Floats, Ints, Scenario
from huitouke.insight.world.weeks import (
    EXPIRY_CHANCE,
    PATIENCE_WEEKS,
    State,
    chance_to_buy,
    leave_hazard,
    need_chance,
    step,
)

__all__ = [
    "HORIZON_WEEKS",
    "SERVICE_COST",
    "VALUE_WEEKS",
    "YEARLY_DISCOUNT",
    "Futures",
    "averted_chances",
    "live_futures",
    "promotion_off_share",
]

HORIZON_WEEKS = 13
VALUE_WEEKS = 52
YEARLY_DISCOUNT = 0.15

#: Cost of one service event, in currency.
SERVICE_COST = 6.0

#: Share of order lines that stay sold.
KEPT_SHARE = 0.96

#: Most customer-futures moved at once: keeps the working arrays inside the cache.
_AT_ONCE = 200_000


@dataclass(frozen=True)
class Futures:
    """Means over many futures; all arrays have shape (customers,).

    Parameters
    ----------
    p_full_price
        Share of futures without promotions that hold a purchase within 13 weeks.
    p_full_price_usual
        Share of futures with the usual promotions that hold a purchase within 13 weeks in a
        week without one.
    p_any
        Share of those that hold any purchase within 13 weeks.
    orders
        Mean purchases within 13 weeks, usual promotions.
    value
        Mean discounted margin less service over 52 weeks, in currency.
    """

    p_full_price: Floats
    p_full_price_usual: Floats
    p_any: Floats
    orders: Floats
    value: Floats


def _chosen(people: People, *, who: Ints) -> People:
    return People(**{f.name: getattr(people, f.name)[who] for f in fields(people)})


def _copies(state: State, *, who: Ints, draws: int) -> State:
    def many(column: str) -> npt.NDArray[Any]:
        part = getattr(state, column)[who]
        copies: npt.NDArray[Any] = np.broadcast_to(part, (draws, who.size)).copy()
        return copies

    return State(many("alive"), many("attitude"), many("stage"), many("waiting"))


def _worth(people: People, *, week: int, calendar: Calendar) -> Floats:
    """Mean margin of one purchase in a week, service included, in currency."""
    depth = calendar.promotion[week][people.store]
    price = calendar.price[week][people.store]
    share = price * (people.margin - depth)
    worth: Floats = people.mean_basket() * share * KEPT_SHARE
    return worth - people.service_rate * SERVICE_COST


def live_futures(
    people: People,
    *,
    state: State,
    here: Bools,
    start: int,
    draws: int,
    calendar: Calendar,
    scenario: Scenario,
    rng: np.random.Generator,
) -> Futures:
    """Let everybody live many futures from where they stand; nobody is contacted in them.

    Parameters
    ----------
    people
        Who they are.
    state
        Where they stand at the end of the log; not changed.
    here
        True for those who have joined; only they and the living have a future.
    start
        The first week of the future.
    draws
        How many futures each; the standard error of a chance p is sqrt(p (1 - p) / draws).
    calendar
        The calendar, 52 weeks of future included.
    scenario
        The assumptions.
    rng
        The source of chance.
    """
    who = np.flatnonzero(state.alive & here)
    living = _chosen(people, who=who)
    full, usual, any_, orders, value = (np.zeros(who.size) for _ in range(5))
    plain = calendar.without_promotions()
    run = partial(_run, people=living, start=start, scenario=scenario, rng=rng)
    at_once = max(1, min(draws, _AT_ONCE // max(1, who.size)))
    for done in range(0, draws if who.size else 0, at_once):
        size = min(at_once, draws - done)
        copies = _copies(state, who=who, draws=size)
        full += run(copies, calendar=plain, weeks=HORIZON_WEEKS)[0]
        copies = _copies(state, who=who, draws=size)
        hits, plainly, count, gained = run(copies, calendar=calendar, weeks=VALUE_WEEKS)
        any_ += hits
        usual += plainly
        orders += count
        value += gained

    def spread(total: Floats) -> Floats:
        whole = np.zeros(people.size)
        whole[who] = total / draws
        return whole

    return Futures(*(spread(total) for total in (full, usual, any_, orders, value)))


def _run(
    state: State,
    *,
    people: People,
    start: int,
    weeks: int,
    calendar: Calendar,
    scenario: Scenario,
    rng: np.random.Generator,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Live some futures: in how many each bought (off promotion), how often, worth what."""
    bought_yet = np.zeros(state.alive.shape, dtype=np.bool_)
    bought_plainly = np.zeros(state.alive.shape, dtype=np.bool_)
    orders, value = np.zeros(people.size), np.zeros(people.size)
    for week in range(start, start + weeks):
        happened = step(
            people, state=state, week=week, calendar=calendar, scenario=scenario, rng=rng
        )
        count = np.bincount(happened.bought % people.size, minlength=people.size)
        if week - start < HORIZON_WEEKS:
            bought_yet.flat[happened.bought] = True
            off = calendar.promotion[week][people.store[happened.bought % people.size]] == 0
            bought_plainly.flat[happened.bought[off]] = True
            orders += count
        discount = (1.0 + YEARLY_DISCOUNT) ** (-(week - start + 0.5) / 52)
        value += count * _worth(people, week=week, calendar=calendar) * discount
    hits: Floats = bought_yet.sum(axis=0).astype(np.float64)
    plainly: Floats = bought_plainly.sum(axis=0).astype(np.float64)
    return hits, plainly, orders, value


def averted_chances(people: People, *, state: State, start: int, scenario: Scenario) -> Floats:
    """Return what each arm would change: P(alive in 13 weeks) if contacted, less if not.

    Closed form: ``exp(-(1 - u) H) - exp(-H)`` with u the share of risk averted and H the
    hazard of the 13 weeks, attitude held where it is now.

    Parameters
    ----------
    people
        Who they are.
    state
        Where they stand.
    start
        The first week of the future.
    scenario
        The assumptions.

    Returns
    -------
    array
        Shape (customers, 4), in the order of ``ARMS[1:]``; 0 for those who have left.
    """
    total = sum(
        leave_hazard(people, week=week, attitude=state.attitude, scenario=scenario)
        for week in range(start, start + HORIZON_WEEKS)
    )
    hazard = np.asarray(total)[:, None]
    gained = np.exp(-(1.0 - people.averted[:, 1:]) * hazard) - np.exp(-hazard)
    change: Floats = gained * state.alive[:, None]
    return change


def _weekly_need(people: People) -> Floats:
    """Chance of a need per week: exact without regularity, one over the mean gap with it."""
    chance = need_chance(people.need_rate)
    for stages in np.unique(people.regularity[people.regularity > 1]):
        who = people.regularity == stages
        gain = stages * people.need_rate[who]
        none = np.exp(-gain)
        gap = np.zeros((int(stages), gain.size))
        for missing in range(1, int(stages) + 1):
            chance_of = none.copy()
            total = np.ones_like(gain)
            for steps in range(1, missing):
                chance_of = chance_of * gain / steps
                total += chance_of * gap[missing - steps - 1]
            gap[missing - 1] = total / (1.0 - none)
        chance[who] = 1.0 / gap[-1]
    return chance


def promotion_off_share(people: People, *, week: int, scenario: Scenario) -> Floats:
    """Return the true rain-or-shine share: purchases without promotions over those with.

    Both are long-run weekly rates of a customer who stays, in the usual attitude, computed
    from the chain of a need that waits (0 to 6 weeks left) and not by chance. For regular
    buyers the need of each week is taken as independent, which matters little because they
    hardly wait.

    Parameters
    ----------
    people
        Who they are.
    week
        The week whose barriers and rival count.
    scenario
        The assumptions.

    Returns
    -------
    array
        Shape (customers,), above 0, at most 1.
    """
    rival = float(rival_chance(scenario, week=np.array(week)))

    def chance(depth: float) -> Floats:
        chances = [
            share
            * chance_to_buy(
                people,
                who=slice(None),
                attitude=people.attitude,
                depth=depth,
                rival=rival_depth,
                barrier=people.barrier(week),
                attitude_weight=scenario.attitude_choice,
            )
            for share, rival_depth in ((1.0 - rival, 0.0), (rival, RIVAL_DEPTH))
        ]
        return chances[0] + chances[1]

    need, waits = _weekly_need(people), people.deferral
    off, on = chance(0.0), chance(PROMOTION_DEPTH)
    start = np.zeros((PATIENCE_WEEKS + 1, people.size))
    start[0] = 1.0
    state, bought = start, np.zeros(people.size)
    for _ in range(PROMOTION_EVERY - 1):
        state, faced = _wait(state, need=need, waits=waits)
        bought += faced * off
    with_promotion = bought + (1.0 - state[0] * (1.0 - need)) * on
    state = start
    for _ in range(40 * PROMOTION_EVERY):
        state, faced = _wait(state, need=need, waits=waits)
    bought = np.zeros(people.size)
    for _ in range(PROMOTION_EVERY):
        state, faced = _wait(state, need=need, waits=waits)
        bought += faced * off
    share: Floats = np.minimum(bought / with_promotion, 1.0)
    return share


def _wait(state: Floats, *, need: Floats, waits: Floats) -> tuple[Floats, Floats]:
    """One week without promotion: where a waiting need stands, and the chance to choose."""
    begins = need * waits
    at_once = need * (1.0 - waits)
    expiring = state[1]
    following = np.empty_like(state)
    following[0] = (state[0] + expiring) * (1.0 - begins)
    following[1:-1] = state[2:]
    following[-1] = (state[0] + expiring) * begins
    either = 1.0 - (1.0 - at_once) * (1.0 - EXPIRY_CHANCE)
    return following, (1.0 - expiring) * at_once + expiring * either
