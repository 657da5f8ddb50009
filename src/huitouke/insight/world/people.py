"""The people of a simulated world: everything about them that stays the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from huitouke.insight.world.scenarios import (
    NEEDS,
    TYPES,
    Bools,
    Floats,
    Ints,
    Scenario,
    trait,
)

__all__ = ["CATEGORIES", "CATEGORY_MARGIN", "CHANNELS", "STORES", "People", "draw_people"]

#: The stores; one store stands for one region.
STORES = tuple(f"S{number:02d}" for number in range(1, 9))

CHANNELS = ("store", "web", "app")

CATEGORIES = (
    "tea",
    "coffee",
    "snacks",
    "dairy",
    "bakery",
    "drinks",
    "fruit",
    "noodles",
    "household",
    "personal care",
    "baby",
    "pets",
)

#: Contribution margin of each category as a share of the list price.
CATEGORY_MARGIN: Floats = np.array(
    [0.45, 0.40, 0.35, 0.20, 0.40, 0.30, 0.18, 0.28, 0.32, 0.42, 0.25, 0.38]
)

#: Gamma-Gamma spend (Fader, Hardie & Lee 2005b, "RFM and CLV"): p, q, gamma.
SPEND = (6.25, 3.74, 15.44)

#: Share of the customers who arrive later, because somebody spoke of the shop.
_LATE_SHARE = 0.06


@dataclass(frozen=True)
class People:
    """What each simulated customer is; all arrays have shape (customers,).

    Parameters
    ----------
    kind
        Index into ``TYPES``.
    intercept, price_slope, switching_cost, attitude, deferral
        The choice and attitude of ``TRAITS``, one draw per person.
    hazard
        Weekly hazard of leaving for good before attitude and a fallen barrier act on it.
    hazard_noise
        The personal log-factor inside ``hazard``.
    need_rate
        Needs per week, Gamma with shape 2 and mean .30.
    regularity
        Stages of the gap between needs (1 or 4).
    engagement
        Visits and opens per week.
    contract, first_in_category, public_badge, refers, deep_use, enrolled
        Signs that a shop may see, true or false.
    contract_end
        Week in which the contract ends; beyond every week where there is none.
    never_redeems
        True for those who let points lapse.
    spend_rate
        Gamma-Gamma scale: baskets are Gamma(p, spend_rate).
    service_rate
        Service events per purchase.
    margin
        Contribution margin of the customer's categories, as a share of the list price.
    averted
        Shape (customers, 5): share of churn risk averted by each arm.
    needs
        Shape (customers, 4): the need vector, rows sum to 1.
    store, channel
        Indexes into ``STORES`` and ``CHANNELS``.
    shelf
        Shape (customers, 12): the categories in the customer's own order of liking.
    variety
        How many of them the customer buys.
    joins
        Week of joining; 0 for those who are there from the start.
    caused
        True for those who join only if somebody refers them (type 1).
    birth_year, household
        Year of birth and number of the household.
    """

    kind: Ints
    intercept: Floats
    price_slope: Floats
    switching_cost: Floats
    attitude: Floats
    deferral: Floats
    hazard: Floats
    hazard_noise: Floats
    need_rate: Floats
    regularity: Ints
    engagement: Floats
    contract: Bools
    first_in_category: Bools
    public_badge: Bools
    refers: Bools
    deep_use: Bools
    enrolled: Bools
    contract_end: Ints
    never_redeems: Bools
    spend_rate: Floats
    service_rate: Floats
    margin: Floats
    averted: Floats
    needs: Floats
    store: Ints
    channel: Ints
    shelf: npt.NDArray[np.int8]
    variety: Ints
    joins: Ints
    caused: Bools
    birth_year: Ints
    household: Ints

    @property
    def size(self) -> int:
        """How many people there are."""
        return int(self.kind.size)

    def mean_basket(self) -> Floats:
        """Return each customer's mean list basket, in currency: p / spend_rate."""
        return SPEND[0] / self.spend_rate

    def barrier(self, week: int) -> Floats:
        """Return the switching cost in a week: 30 % of it is left once the contract ends.

        Parameters
        ----------
        week
            The week, counted from 0.
        """
        return np.where(week >= self.contract_end, 0.3, 1.0) * self.switching_cost


