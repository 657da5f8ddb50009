"""What customers bought in all is kept with every order, whatever becomes of it."""

from __future__ import annotations

import contextlib
import random
import threading
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from huitouke.service.core.actor import Actor
from huitouke.service.core.models import Audit
from huitouke.service.customers import commands as customers
from huitouke.service.customers.models import Customer
from huitouke.service.orders import tasks
from huitouke.service.orders.checks import differing, mend
from huitouke.service.orders.commands import RefundTooLarge, cancel, record, refund
from huitouke.service.orders.models import Order, Spend, Summary
from huitouke.service.orders.totals import (
    NEWEST_FIRST,
    Bought,
    bought,
    last_ordered,
)

HOUR = timedelta(hours=1)


def ids(condition) -> set:
    return set(Customer.objects.filter(condition).values_list("pk", flat=True))


class Shop:
    """Does something at random, again and again."""

    def __init__(self, seed: int, *, at, till, order_of, refund_of) -> None:
        self.random = random.Random(seed)  # noqa: S311 - repeatable
        self.at, self.till = at, till
        self.order_of, self.refund_of = order_of, refund_of
        self.people = [
            Customer.objects.create(name=f"P{n}", created_at=at - n * HOUR) for n in range(6)
        ]
        self.numbers: list[str] = []
        self.merges: list = []
        self.count = 0

    def some_order(self):
        self.count += 1
        alive = Customer.objects.filter(merged_into=None, erased_at=None)
        whose = self.random.choice([*alive.order_by("name"), None])
        self.numbers.append(f"N{self.count}")
        return self.order_of(
            *[
                ("tea", self.random.choice([0, 1_000, 2_500]), 2)
                for _ in range(self.random.randint(1, 3))
            ],
            number=f"N{self.count}",
            customer=whose,
            currency=self.random.choice(["CNY", "CNY", "HKD"]),
            ordered_at=self.at + self.random.randint(-500, 500) * HOUR,
            paid_at=self.random.choice([self.at, self.at, None]),
        )

    def orders(self) -> None:
        made = [self.some_order() for _ in range(self.random.randint(1, 5))]
        record(made, at=self.at, actor=self.till)

    def pay(self) -> None:
        order = Order.objects.filter(status="pending").order_by("number").first()
        if order is not None:
            Order.objects.filter(pk=order.pk).update(status="paid", paid_at=self.at)

    def give_back(self) -> None:
        order = Order.objects.filter(status__in=["paid", "part_refunded"]).order_by("?").first()
        if order is None:
            return
        self.count += 1
        part = self.random.choice([(), ((1, 1_000, None),)])
        new = self.refund_of(*part, source_id=f"R{self.count}", number=order.number)
        with contextlib.suppress(RefundTooLarge):
            refund(new, at=self.at, actor=self.till)

    def call_off(self) -> None:
        if self.numbers:
            number = self.random.choice(self.numbers)
            cancel("shop", number, at=self.at, actor=self.till)

    def merge(self) -> None:
        alive = list(Customer.objects.filter(merged_into=None, erased_at=None).order_by("name"))
        if len(alive) > 2:
            one, other = self.random.sample(alive, 2)
            self.merges.append(
                customers.merge(one.pk, into=other.pk, at=self.at, actor=self.till)
            )

    def undo(self) -> None:
        if self.merges:
            last = self.merges.pop()
            customers.unmerge(last.pk, at=self.at, actor=self.till)

    def step(self) -> str:
        act = self.random.choice(
            [self.orders, self.orders, self.pay, self.give_back, self.call_off, self.merge,
             self.undo]
        )  # fmt: skip
        act()
        return act.__name__


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(6))
def test_after_any_history_what_is_kept_is_what_the_orders_come_to(
    seed, at, till, order_of, refund_of
):
    shop = Shop(seed, at=at, till=till, order_of=order_of, refund_of=refund_of)

    for place in range(40):
        done = shop.step()
        assert differing() == [], f"after step {place}, {done}"

    assert Summary.objects.filter(orders__gt=0).exists()
    assert Spend.objects.exists()


@pytest.mark.django_db
def test_what_is_told_of_customers_is_what_their_orders_say(lin, at, till, order_of, refund_of):
    early, late = at - 30 * HOUR, at + 10 * HOUR
    record(
        [
            order_of(("tea", 5_000, 2), number="A-1", customer=lin, ordered_at=early),
            order_of(("tea", 700), number="A-2", customer=lin, ordered_at=late),
            order_of(("tea", 900), number="A-3", customer=lin, currency="HKD"),
            order_of(("tea", 1), number="A-4", customer=lin, paid_at=None),
        ],
        at=at,
        actor=till,
    )
    refund(refund_of((1, 1_000, None)), at=at, actor=till)

    assert bought([lin.pk], currency="CNY")[lin.pk] == Bought(
        orders=3, spend_minor=3_200, first_at=early, last_at=late, returns=1,
        returned_minor=2_500,
    )  # fmt: skip
    assert bought([lin.pk], currency="HKD")[lin.pk].spend_minor == 900
    assert bought([lin.pk], currency="USD")[lin.pk].spend_minor == 0


