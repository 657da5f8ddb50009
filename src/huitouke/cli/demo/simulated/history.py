"""What the shop brought along on the day it began with Huitouke: customers, orders, points."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar

from django.db import transaction

from huitouke.cli.demo.chance import Chance
from huitouke.cli.demo.simulated.story import SEED, ZONE, Person, Sale
from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.customers.commands import NewCustomer
from huitouke.service.customers.imports import CustomersImport, Difference, Row
from huitouke.service.orders.contract import NewLine, NewOrder, NewRefund
from huitouke.service.orders.importing import advance, begin, finish
from huitouke.service.orders.imports import OrderRow, OrdersImport
from huitouke.service.programme.imported import BalanceRow
from huitouke.service.programme.imports import BalancesImport
from huitouke.service.programme.rules.calendar import add_months, end_of

__all__ = ["SOURCE", "bring_history", "new_customer"]

#: The source of orders that came by the import.
SOURCE = "import"
_PART = 1_000
_POINT_E4 = 10_000
_LOWEST = "leaf"
_OLD_TIERS = ((200_000, "gold"), (80_000, "silver"))
R = TypeVar("R")
R_contra = TypeVar("R_contra", contravariant=True)


class _Importer(Protocol[R_contra]):
    difference: Difference

    def bring(self, rows: Sequence[R_contra], *, at: datetime, actor: Actor) -> None:
        """Bring a part in."""


def bring_history(
    sales: Sequence[Sale], *, today: date, actor: Actor, tell: Callable[[], None]
) -> None:
    """Bring in everybody who bought so far, their orders, and the points of the old cards.

    Parameters
    ----------
    sales
        What was sold before the first day with Huitouke, in the order of time.
    today
        That day.
    actor
        Who imports.
    tell
        Called as each of the three files begins.
    """
    people = {sale.person.key: sale.person for sale in sales}
    tell()
    customers = CustomersImport(write=True)
    _bring("customers", rows=_customer_rows(people.values()), importer=customers, actor=actor)
    tell()
    rows = (_order_row(n, sale, today) for n, sale in enumerate(sales))
    _bring("orders", rows=rows, importer=OrdersImport(write=True), actor=actor)
    tell()
    balances = BalancesImport("main", unit="points", at=clock.now(), write=True)
    lots = _balance_rows(sales, today=today)
    _bring("balances", rows=lots, importer=balances, actor=actor)


def _bring(kind: str, *, rows: Iterator[R], importer: _Importer[R], actor: Actor) -> None:
    """Bring rows in part by part, as a file is, so that the imports tell of it."""
    name = hashlib.sha256(f"demo/{kind}.csv".encode()).digest()
    progress = begin(kind, file_hash=name, settings_hash=bytes(32), at=clock.now(), actor=actor)
    done = 0
    for part in _parts(rows):
        done += len(part)
        with transaction.atomic():
            importer.bring(part, at=clock.now(), actor=actor)
            advance(progress, rows_done=done, counts=importer.difference.counts)
    finish(progress, at=clock.now())


def _parts(rows: Iterator[R]) -> Iterator[list[R]]:
    part: list[R] = []
    for row in rows:
        part.append(row)
        if len(part) == _PART:
            yield part
            part = []
    if part:
        yield part


def new_customer(person: Person) -> NewCustomer:
    """Return a person as the shop's register knows them.

    Parameters
    ----------
    person
        Who.
    """
    return NewCustomer(
        identities=person.identities,
        name=person.name,
        birthday_on=person.birthday_on,
        gender=person.gender,
    )


def _customer_rows(people: Iterable[Person]) -> Iterator[Row]:
    for number, person in enumerate(people, start=2):
        yield Row(source="customers.csv", line_number=number, new=new_customer(person))


def _order_row(place: int, sale: Sale, today: date) -> OrderRow:
    order = NewOrder(
        source=SOURCE,
        number=sale.number,
        customer_id=None,
        ordered_at=sale.at,
        paid_at=sale.at,
        currency="CNY",
        lines=tuple(
            NewLine(
                position=position,
                sku=line.good.sku,
                name=line.good.name,
                category=line.category,
                quantity_e3=line.pieces * 1_000,
                amount_minor=line.amount_minor,
                discount_minor=line.discount_minor,
            )
            for position, line in enumerate(sale.lines, start=1)
        ),
        store=sale.store,
        channel=sale.channel,
        history=True,
    )
    return OrderRow(
        source="orders.csv",
        line_number=place + 2,
        order=order,
        who=("external", sale.person.key),
        refunds=tuple(
            NewRefund(
                source=SOURCE,
                source_id=f"{sale.number}/{position}",
                order_source=SOURCE,
                order_number=sale.number,
                at=at,
                lines=((position, None, None),),
            )
            for position, at in sale.back.items()
            if at.astimezone(ZONE).date() < today
        ),
    )


def _balance_rows(sales: Sequence[Sale], *, today: date) -> Iterator[BalanceRow]:
    """Yield the points of the old cards, one lot for each month that is still valid."""
    by_person: dict[str, list[Sale]] = defaultdict(list)
    for sale in sales:
        if sale.person.is_member and not sale.person.joins_late:
            by_person[sale.person.key].append(sale)
    line = 1
    for own in by_person.values():
        person = own[0].person
        draw = Chance(SEED, 2, person.number)
        joined_on = own[0].at.astimezone(ZONE).date()
        tier = _old_tier(own, today=today)
        lots = _lots(own, today=today, share=draw.choice((0.1, 0.4, 0.7, 1.0)))
        # Who has neither points nor a tier is a member all the same.
        if tier or not lots:
            line += 1
            until = end_of(add_months(today, months=draw.below(4)), period="month")
            yield BalanceRow(
                source="balances.csv",
                line_number=line,
                identities=person.identities[:1],
                tier=tier or _LOWEST,
                tier_since=max(joined_on, add_months(today, months=-10)) if tier else today,
                tier_until=until if tier else None,
                joined_on=joined_on,
            )
        for (earned_on, expires_on), points in sorted(lots.items()):
            line += 1
            yield BalanceRow(
                source="balances.csv",
                line_number=line,
                identities=person.identities[:1],
                points_e4=points * _POINT_E4,
                expires_on=expires_on,
                earned_on=earned_on,
                joined_on=joined_on,
            )


def _lots(own: Sequence[Sale], *, today: date, share: float) -> Mapping[tuple[date, date], int]:
    """Return points by the days of earning and expiry; a share of them is not spent yet."""
    spent: Counter[tuple[date, date]] = Counter()
    for sale in own:
        day = sale.at.astimezone(ZONE).date()
        expires_on = end_of(add_months(day, months=12), period="month")
        if expires_on >= today:
            spent[day.replace(day=1), expires_on] += sale.amount_minor // 100
    lots = {days: round(points * share) for days, points in spent.items()}
    return {days: points for days, points in lots.items() if points}


def _old_tier(own: Sequence[Sale], *, today: date) -> str:
    """Return the tier that the old cards promise: of a year that ended some months ago."""
    until = today - timedelta(days=100)
    since = until - timedelta(days=365)
    spent = sum(
        sale.amount_minor for sale in own if since <= sale.at.astimezone(ZONE).date() < until
    )
    return next((tier for least, tier in _OLD_TIERS if spent >= least), "")
