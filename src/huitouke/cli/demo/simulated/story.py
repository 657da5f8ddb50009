"""Who bought what when: a simulated world, told as the tills of a tea shop would tell it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from huitouke.cli.demo.chance import Chance
from huitouke.cli.demo.simulated.goods import CATEGORIES, CHANNELS, STORES, Good, good_for
from huitouke.cli.demo.simulated.names import (
    GIVEN_FEMALE,
    GIVEN_MALE,
    SURNAMES,
    email_of,
    phone_of,
)
from huitouke.insight.world.simulate import STARTS_ON, World, simulate

__all__ = ["SEED", "ZONE", "Person", "Sale", "Sold", "Story", "tell_story"]

SEED = 8
ZONE = ZoneInfo("Asia/Shanghai")

_WEEKS = 105
#: Money of the simulated world in fen of this shop.
_FEN = 200
_SCENARIO = "W1"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who buys; ``number`` counts from 0.

    ``joins_late``: a member who bought for a long time before asking for a card.
    """

    number: int
    key: str
    name: str
    gender: str
    birthday_on: date | None
    is_member: bool
    has_email: bool
    joins_late: bool

    @property
    def identities(self) -> tuple[tuple[str, str], ...]:
        """By what the shop knows them, the best first."""
        found = [("external", self.key)]
        if self.is_member:
            found += [("phone", phone_of(self.number)), ("card", f"HT{self.number:06d}")]
        if self.has_email:
            found.append(("email", email_of(self.number)))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Sold:
    """One line of an order; amounts in fen, the discount already taken off."""

    good: Good
    category: str
    pieces: int
    amount_minor: int
    discount_minor: int


@dataclass(frozen=True, slots=True)
class Sale:
    """One order, and on which day each of its lines came back, if it did."""

    number: str
    person: Person
    at: datetime
    store: str
    channel: str
    lines: tuple[Sold, ...]
    back: Mapping[int, datetime]

    @property
    def amount_minor(self) -> int:
        """What was paid."""
        return sum(line.amount_minor for line in self.lines)


@dataclass(frozen=True)
class Story:
    """Two years of a shop.

    Parameters
    ----------
    people
        By key.
    sales
        In the order of time.
    friends
        Who was brought, by whom; both by key.
    last_day
        The last local day on which anything was bought.
    """

    people: Mapping[str, Person]
    sales: Sequence[Sale]
    friends: Mapping[str, str]
    last_day: date

    def before(self, moment: datetime) -> list[Sale]:
        """Return what was sold before a moment.

        Parameters
        ----------
        moment
            With a zone.
        """
        return [sale for sale in self.sales if sale.at < moment]

    def by_day(self, *, since: date) -> Iterator[tuple[date, list[Sale]]]:
        """Yield every local day from one on, with what was sold on it.

        Parameters
        ----------
        since
            The first day.
        """
        days: dict[date, list[Sale]] = defaultdict(list)
        for sale in self.sales:
            days[sale.at.astimezone(ZONE).date()].append(sale)
        for place in range((self.last_day - since).days + 1):
            day = since + timedelta(days=place)
            yield day, days.get(day, [])


def tell_story(*, customers: int, last_day: date) -> Story:
    """Simulate a shop whose last day is a given one; the same arguments give the same shop.

    Weekdays stay what they are in the simulated world: it is moved by whole weeks, and what
    would lie beyond the last day is left out.

    Parameters
    ----------
    customers
        How many possible customers.
    last_day
        The last local day.
    """
    world = simulate(_SCENARIO, customers=customers, weeks=_WEEKS, seed=SEED, truth=False)
    monday = last_day - timedelta(days=last_day.weekday(), weeks=_WEEKS - 1)
    moved = monday - STARTS_ON
    people = _people(world)
    sales = [
        sale
        for sale in _sales(world, people=people, moved=moved)
        if sale.at.astimezone(ZONE).date() <= last_day
    ]
    friends = {
        row["referred_id"]: row["referrer_id"]
        for row in world.referrals.to_pylist()
        if row["referred_id"] in people and row["referrer_id"] in people
    }
    return Story(people, sorted(sales, key=lambda each: each.at), friends, last_day)


def _people(world: World) -> dict[str, Person]:
    return {row["customer_id"]: _person(row) for row in world.customers.to_pylist()}


def _person(row: Mapping[str, Any]) -> Person:
    number = int(row["customer_id"][1:]) - 1
    draw = Chance(SEED, number)
    surname = draw.choice(SURNAMES)
    is_female = draw.is_so(0.58)
    given = draw.choice(GIVEN_FEMALE if is_female else GIVEN_MALE)
    birthday = date(row["birth_year"], 1, 1) + timedelta(days=draw.below(365))
    is_member = bool(row["enrolled"])
    polite = "女士" if is_female else "先生"
    return Person(
        number=number,
        key=row["customer_id"],
        name=f"{surname}{given if is_member else polite}",
        gender="female" if is_female else "male",
        birthday_on=birthday if is_member and draw.is_so(0.8) else None,
        is_member=is_member,
        has_email=is_member and draw.is_so(0.3),
        joins_late=is_member and draw.is_so(0.08),
    )


def _sales(world: World, *, people: Mapping[str, Person], moved: timedelta) -> Iterator[Sale]:
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in world.orders.to_pylist():
        rows[row["order_id"]].append(row)
    for number, group in rows.items():
        bought = [row for row in group if row["status"] == "completed"]
        returned = {
            row["category"]: _moment(row["recorded_at"], moved=moved)
            for row in group
            if row["status"] == "returned"
        }
        first = bought[0]
        lines = tuple(_sold(row, lot=int(number[1:])) for row in bought)
        yield Sale(
            number=number,
            person=people[first["customer_id"]],
            at=_moment(first["ordered_at"], moved=moved),
            store=STORES[first["store"]] if first["channel"] == "store" else "",
            channel=CHANNELS[first["channel"]],
            lines=lines,
            back={
                place: returned[row["category"]]
                for place, row in enumerate(bought, start=1)
                # Fewer come back than in the world at large: who brings tea back?
                if row["category"] in returned and int(number[1:]) % 3 == 0
            },
        )


def _sold(row: Mapping[str, Any], *, lot: int) -> Sold:
    listed = row["list_amount"] or row["amount"]
    good, pieces = good_for(row["category"], minor=round(listed * _FEN), lot=lot)
    full = good.price_minor * pieces
    # Prices end on whole jiao, as on a shelf.
    amount = round(full * min(1.0, row["amount"] / listed) / 10) * 10 if listed else full
    return Sold(good, CATEGORIES[row["category"]], pieces, amount, full - amount)


def _moment(wall_clock: datetime, *, moved: timedelta) -> datetime:
    return (wall_clock + moved).replace(tzinfo=ZONE).astimezone(UTC)
