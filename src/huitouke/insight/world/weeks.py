"""One week of a simulated world: who needs, who waits, who buys, what fails, who leaves.

The same step moves the shop's history (arrays of shape (customers,)) and many futures at
once (arrays of shape (draws, customers)): the last axis is always the customer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from huitouke.insight.world.calendar import Calendar, seasons
from huitouke.insight.world.people import People
from huitouke.insight.world.scenarios import Bools, Floats, Scenario

__all__ = [
    "State",
    "Week",
    "chance_to_buy",
    "leave_hazard",
    "need_chance",
    "start_state",
    "step",
]

#: Weeks that a need waits for a promotion, and the chance that it is still met afterwards.
PATIENCE_WEEKS = 6
EXPIRY_CHANCE = 0.30

FAILURE_CHANCE = 0.05
OUTAGE_FAILURE_CHANCE = 0.50
RECOVERY_CHANCE = 0.55
#: What a failure does to attitude: silent, voiced but not repaired, voiced and repaired.
FAILURE_EFFECT: Floats = np.array([-0.35, -0.80, 0.05])
REVERSION = 0.995


@dataclass
class State:
    """Where each customer stands; shape (customers,) or (draws, customers).

    Parameters
    ----------
    alive
        True until the customer leaves for good.
    attitude
        Attitude now.
    stage
        Stages of the present gap that are done (only counts for regularity above 1).
    waiting
        Weeks that a need will still wait for a promotion; 0: none waits.
    """

    alive: Bools
    attitude: Floats
    stage: npt.NDArray[np.int64]
    waiting: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Week:
    """What happened in a week.

    Parameters
    ----------
    bought
        Flat positions of those who bought here.
    elsewhere
        Flat positions of those whose need was met by the rival.
    outcome
        One per ``bought``: -1 nothing failed, 0 silent, 1 voiced, 2 voiced and repaired.
    left
        True for those who left for good this week.
    """

    bought: npt.NDArray[np.int64]
    elsewhere: npt.NDArray[np.int64]
    outcome: npt.NDArray[np.int64]
    left: Bools


def start_state(people: People) -> State:
    """Return the state of people on their first day: alive, in their usual attitude.

    Parameters
    ----------
    people
        Who they are.
    """
    return State(
        alive=np.ones(people.size, dtype=np.bool_),
        attitude=people.attitude.copy(),
        stage=np.zeros(people.size, dtype=np.int64),
        waiting=np.zeros(people.size, dtype=np.int64),
    )


def need_chance(need_rate: Floats) -> Floats:
    """Return the chance that a need arises within a week: at most one a week is felt.

    Parameters
    ----------
    need_rate
        Needs per week.
    """
    return -np.expm1(-need_rate)


def chance_to_buy(
    people: People,
    *,
    who: npt.NDArray[np.int64] | slice,
    attitude: Floats,
    depth: Floats | float,
    rival: Floats | float,
    barrier: Floats,
    price: Floats | float = 1.0,
    attitude_weight: float = 0.3,
) -> Floats:
    """Return the chance that a need is met here: a logit of taste, price, rival, attitude.

    Parameters
    ----------
    people
        Who they are.
    who
        Which of them (positions, or a slice for all).
    attitude
        Their attitude now.
    depth, rival
        Depth of the shop's and the rival's promotion.
    barrier
        Their switching cost now; it shields from the rival.
    price
        Price level; a rise counts half of what a promotion of that depth would.
    attitude_weight
        What one unit of attitude adds to the logit.
    """
    slope = people.price_slope[who]
    logit = (
        people.intercept[who]
        + slope * (depth - 0.5 * (np.asarray(price) - 1.0))
        - (0.6 * slope + 1.0) * rival * np.exp(-barrier)
        + attitude_weight * attitude
    )
    chance: Floats = 1.0 / (1.0 + np.exp(-logit))
    return chance


def leave_hazard(people: People, *, week: int, attitude: Floats, scenario: Scenario) -> Floats:
    """Return the weekly hazard of leaving for good, if nobody is contacted.

    Parameters
    ----------
    people
        Who they are.
    week
        The week: contracts end and habits drift.
    attitude
        Attitude now.
    scenario
        The assumptions.
    """
    drift = 2.0 if scenario.drifted(week) else 1.0
    base = people.hazard * np.exp(-0.5 * people.barrier(week)) * drift
    hazard: Floats = base * np.exp(-scenario.attitude_hazard * attitude)
    return hazard


def _new_needs(
    people: People, *, state: State, rate: Floats, rng: np.random.Generator
) -> Bools:
    """Who feels a need this week: Poisson by default, Erlang gaps for the regular."""
    shape = state.alive.shape
    need: Bools = rng.random(shape) < need_chance(rate)
    regular = np.flatnonzero(people.regularity > 1)
    if regular.size:
        stages = people.regularity[regular]
        gained = rng.poisson(stages * rate[..., regular], (*shape[:-1], regular.size))
        done = state.stage[..., regular] + gained
        need[..., regular] = done >= stages
        state.stage[..., regular] = np.where(done >= stages, 0, done)
    return need


def _facing(
    need: Bools, *, people: People, state: State, promotion: Bools, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Flat positions of those who choose this week, after some decided to wait."""
    size = people.size
    fresh = np.flatnonzero(need)
    person = fresh % size
    defers = ~promotion[person] & (rng.random(fresh.size) < people.deferral[person])
    facing = need.copy()
    facing.flat[fresh[defers]] = False
    waiting = np.flatnonzero(state.waiting)
    left = state.waiting.flat[waiting] - 1
    released = promotion[waiting % size]
    expired = ~released & (left == 0)
    still = rng.random(waiting.size) < EXPIRY_CHANCE
    facing.flat[waiting[released | (expired & still)]] = True
    state.waiting.flat[waiting] = np.where(released, 0, left)
    starts = fresh[defers]
    idle = state.waiting.flat[starts] == 0
    state.waiting.flat[starts[idle]] = PATIENCE_WEEKS
    facing &= state.alive
    return np.flatnonzero(facing)


