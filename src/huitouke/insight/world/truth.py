"""The truth tables of a simulated world: kept apart, never part of what the shop exports."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huitouke.insight.world.calendar import Calendar
from huitouke.insight.world.futures import (
    KEPT_SHARE,
    SERVICE_COST,
    Futures,
    averted_chances,
    promotion_off_share,
)
from huitouke.insight.world.history import History
from huitouke.insight.world.layout import TRUTH_TABLES, codes, picked, table_of
from huitouke.insight.world.people import STORES, People
from huitouke.insight.world.scenarios import ARMS, NEEDS, TYPES, Floats, Scenario
from huitouke.insight.world.shop import Clock, order_ranks
from huitouke.insight.world.weeks import FAILURE_EFFECT, leave_hazard

__all__ = ["Truth", "calendar_table", "counts_table", "failures_table", "referrals_table"]

#: What a referrer costs or saves, in currency: a reward for somebody who would not have
#: come otherwise, and the usual cost of winning somebody who would have come anyway.
_REFERRAL_REWARD = 5.0
_ACQUISITION_COST = 8.0


@dataclass(frozen=True)
class Truth:
    """Everything the simulation knows about its customers.

    Parameters
    ----------
    people
        Who they are.
    history
        What happened.
    futures
        What may happen; None where it was not asked for.
    clock
        The world's time.
    scenario
        The assumptions.
    """

    people: People
    history: History
    futures: Futures | None
    clock: Clock
    scenario: Scenario

    def customers(self, rng: np.random.Generator) -> pa.Table:
        """Return one row per simulated customer, those who never bought included.

        Parameters
        ----------
        rng
            The source of chance for the cost to serve.
        """
        numbers = np.arange(self.people.size)
        columns: dict[str, Any] = {"customer_id": codes("C", numbers=numbers)}
        columns |= self._latent() | self._lived() | self._money(rng) | self._reactions()
        if self.futures is not None:
            columns |= {
                "p_full_price_13w": self.futures.p_full_price,
                "p_full_price_usual_13w": self.futures.p_full_price_usual,
                "p_any_13w": self.futures.p_any,
                "orders_13w": self.futures.orders,
                "clv_52w": self.futures.value,
                "crv_type": self._quadrant(columns["crv"], value=self.futures.value),
            }
        return table_of(TRUTH_TABLES["truth_customers"], columns=columns)

    @property
    def _alive(self) -> npt.NDArray[np.bool_]:
        return self.history.state.alive & (self.history.joined_week >= 0)

    def _latent(self) -> dict[str, Any]:
        people, end = self.people, self.clock.weeks
        attitude = self.history.state.attitude
        needs = {f"need_{need}": people.needs[:, place] for place, need in enumerate(NEEDS)}
        return needs | {
            "type": picked(TYPES, index=people.kind),
            "need_rate": people.need_rate,
            "dropout_rate": leave_hazard(
                people, week=end, attitude=attitude, scenario=self.scenario
            ),
            "regularity": people.regularity,
            "choice_intercept": people.intercept,
            "price_slope": people.price_slope,
            "switching_cost": people.barrier(end),
            "attitude": people.attitude,
            "attitude_end": attitude,
            "deferral": people.deferral,
            "mean_basket": people.mean_basket(),
            "refers": people.refers,
        }

    def _lived(self) -> dict[str, Any]:
        history = self.history
        left, joined = history.left_week, history.joined_week
        bought = np.bincount(history.purchases["who"], minlength=self.people.size)
        met = bought + history.elsewhere
        brought = np.isin(np.arange(self.people.size), history.referrals["referred"])
        kind = np.where(brought, np.where(self.people.caused, 0, 1), -1)
        return {
            "joined_on": pa.array(self.clock.days(joined * 7), mask=joined < 0),
            "alive": self._alive,
            # Whoever leaves does so at the end of a week, after that week's purchase.
            "dropout_on": pa.array(self.clock.days(left * 7 + 6), mask=left < 0),
            "purchases": bought,
            "sow": pa.array(bought / np.maximum(met, 1), mask=met == 0),
            "referred_as": picked(("type_1", "type_2"), index=kind),
        }

    def _money(self, rng: np.random.Generator) -> dict[str, Any]:
        bought, people = self.history.purchases, self.people
        who = bought["who"]
        goods = bought["list_cents"] * (1.0 - people.margin[who])
        paid = (bought["cents"] - goods) * (KEPT_SHARE / 100)
        margin = np.bincount(who, weights=paid, minlength=people.size).astype(np.float64)
        orders = np.bincount(who, minlength=people.size)
        service = rng.poisson(people.service_rate * orders) * SERVICE_COST
        return {"margin_total": margin, "service_cost": service, "crv": self._crv(margin)}

    def _crv(self, margin: Floats) -> Floats:
        """Margin so far of those who would not be here, and the cost saved on the others."""
        rows = self.history.referrals
        came = rows["referred"] >= 0
        referrer, referred = rows["referrer"][came], rows["referred"][came]
        caused = self.people.caused[referred]
        worth = np.where(caused, margin[referred] - _REFERRAL_REWARD, _ACQUISITION_COST)
        total = np.bincount(referrer, weights=worth, minlength=self.people.size)
        return total.astype(np.float64)

    def _reactions(self) -> dict[str, Any]:
        end, state = self.clock.weeks, self.history.state
        tau = averted_chances(self.people, state=state, start=end, scenario=self.scenario)
        tau = tau * self._alive[:, None]
        share = promotion_off_share(self.people, week=end, scenario=self.scenario)
        taus = {f"tau_{arm}": tau[:, place] for place, arm in enumerate(ARMS[1:])}
        return taus | {"ros": share}

    def _quadrant(self, crv: Floats, *, value: Floats) -> pa.Array:
        """Champion, affluent, advocate or miser (Kumar, Petersen & Leone 2007)."""
        alive = self._alive
        high = value > (np.median(value[alive]) if alive.any() else 0.0)
        place = np.where(high, np.where(crv > 0, 0, 1), np.where(crv > 0, 2, 3))
        return picked(("champion", "affluent", "advocate", "miser"), index=place)


def failures_table(history: History, *, clock: Clock) -> pa.Table:
    """Return every failure of service, voiced or silent, in order of time.

    Parameters
    ----------
    history
        What happened.
    clock
        The world's time.
    """
    bought = history.purchases
    failed = np.flatnonzero(bought["outcome"] >= 0)
    failed = failed[np.argsort(bought["at"][failed], kind="stable")]
    outcome = bought["outcome"][failed]
    return table_of(
        TRUTH_TABLES["truth_failures"],
        columns={
            "customer_id": codes("C", numbers=bought["who"][failed]),
            "order_id": codes("O", numbers=order_ranks(bought["at"])[failed], width=8),
            "failed_at": clock.stamp(bought["at"][failed]),
            "outcome": picked(("silent", "unrecovered", "recovered"), index=outcome),
            "effect": FAILURE_EFFECT[outcome],
        },
    )


def referrals_table(people: People, *, history: History) -> pa.Table:
    """Return who was brought by whom, and whether they would have come anyway.

    Parameters
    ----------
    people
        Who they are.
    history
        What happened.
    """
    rows = history.referrals
    came = np.flatnonzero(rows["referred"] >= 0)
    came = came[np.argsort(rows["referred"][came], kind="stable")]
    referred = rows["referred"][came]
    return table_of(
        TRUTH_TABLES["truth_referrals"],
        columns={
            "referrer_id": codes("C", numbers=rows["referrer"][came]),
            "referred_id": codes("C", numbers=referred),
            "kind": picked(
                ("type_2", "type_1"), index=people.caused[referred].astype(np.int64)
            ),
        },
    )


def calendar_table(calendar: Calendar) -> pa.Table:
    """Return the calendar by week and store, the 52 weeks of future included.

    Parameters
    ----------
    calendar
        Promotions, rival, outages, prices.
    """
    weeks, stores = calendar.promotion.shape
    return table_of(
        TRUTH_TABLES["truth_calendar"],
        columns={
            "week": np.repeat(np.arange(weeks), stores),
            "store": picked(STORES, index=np.tile(np.arange(stores), weeks)),
            "promotion": calendar.promotion.ravel(),
            "rival": calendar.rival.ravel(),
            "outage": calendar.outage.ravel(),
            "price": calendar.price.ravel(),
        },
    )


def counts_table(scenario: Scenario, *, counts: dict[str, float]) -> pa.Table:
    """Return what was counted, and the numbers of the scenario, by name.

    Parameters
    ----------
    scenario
        The assumptions; its numbers and switches are listed.
    counts
        Counts and further parameters.
    """
    numbers = {
        f.name: float(getattr(scenario, f.name))
        for f in fields(scenario)
        if isinstance(getattr(scenario, f.name), int | float)
    }
    rows = sorted((numbers | counts).items())
    return table_of(
        TRUTH_TABLES["truth_counts"],
        columns={
            "name": pa.array([name for name, _ in rows], pa.string()),
            "value": np.array([value for _, value in rows], dtype=np.float64),
        },
    )
