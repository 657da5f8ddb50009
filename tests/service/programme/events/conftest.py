"""A programme in force, members in it, and facts as a till tells them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.customers import queries as customers
from huitouke.service.ledger import queries as ledger
from huitouke.service.ledger.units import unit
from huitouke.service.ledger.verify import verify
from huitouke.service.programme.events.facts import FACT
from huitouke.service.programme.events.record import record
from huitouke.service.programme.versions import commands as versions
from huitouke.service.programme.versions.creating import create

TILL = Actor("key", "till-7")
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
SPEND = {
    "id": "spend",
    "name": {"zh": "消费积分", "en": "Points on purchases"},
    "on": "order.paid",
    "gives": {"kind": "per_spend", "points": 1, "per_minor": 100},
}


class Shop:
    """One shop: it publishes rules and tells facts, and reads what came of them."""

    actor = TILL
    zone = ZoneInfo("Asia/Shanghai")

    def __init__(self):
        self.numbers = itertools.count(1)

    def publish(self, *rules, code="main", at=BEGAN, programme=None, **definition):
        programme = programme or create({"code": code, "name": {"en": code}}, at=at, actor=TILL)
        definition = {"rules": list(rules), **definition}
        made = versions.draft(programme, definition=definition, at=at, actor=TILL)
        versions.publish(made.id, at=at, actor=TILL, despite=True)
        self.programme = programme
        return programme

    def now(self):
        return clock.now()

    def fact(self, kind, **given):
        number = next(self.numbers)
        base = {
            "type": kind,
            "source": "shop",
            "source_id": f"f{number}",
            "occurred_at": self.now().isoformat(),
        }
        return FACT.validate_python(base | given)

    def paid(self, *amounts, customer="13800138000", number=None, **given):
        lines = [
            one if isinstance(one, dict) else {"sku": f"sku{place}", "amount_minor": one}
            for place, one in enumerate(amounts, start=1)
        ]
        order = {"number": number or f"A{next(self.numbers)}", "lines": lines}
        order |= given.pop("order", {})
        return self.fact(
            "order.paid", customer=who(customer) if customer else None, order=order, **given
        )

    def refunded(self, order, *lines, **given):
        named = {"number": order.order.number, "lines": list(lines)} | given.pop("order", {})
        return self.fact("order.refunded", order=named, **given)

    def cancelled(self, order, **given):
        return self.fact("order.cancelled", order={"number": order.order.number}, **given)

    def tell(self, *facts):
        results = record(list(facts), actor=TILL)
        return results[0] if len(results) == 1 else results

    def join(self, customer="13800138000", **given):
        return self.tell(self.fact("customer.signed_up", customer=who(customer), **given))

    def customer(self, phone="13800138000"):
        return customers.find("phone", phone).id

    def account(self, phone="13800138000", code="main.points"):
        return ledger.account_of(self.customer(phone), unit=unit(code).unit)

    def balance(self, phone="13800138000", code="main.points"):
        account = self.account(phone, code)
        if account is None:
            return (0, 0, 0)
        found = ledger.balance(account)
        return (found.active, found.pending, found.owed)

    def active(self, account):
        return ledger.balance(account).active

    def faults(self):
        """What the ledger's own check finds, but for the database role that tests lack."""
        return [each for each in verify().broken if each.invariant != "guards"]

    def who(self, given):
        return who(given)


def who(given):
    if given.startswith("cus_"):
        return {"id": given}
    kind = "phone" if given.isdigit() else "external"
    return {"identity": {"kind": kind, "value": given}}


@pytest.fixture
def spend_rule():
    return dict(SPEND)


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
def points_shop(shop):
    """A point a yuan, available after seven days; one member."""
    shop.publish(SPEND)
    shop.join()
    return shop