def _failures(
    bought: npt.NDArray[np.int64],
    *,
    people: People,
    state: State,
    outage: Bools,
    rng: np.random.Generator,
) -> npt.NDArray[np.int64]:
    """What went wrong with each purchase, and what it did to attitude."""
    person = bought % people.size
    chance = np.where(outage[person], OUTAGE_FAILURE_CHANCE, FAILURE_CHANCE)
    failed = np.flatnonzero(rng.random(bought.size) < chance)
    outcome = np.full(bought.size, -1, dtype=np.int64)
    where = bought[failed]
    attitude = state.attitude.flat[where]
    # Index 0 of the types is the forced: they complain because they cannot leave.
    voice = 0.25 + 0.15 * (people.kind[where % people.size] == 0) + 0.10 * (attitude > 1.0)
    voiced = rng.random(failed.size) < voice
    repaired = voiced & (rng.random(failed.size) < RECOVERY_CHANCE)
    outcome[failed] = voiced.astype(np.int64) + repaired
    state.attitude.flat[where] = attitude + FAILURE_EFFECT[outcome[failed]]
    return outcome


def step(
    people: People,
    *,
    state: State,
    week: int,
    calendar: Calendar,
    scenario: Scenario,
    rng: np.random.Generator,
    here: Bools | None = None,
    pull: Floats | float = 1.0,
    averted: Floats | float = 0.0,
) -> Week:
    """Move everybody by one week and return what happened; ``state`` is changed.

    Parameters
    ----------
    people
        Who they are.
    state
        Where they stand; changed in place.
    week
        The week, counted from 0.
    calendar
        Promotions, rival, outages, prices.
    scenario
        The assumptions.
    rng
        The source of chance.
    here
        True for those who know the shop already; None: all do.
    pull
        Factor on needs of those who are near a reward.
    averted
        Share of this week's churn risk that a contact averts.
    """
    barrier = people.barrier(week)
    store = people.store
    drift = 0.6 if scenario.drifted(week) else 1.0
    rate = people.need_rate * seasons(week) * pull * drift
    need = _new_needs(people, state=state, rate=rate, rng=rng)
    if here is not None:
        need &= here
    promotion = calendar.promotion[week][store]
    facing = _facing(need, people=people, state=state, promotion=promotion > 0, rng=rng)
    person = facing % people.size
    chance = chance_to_buy(
        people,
        who=person,
        attitude=state.attitude.flat[facing],
        depth=promotion[person],
        rival=calendar.rival[week][store[person]],
        barrier=barrier[person],
        price=calendar.price[week][store[person]],
        attitude_weight=scenario.attitude_choice,
    )
    taken = rng.random(facing.size) < chance
    bought, missed = facing[taken], facing[~taken]
    elsewhere = missed[rng.random(missed.size) < scenario.rival_share]
    outage = calendar.outage[week][store]
    outcome = _failures(bought, people=people, state=state, outage=outage, rng=rng)
    state.attitude += (1.0 - REVERSION) * (people.attitude - state.attitude)
    hazard = leave_hazard(people, week=week, attitude=state.attitude, scenario=scenario)
    risk = -np.expm1(-hazard * (1.0 - averted))
    left = state.alive & (rng.random(state.alive.shape) < risk)
    if here is not None:
        left &= here
    state.alive &= ~left
    return Week(bought=bought, elsewhere=elsewhere, outcome=outcome, left=left)