@pytest.mark.django_db
def test_who_called_every_order_off_bought_nothing(lin, at, till, order_of):
    record([order_of(customer=lin)], at=at, actor=till)
    cancel("shop", "A-1", at=at, actor=till)

    assert bought([lin.pk], currency="CNY") == {}
    assert ids(last_ordered()) == set()


@pytest.mark.django_db
def test_customers_are_found_by_their_last_order(lin, at, till, order_of):
    mei = Customer.objects.create(name="梅", created_at=at)
    nobody = Customer.objects.create(name="N", created_at=at)
    record(
        [
            order_of(("tea", 100), number="A-1", customer=lin, ordered_at=at - 9 * HOUR),
            order_of(("tea", 200), number="A-2", customer=lin, ordered_at=at - 5 * HOUR),
            order_of(("tea", 500), number="A-3", customer=mei, ordered_at=at),
        ],
        at=at,
        actor=till,
    )

    assert ids(last_ordered(at - 6 * HOUR)) == {lin.pk, mei.pk}
    assert ids(last_ordered(None, at)) == {lin.pk}
    assert ids(last_ordered(at - 5 * HOUR, at - 4 * HOUR)) == {lin.pk}
    newest = Customer.objects.filter(last_ordered()).order_by(*NEWEST_FIRST)
    assert list(newest) == sorted([lin, mei], key=lambda each: each.pk, reverse=True)
    assert ids(~last_ordered(at - 6 * HOUR)) == {nobody.pk}


@pytest.mark.django_db
def test_an_erased_persons_sums_stay_for_the_accounts(lin, at, till, order_of):
    record([order_of(("tea", 5_000), customer=lin)], at=at, actor=till)

    customers.erase(lin.pk, at=at, actor=till)

    assert bought([lin.pk], currency="CNY")[lin.pk].spend_minor == 5_000
    assert differing() == []


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE orders_summary SET orders = orders + 1",
        "UPDATE orders_summary SET last_at = first_at - interval '1 day'",
        "UPDATE orders_spend SET spend_minor = spend_minor - 1",
        "DELETE FROM orders_spend",
        "DELETE FROM orders_summary",
        "UPDATE orders_summary SET known_at = known_at + interval '1 day'",
        (
            "INSERT INTO orders_spend (customer_id, currency, spend_minor, returned_minor)"
            " SELECT customer_id, 'XXX', 1, 0 FROM orders_summary"
        ),
    ],
)
def test_the_nightly_check_finds_mends_and_notes_what_differs(
    tampering, own_database, lin, at, till, order_of
):
    record([order_of(customer=lin)], at=at, actor=till)
    right = (list(Summary.objects.values()), list(Spend.objects.values()))
    with connection.cursor() as cursor:
        cursor.execute(tampering)

    assert differing() == [lin.pk]
    tasks.check_sums(0)

    assert differing() == []
    assert (list(Summary.objects.values()), list(Spend.objects.values())) == right
    assert Audit.objects.get(action="order.sums_mended").facts["number"] == 1


def test_the_nightly_check_of_right_sums_notes_nothing(own_database, lin, at, till, order_of):
    record([order_of(customer=lin)], at=at, actor=till)

    tasks.check_sums(0)

    assert not Audit.objects.filter(action="order.sums_mended").exists()


@pytest.mark.django_db
def test_orders_that_were_there_before_are_summed_up_by_the_migration(at, till, order_of):
    people = [Customer.objects.create(name=f"P{n}", created_at=at) for n in range(5)]
    record(
        [order_of(number=f"N{n}", customer=people[n % 5]) for n in range(20)],
        at=at,
        actor=till,
    )
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM orders_spend")
        cursor.execute("DELETE FROM orders_summary")
    step = import_module("huitouke.service.orders.migrations.0003_sum_up")
    step._BATCH = 2

    class Editor:
        connection = connection

    step.sum_up(apps, Editor)
    step.sum_up(apps, Editor)

    assert differing() == []
    assert Summary.objects.count() == 5


def test_many_at_once_lose_no_order(own_database, order_of, refund_of, at):
    who = Customer.objects.create(name="林", created_at=at)
    start = threading.Barrier(6)
    done: list[int] = []

    def send(place: int) -> None:
        actor = Actor("key", str(place))
        try:
            start.wait()
            for n in range(8):
                number = f"N{place}-{n}"
                record([order_of(number=number, customer=who)], at=at, actor=actor)
                if n % 2:
                    cancel("shop", number, at=at, actor=actor)
                elif n % 4 == 0:
                    new = refund_of(source_id=f"R{number}", number=number)
                    refund(new, at=at, actor=actor)
            done.append(place)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(place,)) for place in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(done) == list(range(6))
    assert differing() == []
    assert bought([who.pk], currency="CNY")[who.pk].orders == 24


@pytest.mark.django_db
def test_no_customers_need_no_mending():
    mend([])

    assert differing() == []
