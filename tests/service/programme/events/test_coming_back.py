"""Who was forgotten and comes back is new, but for what is given once."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from huitouke.service.customers import commands as customers
from huitouke.service.customers import queries as customer_queries
from huitouke.service.orders import queries as orders
from huitouke.service.programme import marks
from huitouke.service.programme.events.days import tick
from huitouke.service.programme.models.members import Mark

pytestmark = pytest.mark.django_db

PHONE, MAIL = "13800138000", "li.na@example.com"
WELCOME = {
    "id": "welcome",
    "name": {"en": "Welcome present"},
    "on": "customer.signed_up",
    "gives": {"kind": "fixed", "points": 100},
    "once": "ever",
}
YEARLY = {
    "id": "yearly",
    "name": {"en": "First order of the year"},
    "on": "order.paid",
    "gives": {"kind": "fixed", "points": 50},
    "once": "year",
}


@pytest.fixture
def open_shop(shop, spend_rule):
    shop.publish(spend_rule, WELCOME, YEARLY)
    return shop


def erase(shop, phone=PHONE):
    gone = shop.customer(phone)
    customers.erase(gone, at=shop.now(), actor=shop.actor)
    return gone


def given(result):
    return [each["rule"] for each in result.effects if each["type"] == "points.earned"]


def why_not(result, rule):
    return [each["condition"] for each in result.reasons if each["rule"] == rule]


def test_what_is_given_once_is_not_given_again(open_shop):
    first = open_shop.join()
    erase(open_shop)

    again = open_shop.join()

    assert (given(first), given(again)) == (["welcome"], [])
    assert why_not(again, "welcome") == ["once"]
    assert open_shop.balance() == (0, 0, 0)
    assert open_shop.faults() == []


def test_what_is_given_once_a_year_is_not_given_again_in_it(open_shop, shift_clock):
    open_shop.join()
    open_shop.tell(open_shop.paid(1_000))
    erase(open_shop)
    open_shop.join()

    same_year = open_shop.tell(open_shop.paid(1_000))
    shift_clock(timedelta(days=366))
    next_year = open_shop.tell(open_shop.paid(1_000))

    assert (given(same_year), given(next_year)) == (["spend"], ["spend", "yearly"])


def test_one_identity_of_the_person_is_enough(open_shop):
    open_shop.join()
    customers.add_identity(
        open_shop.customer(),
        kind="email",
        value=MAIL,
        at=open_shop.now(),
        actor=open_shop.actor,
    )
    erase(open_shop)

    mail = {"identity": {"kind": "email", "value": MAIL.upper()}}
    again = open_shop.tell(open_shop.fact("customer.signed_up", customer=mail))

    assert given(again) == []


def test_records_that_were_merged_leave_what_each_of_them_got(open_shop):
    open_shop.join()
    other = "13900139000"
    open_shop.tell(open_shop.paid(1_000, customer=other))
    customers.merge(
        open_shop.customer(),
        into=open_shop.customer(other),
        at=open_shop.now(),
        actor=open_shop.actor,
    )
    erase(open_shop, other)

    assert given(open_shop.join(PHONE)) == []
    assert given(open_shop.join(other)) == []


def test_somebody_else_and_who_got_nothing_get_theirs(open_shop):
    open_shop.join()
    open_shop.tell(open_shop.paid(1_000, customer="13900139000"))
    erase(open_shop)
    erase(open_shop, "13900139000")

    assert given(open_shop.join("13700137000")) == ["welcome"]
    assert given(open_shop.join("13900139000")) == ["welcome"]


def test_the_person_is_new_and_leads_to_nothing_of_before(open_shop):
    open_shop.join()
    open_shop.tell(open_shop.paid(1_000, number="OLD-1"))
    gone = erase(open_shop)

    open_shop.join()

    new = open_shop.customer()
    told = json.dumps(customer_queries.export(new))
    assert new != gone
    assert str(gone) not in told
    assert "OLD-1" not in told
    assert orders.of_customer(new).orders == ()


def test_a_mark_holds_nothing_but_a_hash_and_its_end(open_shop, settings):
    open_shop.join()
    erase(open_shop)

    with connection.cursor() as cursor:
        cursor.execute("SELECT mark, until FROM programme_mark")
        ((mark, until),) = cursor.fetchall()
    assert len(bytes(mark)) == 32
    assert until - open_shop.now() <= timedelta(days=marks.MARK_DAYS)
    # Without the key nobody can make it again, not even of the phone itself.
    settings.SECRET_KEY = settings.SECRET_KEY[::-1]
    assert given(open_shop.join()) == ["welcome"]


def test_a_mark_goes_when_it_has_done_its_work(open_shop, shift_clock):
    open_shop.join()
    open_shop.tell(open_shop.paid(1_000))
    erase(open_shop)
    kept = Mark.objects.count()

    shift_clock(timedelta(days=400))
    tick(at=open_shop.now())
    without_the_year = Mark.objects.count()
    shift_clock(timedelta(days=marks.MARK_DAYS + 1))
    tick(at=open_shop.now())

    assert (kept, without_the_year, Mark.objects.count()) == (2, 1, 0)


def test_the_migrations_are_those_of_the_models():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
