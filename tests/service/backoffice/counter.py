"""A small shop for tests of pages: rules with tiers, members, orders, rewards, coupons."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime, timedelta

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.customers import commands as customers
from huitouke.service.customers import queries as customer_queries
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger import queries as ledger_queries
from huitouke.service.ledger.contract import Earn
from huitouke.service.ledger.units import unit
from huitouke.service.programme.events.facts import FACT
from huitouke.service.programme.events.membership import enrol
from huitouke.service.programme.events.record import record
from huitouke.service.programme.models import CouponCampaign
from huitouke.service.programme.rewards import catalogue
from huitouke.service.programme.rewards.issuing import issue_code
from huitouke.service.programme.versions import commands as versions
from huitouke.service.programme.versions.creating import create

TILL = Actor("key", "till-7")
BOSS = Actor("staff", "li-na")
RULES = {
    "zone": "Asia/Shanghai",
    "currency": "CNY",
    "burn": {"per_points": 100, "minor": 100, "most_percent": 50, "least_points": 100},
    "rules": [
        {
            "id": "spend",
            "name": {"zh": "消费积分", "en": "Points on purchases"},
            "on": "order.paid",
            "gives": {"kind": "per_spend", "points": 1, "per_minor": 100},
        }
    ],
    "tiers": {
        "metric": "spend",
        "tiers": [
            {"code": "silver", "name": {"zh": "银卡", "en": "Silver"}, "reach": 0},
            {
                "code": "gold",
                "name": {"zh": "金卡", "en": "Gold"},
                "reach": 100_000,
                "keep": 80_000,
            },
        ],
    },
    "stamps": [
        {
            "id": "coffee",
            "name": {"en": "Coffee card", "zh": "咖啡集点卡"},
            "per": "order",
            "stamps": 5,
            "points": 50,
        }
    ],
}
BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
KEY = re.compile(rb'name="key" value="([^"]+)"')


class Counter:
    """One shop."""

    def __init__(self):
        self.numbers = itertools.count(1)

    def open(self, rules=None):
        rules = rules or RULES
        own = {"code": "main", "name": {"zh": "会员"}}
        own |= {part: rules[part] for part in ("zone", "currency")}
        found = create(own, at=BEGAN, actor=BOSS)
        made = versions.draft(found, definition=rules, at=BEGAN, actor=BOSS)
        versions.publish(made.id, at=BEGAN, actor=BOSS, despite=True)
        return self

    @property
    def now(self):
        return clock.now()

    def customer(self, name="Lin Xiaoyu", *, phone=None, **details):
        phone = phone or f"138{next(self.numbers):08d}"
        return customers.create(
            [("phone", phone)], name=name, at=self.now, actor=TILL, **details
        )

    def member(self, name="Lin Xiaoyu", *, points=0, phone=None, expires_at=None):
        made = self.customer(name, phone=phone)
        enrol(made.pk, at=self.now, actor=TILL)
        if points:
            self.earn(made, points, expires_at=expires_at)
        return customer_queries.get(made.pk)

    def account(self, customer):
        return ledger.open_accounts([customer.pk], unit=unit("main.points").unit)[0]

    def earn(self, customer, points, *, expires_at=None, available_at=None):
        ledger.earn(
            Earn(
                account=self.account(customer),
                key=f"gift-{next(self.numbers)}",
                amount=points,
                effective_at=self.now,
                actor="system:test",
                reason={"code": "goodwill"},
                expires_at=expires_at,
                available_at=available_at,
            )
        )

    def balance(self, customer):
        return ledger_queries.balance(self.account(customer))

    def buy(self, customer, *amounts, number=None, source="shop", at=None, codes=(), pieces=1):
        """Tell an order as the shop does, and return what it came to."""
        fact = {
            "type": "order.paid",
            "source": source,
            "source_id": f"f{next(self.numbers)}",
            "occurred_at": at or self.now,
            "customer": {"id": key(customer)},
            "order": {
                "number": number or f"A{next(self.numbers)}",
                "coupons": list(codes),
                "lines": [
                    {
                        "sku": f"sku{place}",
                        "name": f"Tea {place}",
                        "quantity": pieces,
                        "amount_minor": amount,
                    }
                    for place, amount in enumerate(amounts, start=1)
                ],
            },
        }
        told = record([FACT.validate_python(fact)], actor=TILL)[0]
        assert told.status == "done", told
        return told

    def reward(self, cost=500, **fields):
        given = {
            "code": f"reward-{next(self.numbers)}",
            "kind": "product",
            "names": {"en": "Cup", "zh": "杯子"},
            "cost_points": cost,
            **fields,
        }
        return catalogue.add_reward("main", at=self.now, actor=BOSS, **given)

    def coupon(self, customer, **fields):
        given = {"names": {"en": "Tenth off"}, "kind": "percent", "value": 1000, **fields}
        made = catalogue.add_campaign("main", at=self.now, actor=BOSS, **given)
        campaign = CouponCampaign.objects.get(id=made.id)
        return issue_code(campaign, customer=customer.pk, at=self.now, because="test")

    def later(self, **how):
        return self.now + timedelta(**how)


def key(customer):
    """The public id of a customer."""
    return public_id("cus", customer.pk)


def form_key(page, place=0):
    """The key of a form on a page."""
    return KEY.findall(page.content)[place].decode()
