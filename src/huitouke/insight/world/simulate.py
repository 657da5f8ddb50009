"""Make a simulated shop: its files as it would export them, and the truth behind them.

Everything here is simulated. No row describes a person or a business that exists.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from huitouke.insight.world.calendar import draw_calendar
from huitouke.insight.world.dirt import Aliases, Lines, soiled
from huitouke.insight.world.futures import VALUE_WEEKS, Futures, live_futures
from huitouke.insight.world.history import History, live
from huitouke.insight.world.layout import SHOP_TABLES, TRUTH_TABLES, codes, table_of
from huitouke.insight.world.people import SPEND, draw_people
from huitouke.insight.world.pure import (
    PURE_MARGIN,
    PURE_PARAMETERS,
    pure_customers,
    pure_lines,
    pure_lives,
)
from huitouke.insight.world.scenarios import Scenario, scenario_named, whole_number
from huitouke.insight.world.shop import Clock, Shop, order_lines, orders_table
from huitouke.insight.world.truth import (
    Truth,
    calendar_table,
    counts_table,
    failures_table,
    referrals_table,
)

__all__ = ["STARTS_ON", "World", "simulate"]

#: A Monday; two years from here end on 2025-12-28.
STARTS_ON = date(2024, 1, 1)

_PARTS = (
    "people", "calendar", "process", "spend", "voice", "outreach", "advocacy", "points",
    "files", "complaints", "register", "dirt", "service", "futures",
)  # fmt: skip

_Stream = Callable[[str], np.random.Generator]


@dataclass(frozen=True)
class World:
    """A simulated shop. The fields that begin with ``truth_`` are what it cannot know.

    Parameters
    ----------
    scenario
        The assumptions.
    seed
        The seed.
    starts_on, as_of
        First and last day of the log.
    orders, customers, answers, contacts, complaints, referrals, programme
        What the shop would export.
    truth_customers, truth_failures, truth_referrals, truth_aliases, truth_calendar
        The truth, each in a table of its own.
    truth_counts
        The scenario's numbers, and what was counted while the files were made.
    """

    scenario: Scenario
    seed: int
    starts_on: date
    as_of: date
    orders: pa.Table
    customers: pa.Table
    answers: pa.Table
    contacts: pa.Table
    complaints: pa.Table
    referrals: pa.Table
    programme: pa.Table
    truth_customers: pa.Table
    truth_failures: pa.Table
    truth_referrals: pa.Table
    truth_aliases: pa.Table
    truth_calendar: pa.Table
    truth_counts: pa.Table

    def count(self, name: str) -> float:
        """Return one value of ``truth_counts``.

        Parameters
        ----------
        name
            What was counted.

        Raises
        ------
        KeyError
            If this world has no such count.
        """
        rows = self.truth_counts.to_pylist()
        return {str(row["name"]): float(row["value"]) for row in rows}[name]


def simulate(
    scenario: str | Scenario = "W1",
    *,
    customers: int | None = None,
    weeks: int = 104,
    seed: int = 1,
    future_draws: int = 200,
    truth: bool = True,
    dirty: bool = False,
) -> World:
    """Simulate a shop with known truth; the same arguments give the same bytes.

    Parameters
    ----------
    scenario
        ``"W0"`` to ``"W8"``, or a ``Scenario`` made from one of them.
    customers
        How many possible customers, 1 to 2 million; None: as the scenario says (12,000;
        150 in W8). Some never buy and stand only in the truth.
    weeks
        Length of the log, 1 to 520; shocks placed beyond it do not happen.
    seed
        Seed of all chance.
    future_draws
        Futures per customer behind the true chances, 1 to 10,000.
    truth
        False leaves the chances and values that need futures null; all else is the same.
    dirty
        True soils the orders as real exports are: exact doubles, late records, lost
        discounts, second identities, each counted in ``truth_counts``.

    Returns
    -------
    World
        Shop tables and truth tables.

    Raises
    ------
    WorldUnknown
        If there is no such scenario.
    WorldSizeInvalid
        If a size is not a whole number in its range.

    Examples
    --------
    >>> world = simulate("W8", weeks=26, future_draws=5)
    >>> world.truth_customers.num_rows, str(world.as_of)
    (150, '2024-06-30')
    """
    chosen = scenario_named(scenario)
    size = chosen.customers if customers is None else customers
    whole_number(size, name="customers", least=1, most=2_000_000)
    whole_number(weeks, name="weeks", least=1, most=520)
    whole_number(seed, name="seed", least=0, most=2**63 - 1)
    whole_number(future_draws, name="future_draws", least=1, most=10_000)
    roots = dict(zip(_PARTS, np.random.SeedSequence(seed).spawn(len(_PARTS)), strict=True))

    def stream(part: str) -> np.random.Generator:
        return np.random.Generator(np.random.PCG64(roots[part]))

    make = _Making(chosen, seed, Clock(STARTS_ON, weeks), size, dirty, stream)
    return make.pure() if chosen.pure else make.peopled(future_draws if truth else 0)


@dataclass(frozen=True)
class _Making:
    """One call of ``simulate``."""

    scenario: Scenario
    seed: int
    clock: Clock
    size: int
    dirty: bool
    stream: _Stream

    def pure(self) -> World:
        """W0: only orders, and a truth in closed form."""
        lives = pure_lives(self.size, weeks=self.clock.weeks, stream=self.stream)
        lines = pure_lines(lives, weeks=self.clock.weeks, stream=self.stream)
        orders, aliases, counts = self._exported(lines)
        spend = dict(zip(("p", "q", "gamma"), SPEND, strict=True))
        counts |= PURE_PARAMETERS | spend | {"margin": PURE_MARGIN}
        return self._world(
            counts=counts,
            orders=orders,
            truth_aliases=_aliases_table(aliases),
            truth_customers=pure_customers(lives, clock=self.clock),
        )

    def peopled(self, draws: int) -> World:
        """W1 to W8: people, weeks, futures."""
        weeks, scenario, stream = self.clock.weeks, self.scenario, self.stream
        people = draw_people(scenario, size=self.size, weeks=weeks, rng=stream("people"))
        calendar = draw_calendar(scenario, weeks=weeks + VALUE_WEEKS, rng=stream("calendar"))
        history = live(people, scenario=scenario, calendar=calendar, weeks=weeks, stream=stream)
        futures: Futures | None = None
        if draws:
            futures = live_futures(
                people,
                state=history.state,
                here=history.joined_week >= 0,
                start=weeks,
                draws=draws,
                calendar=calendar,
                scenario=scenario,
                rng=stream("futures"),
            )
        lines = order_lines(people, history=history, rng=stream("files"))
        orders, aliases, counts = self._exported(lines)
        counts |= _history_counts(history) | {"future_draws": draws}
        shop = Shop(people, history, self.clock)
        known = Truth(people, history, futures, self.clock, scenario)
        return self._world(
            counts=counts,
            orders=orders,
            customers=shop.customers(stream("register")),
            answers=shop.answers(),
            contacts=shop.contacts(),
            complaints=shop.complaints(stream("complaints")),
            referrals=shop.referrals(),
            programme=shop.programme(),
            truth_customers=known.customers(stream("service")),
            truth_failures=failures_table(history, clock=self.clock),
            truth_referrals=referrals_table(people, history=history),
            truth_aliases=_aliases_table(aliases),
            truth_calendar=calendar_table(calendar),
        )

    def _exported(self, lines: Lines) -> tuple[pa.Table, Aliases, dict[str, float]]:
        """The orders as exported at the end of the last day, and what was done to them."""
        known = lines.rows(np.flatnonzero(lines.recorded < self.clock.end))
        counts: dict[str, float] = {
            "rows_clean": known.order.size,
            "rows_not_yet_recorded": lines.order.size - known.order.size,
        }
        nobody = np.empty(0, dtype=np.int64)
        aliases = Aliases(nobody, nobody)
        if self.dirty:
            known, aliases, faults = soiled(
                known, customers=self.size, end=self.clock.end, rng=self.stream("dirt")
            )
            counts |= faults
        counts["rows"] = known.order.size
        return orders_table(known, clock=self.clock), aliases, counts

    def _world(self, *, counts: dict[str, float], **tables: pa.Table) -> World:
        """A world with an empty table wherever none was made."""
        every = {
            name: table_of(table, columns={})
            for name, table in (SHOP_TABLES | TRUTH_TABLES).items()
        }
        every |= tables
        every["truth_counts"] = counts_table(self.scenario, counts=counts)
        last = self.clock.starts_on + timedelta(days=7 * self.clock.weeks - 1)
        return World(
            scenario=self.scenario,
            seed=self.seed,
            starts_on=self.clock.starts_on,
            as_of=last,
            **every,
        )


def _aliases_table(aliases: Aliases) -> pa.Table:
    return table_of(
        TRUTH_TABLES["truth_aliases"],
        columns={
            "alias_id": codes("C", numbers=aliases.alias),
            "customer_id": codes("C", numbers=aliases.customer),
        },
    )


def _history_counts(history: History) -> dict[str, float]:
    bought = history.purchases
    return {
        "orders": bought["who"].size,
        "orders_on_promotion": int((bought["depth"] > 0).sum()),
        "surveys_asked": history.asked,
        "surveys_answered": history.answered,
        "failures": int((bought["outcome"] >= 0).sum()),
    }
