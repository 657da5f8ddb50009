"""What the simulated shop would export: its history as the tables of a till and an app."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huitouke.insight.world.dirt import Lines
from huitouke.insight.world.history import History
from huitouke.insight.world.layout import SHOP_TABLES, codes, picked, table_of
from huitouke.insight.world.outreach import CAMPAIGNS
from huitouke.insight.world.people import CATEGORIES, CHANNELS, STORES, People
from huitouke.insight.world.programme import EVENTS
from huitouke.insight.world.scenarios import ARMS, Ints
from huitouke.insight.world.voice import COMMENTS, KINDS

__all__ = ["DAY_SECONDS", "Clock", "Shop", "order_lines", "order_ranks", "orders_table"]

DAY_SECONDS = 86_400

_RETURN_SHARE = 0.04
_TWO_LINES_SHARE = 0.2


@dataclass(frozen=True)
class Clock:
    """The world's own time: seconds and days since its first midnight.

    Parameters
    ----------
    starts_on
        The first day.
    weeks
        How many weeks it runs.
    """

    starts_on: date
    weeks: int

    @property
    def first_day(self) -> int:
        """Days from 1970-01-01 to the first day."""
        return (self.starts_on - date(1970, 1, 1)).days

    @property
    def end(self) -> int:
        """The first second after the last day."""
        return self.weeks * 7 * DAY_SECONDS

    def stamp(self, seconds: Ints) -> Ints:
        """Return seconds since 1970 for seconds of the world."""
        return seconds + self.first_day * DAY_SECONDS

    def days(self, days: Ints) -> Ints:
        """Return days since 1970 for days of the world."""
        return days + self.first_day


def order_ranks(at: Ints) -> Ints:
    """Return each order's number in order of time, from 0.

    Parameters
    ----------
    at
        When each order was placed.

    Examples
    --------
    >>> order_ranks(np.array([30, 10, 20])).tolist()
    [2, 0, 1]
    """
    ranks = np.empty(at.size, dtype=np.int64)
    ranks[np.argsort(at, kind="stable")] = np.arange(at.size)
    return ranks


def _split(lines: Lines, *, share: npt.NDArray[np.float64]) -> Lines:
    """Turn each order into one line, or two where a share above 0 goes to a second."""
    second = np.flatnonzero(share > 0)
    part = share[second]
    taken = {
        name: np.rint(getattr(lines, name)[second] * part).astype(np.int64)
        for name in ("cents", "list_cents")
    }
    rows = np.concatenate([np.arange(share.size), second])
    both = lines.rows(rows)
    for name, cents in taken.items():
        column = getattr(both, name)
        column[second] -= cents
        column[share.size :] = cents
    both.place[share.size :] = 1
    return both


def order_lines(people: People, *, history: History, rng: np.random.Generator) -> Lines:
    """Return the lines of all orders and returns, each recorded within two minutes.

    Parameters
    ----------
    people
        The customers.
    history
        What happened.
    rng
        The source of chance.
    """
    bought = history.purchases
    who, at = bought["who"], bought["at"]
    count = who.size
    other = rng.random(count) < 0.2
    channel = np.where(other, rng.integers(0, len(CHANNELS), count), people.channel[who])
    whole = Lines(
        order=order_ranks(at),
        customer=who,
        at=at,
        recorded=at + rng.integers(0, 120, count),
        cents=bought["cents"],
        list_cents=bought["list_cents"],
        category=np.zeros(count, dtype=np.int64),
        store=people.store[who],
        channel=channel,
        place=np.zeros(count, dtype=np.int64),
        returned=np.zeros(count, dtype=np.bool_),
        discount_known=np.ones(count, dtype=np.bool_),
    )
    variety = people.variety[who]
    two = (rng.random(count) < _TWO_LINES_SHARE) & (variety > 1)
    lines = _split(whole, share=np.where(two, rng.uniform(0.3, 0.7, count), 0.0))
    liked = rng.integers(0, variety)
    # The second line is of another category, so that no two true lines are the same.
    other_liked = (liked + rng.integers(1, np.maximum(variety, 2))) % variety
    place = np.concatenate([liked, other_liked[two]])
    category = people.shelf[lines.customer, place].astype(np.int64)
    back = np.flatnonzero(rng.random(category.size) < _RETURN_SHARE)
    returns = lines.rows(back)
    later = rng.integers(1, 22, back.size) * DAY_SECONDS
    returns = returns.with_columns(
        recorded=returns.at + later,
        cents=-returns.cents,
        list_cents=-returns.list_cents,
        returned=np.ones(back.size, dtype=np.bool_),
        category=category[back],
    )
    return lines.with_columns(category=category).plus(returns)


def orders_table(lines: Lines, *, clock: Clock) -> pa.Table:
    """Return the orders as the shop exports them, in the order they were recorded.

    Parameters
    ----------
    lines
        The lines, all of them recorded before the end.
    clock
        The world's time.
    """
    rows = lines.rows(np.lexsort((lines.returned, lines.place, lines.order, lines.recorded)))
    unknown = ~rows.discount_known
    listed = pa.array(rows.list_cents / 100, mask=unknown)
    discount = pa.array((rows.list_cents - rows.cents) / 100, mask=unknown)
    return table_of(
        SHOP_TABLES["orders"],
        columns={
            "order_id": codes("O", numbers=rows.order, width=8),
            "customer_id": codes("C", numbers=rows.customer),
            "ordered_at": clock.stamp(rows.at),
            "amount": rows.cents / 100,
            "list_amount": listed,
            "discount": discount,
            "category": picked(CATEGORIES, index=rows.category),
            "store": picked(STORES, index=rows.store),
            "channel": picked(CHANNELS, index=rows.channel),
            "status": picked(("completed", "returned"), index=rows.returned.astype(np.int64)),
            "recorded_at": clock.stamp(rows.recorded),
        },
    )


@dataclass(frozen=True)
class Shop:
    """Everything but the orders that the shop knows, made from its history.

    Parameters
    ----------
    people
        The customers.
    history
        What happened.
    clock
        The world's time.
    """

    people: People
    history: History
    clock: Clock

    def customers(self, rng: np.random.Generator) -> pa.Table:
        """Return the register of those who bought.

        Parameters
        ----------
        rng
            The source of chance for the visits.
        """
        people = self.people
        visits = rng.poisson(
            people.engagement * 13.0 * np.where(self.history.state.alive, 1, 0.1)
        )
        who = np.unique(self.history.purchases["who"])
        ends = people.contract_end[who]
        ending = ends <= self.clock.weeks * 4 + 2
        until = self.clock.days(np.where(ending, ends, 0) * 7 - 1)
        return table_of(
            SHOP_TABLES["customers"],
            columns={
                "customer_id": codes("C", numbers=who),
                "birth_year": people.birth_year[who],
                "household_id": codes("H", numbers=people.household[who]),
                "enrolled": people.enrolled[who],
                "contract": people.contract[who],
                "contract_until": pa.array(until, mask=~ending),
                "first_in_category": people.first_in_category[who],
                "public_badge": people.public_badge[who],
                "deep_use": people.deep_use[who],
                "visits_13w": visits[who],
            },
        )

    def answers(self) -> pa.Table:
        """Return the answers, by day, customer and question."""
        rows = _sorted(self.history.answers, by=("kind", "who", "day"))
        return table_of(
            SHOP_TABLES["answers"],
            columns={
                "customer_id": codes("C", numbers=rows["who"]),
                "date": self.clock.days(rows["day"]),
                "kind": picked(KINDS, index=rows["kind"]),
                "score": rows["score"],
                "text": picked(COMMENTS, index=rows["comment"]),
            },
        )

    def contacts(self) -> pa.Table:
        """Return the campaigns' log; the targeted campaign logged no chances."""
        rows = self.history.contacts
        names = tuple(f"K{number + 1:02d}" for number in range(len(CAMPAIGNS)))
        chance = rows["chance"]
        return table_of(
            SHOP_TABLES["contacts"],
            columns={
                "campaign": picked(names, index=rows["campaign"]),
                "customer_id": codes("C", numbers=rows["who"]),
                "contacted_at": self.clock.stamp(rows["at"]),
                "arm": picked(ARMS, index=rows["arm"]),
                "propensity": pa.array(chance, mask=np.isnan(chance)),
            },
        )

    def complaints(self, rng: np.random.Generator) -> pa.Table:
        """Return the complaints made, and put right, before the end.

        Parameters
        ----------
        rng
            The source of chance for the delays.
        """
        bought = self.history.purchases
        voiced = np.flatnonzero(bought["outcome"] >= 1)
        made = bought["at"][voiced] + rng.integers(3_600, 5 * DAY_SECONDS, voiced.size)
        right = made + rng.integers(DAY_SECONDS, 10 * DAY_SECONDS, voiced.size)
        repaired = (bought["outcome"][voiced] == 2) & (right < self.clock.end)
        order = np.argsort(made, kind="stable")
        order = order[made[order] < self.clock.end]
        number = order_ranks(bought["at"])[voiced]
        return table_of(
            SHOP_TABLES["complaints"],
            columns={
                "complaint_id": codes("P", numbers=np.arange(order.size)),
                "customer_id": codes("C", numbers=bought["who"][voiced][order]),
                "order_id": codes("O", numbers=number[order], width=8),
                "complained_at": self.clock.stamp(made[order]),
                "resolved_at": pa.array(self.clock.stamp(right[order]), mask=~repaired[order]),
                "outcome": picked(
                    ("unrecovered", "recovered"), index=repaired[order].astype(np.int64)
                ),
            },
        )

    def referrals(self) -> pa.Table:
        """Return the invitations; somebody came of one if the invited has bought."""
        rows = _sorted(self.history.referrals, by=("referred", "referrer", "at"))
        buyers = np.unique(self.history.purchases["who"])
        became = np.where(np.isin(rows["referred"], buyers), rows["referred"], -1)
        return table_of(
            SHOP_TABLES["referrals"],
            columns={
                "referral_id": codes("R", numbers=np.arange(became.size)),
                "referrer_id": codes("C", numbers=rows["referrer"]),
                "referred_id": codes("C", numbers=became),
                "referred_at": self.clock.stamp(rows["at"]),
            },
        )

    def programme(self) -> pa.Table:
        """Return the events on points, in order of time."""
        points = self.history.points
        order = np.argsort(points["at"], kind="stable")
        rows = {name: column[order] for name, column in points.items()}
        ranks = np.append(order_ranks(self.history.purchases["at"]), -1)
        return table_of(
            SHOP_TABLES["programme"],
            columns={
                "customer_id": codes("C", numbers=rows["who"]),
                "happened_at": self.clock.stamp(rows["at"]),
                "kind": picked(EVENTS, index=rows["kind"]),
                "points": rows["points"],
                "balance": rows["balance"],
                "order_id": codes("O", numbers=ranks[rows["order"]], width=8),
            },
        )


def _sorted(
    columns: dict[str, npt.NDArray[Any]], *, by: tuple[str, ...]
) -> dict[str, npt.NDArray[Any]]:
    """Sort columns by several, the last of them first."""
    order = np.lexsort([columns[name] for name in by])
    return {name: column[order] for name, column in columns.items()}