def _averted(kind: Ints, *, needs: Floats, scenario: Scenario) -> npt.NDArray[np.float64]:
    """Share of churn risk averted by each arm: the type's share, more where the need fits.

    A contact that answers the customer's need works best; a discount offered to somebody
    who seeks recognition can do harm; customers of habit are driven away by any contact.
    """
    base = trait("averted")[kind][:, None]
    fit = np.where(base > 0, base * (0.4 + 2.4 * needs), base)
    slight = np.zeros_like(fit)
    slight[:, 0] = 0.3 * needs[:, 1]
    share = np.clip(fit - slight, -0.6, 0.8) * scenario.contact_effect
    return np.concatenate([np.zeros((kind.size, 1)), share], axis=1)


def _needs(kind: Ints, *, rng: np.random.Generator) -> Floats:
    weights = np.stack([trait(f"need_{need}") for need in NEEDS], axis=1)
    gammas = rng.standard_gamma(weights[kind])
    whole: Floats = gammas / gammas.sum(axis=1, keepdims=True)
    return whole


def _joins(size: int, *, weeks: int, rng: np.random.Generator) -> tuple[Ints, Bools]:
    late = rng.random(size) < _LATE_SHARE
    joins = np.where(late, rng.integers(1, max(2, int(weeks * 0.85)), size), 0)
    return joins.astype(np.int64), late & (rng.random(size) < 0.5)


def draw_people(
    scenario: Scenario, *, size: int, weeks: int, rng: np.random.Generator
) -> People:
    """Draw the people of a world.

    Parameters
    ----------
    scenario
        The assumptions.
    size
        How many.
    weeks
        How long the world will run: it places contract ends and late arrivals.
    rng
        The source of chance.

    Returns
    -------
    People
        One draw per person around the means of their type.
    """
    mix = np.array(scenario.mix) if scenario.mix else trait("share")
    kind = rng.choice(len(TYPES), size=size, p=mix)
    slope = trait("price_slope")[kind] * rng.lognormal(0.0, 0.3, size)
    if scenario.same_promotion_response:
        slope = np.ones(size)
    deferral = trait("deferral")[kind] * float(scenario.deferral)
    barrier = np.maximum(trait("switching_cost")[kind] + rng.normal(0.0, 0.3, size), 0.0)
    noise = rng.normal(0.0, scenario.hazard_noise, size)
    contract = rng.random(size) < trait("contract")[kind]
    ends = rng.integers(max(1, weeks // 2), weeks * 4 + 2, size)
    never = np.iinfo(np.int64).max
    engagement = rng.standard_gamma(2.0, size) * trait("engagement")[kind] / 2.0
    needs = _needs(kind, rng=rng)
    shelf = np.argsort(rng.random((size, len(CATEGORIES))), axis=1).astype(np.int8)
    variety = np.clip(rng.poisson(trait("variety")[kind]), 1, len(CATEGORIES))
    listed = np.cumsum(CATEGORY_MARGIN[shelf], axis=1)
    joins, caused = _joins(size, weeks=weeks, rng=rng)
    return People(
        kind=kind.astype(np.int64),
        intercept=trait("intercept")[kind] + rng.normal(0.0, 0.5, size),
        price_slope=slope,
        switching_cost=barrier,
        attitude=trait("attitude")[kind] + rng.normal(0.0, scenario.attitude_sd, size),
        deferral=deferral,
        hazard=scenario.base_hazard * np.exp(noise),
        hazard_noise=noise,
        need_rate=rng.standard_gamma(2.0, size) * 0.15,
        regularity=trait("regularity")[kind].astype(np.int64),
        engagement=engagement,
        contract=contract,
        first_in_category=rng.random(size) < trait("first_in_category")[kind],
        public_badge=rng.random(size) < trait("public_badge")[kind],
        refers=rng.random(size) < trait("refers")[kind],
        deep_use=rng.random(size) < trait("deep_use")[kind],
        enrolled=rng.random(size) < 0.7,
        contract_end=np.where(contract & scenario.contracts_end, ends, never),
        never_redeems=rng.random(size) < trait("breakage")[kind],
        spend_rate=rng.standard_gamma(SPEND[1], size) / SPEND[2],
        service_rate=rng.standard_gamma(0.5, size) * 0.6,
        margin=listed[np.arange(size), variety - 1] / variety,
        averted=_averted(kind, needs=needs, scenario=scenario),
        needs=needs,
        store=rng.integers(0, len(STORES), size),
        channel=rng.choice(len(CHANNELS), size=size, p=[0.5, 0.3, 0.2]),
        shelf=shelf,
        variety=variety.astype(np.int64),
        joins=joins,
        caused=caused,
        birth_year=rng.integers(1950, 2006, size),
        household=rng.integers(0, max(1, int(size * 0.8)), size),
    )
