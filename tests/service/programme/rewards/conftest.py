"""A small shop: a published programme, members with points, rewards, carts."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.customers import commands as customers
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger import queries as ledger_queries
from huitouke.service.ledger.contract import Balance, Earn
from huitouke.service.orders import commands as orders
from huitouke.service.orders.contract import NewLine, NewOrder
from huitouke.service.programme.models.members import Membership
from huitouke.service.programme.models.rewards import Reward
from huitouke.service.programme.models.versions import Programme
from huitouke.service.programme.rewards import catalogue
from huitouke.service.programme.rewards.standing import unit_of
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.versions import commands as versions
from huitouke.service.programme.versions.creating import create

sys.path.insert(0, str(Path(__file__).parent))

TILL = Actor("key", "till-7")
BOSS = Actor("staff", "li-na")
RULES: dict[str, Any] = {
    "zone": "Asia/Shanghai",
    "currency": "CNY",
    "burn": {"per_points": 100, "minor": 100, "most_percent": 50, "least_points": 100},
    "referral": {
        "advocate_points": 300,
        "friend_points": 100,
        "least_order_minor": 5000,
        "most_per_month": 2,
    },
    "stamps": [
        {
            "id": "coffee",
            "name": {"en": "Coffee card", "zh": "咖啡集点卡"},
            "per": "item",
            "scope": {"include": {"categories": ["coffee"]}},
            "stamps": 5,
            "points": 50,
        }
    ],
}


@dataclass
class Shop:
    """What a test needs of the world around rewards."""

    till: Actor = TILL
    boss: Actor = BOSS
    programme: str = "main"
    definition: Definition = field(default_factory=Definition)
    version: int = 1
    numbers: Any = field(default_factory=itertools.count)

    @property
    def now(self) -> datetime:
        return clock.now()

    def open(self, rules: dict[str, Any] | None = None) -> Shop:
        given = rules or RULES
        own = {"code": "main", "name": {"zh": "会员"}, "zone": given["zone"]}
        found = create(own, at=self.now, actor=self.boss)
        made = versions.draft(found, definition=given, at=self.now, actor=self.boss)
        versions.publish(made.id, at=self.now, actor=self.boss, despite=True)
        self.definition = Definition.model_validate(given)
        return self

    def customer(self, *identities: tuple[str, str]) -> UUID:
        given = identities or (("external", f"person-{next(self.numbers)}"),)
        return customers.create(given, at=self.now, actor=self.till).id

    def member(
        self, points: int = 0, *, tier: str = "", expires_at: datetime | None = None
    ) -> UUID:
        who = self.customer()
        self.enrol(who, tier=tier)
        if points:
            self.earn(who, points, expires_at=expires_at)
        return who

    def enrol(self, who: UUID, *, tier: str = "") -> None:
        Membership.objects.create(
            programme=Programme.objects.get(code="main"),
            customer_id=who,
            tier=tier,
            joined_at=self.now,
        )

    def account(self, who: UUID) -> int:
        return ledger.open_accounts([who], unit=unit_of("main", unit="points"))[0]

    def earn(self, who: UUID, points: int, *, expires_at: datetime | None = None) -> None:
        ledger.earn(
            Earn(
                account=self.account(who),
                key=f"gift-{next(self.numbers)}",
                amount=points,
                effective_at=self.now,
                actor="system:test",
                reason={"code": "goodwill"},
                expires_at=expires_at,
            )
        )

    def balance(self, who: UUID) -> Balance:
        return ledger_queries.balance(self.account(who))

    def reward(self, cost: int = 500, **fields: Any) -> Reward:
        given = {
            "code": f"reward-{next(self.numbers)}",
            "kind": "product",
            "names": {"en": "Cup", "zh": "杯子"},
            "cost_points": cost,
            **fields,
        }
        return catalogue.add_reward("main", at=self.now, actor=self.boss, **given)

    def campaign(self, **fields: Any) -> UUID:
        given = {"names": {"en": "Tenth off"}, "kind": "percent", "value": 1000, **fields}
        return catalogue.add_campaign("main", at=self.now, actor=self.boss, **given).id

    def order(
        self, who: UUID, amount: int = 10_000, *, category: str = "tea", pieces: int = 1
    ) -> UUID:
        at = self.now
        line = NewLine(
            position=1,
            sku="S1",
            category=category,
            quantity_e3=pieces * 1000,
            amount_minor=amount,
        )
        new = NewOrder(
            source="till",
            number=f"N{next(self.numbers)}",
            customer_id=who,
            ordered_at=at,
            paid_at=at,
            currency="CNY",
            store="",
            channel="",
            tax_minor=0,
            shipping_minor=0,
            discount_minor=0,
            paid_by_points_minor=0,
            paid_by_gift_card_minor=0,
            coupons=(),
            lines=(line,),
            payments=(),
            delivery=None,
        )
        return orders.record([new], at=at, actor=self.till)[0]

    def told(self, topic: str) -> list[dict[str, Any]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT body::text FROM core_outbox WHERE topic = %s ORDER BY position", [topic]
            )
            return [json.loads(row[0]) for row in cursor.fetchall()]


@pytest.fixture
def shop(db) -> Shop:
    """A shop whose traces vanish after the test."""
    return Shop().open()


@pytest.fixture
def shop_in(db) -> Callable[[str], Shop]:
    """Open the shop in another time zone."""
    return lambda zone: Shop().open({**RULES, "zone": zone})


@pytest.fixture
def growing_shop(db) -> Shop:
    """Open a shop that counts growth value beside points."""
    growth = {"code": "growth", "kind": "growth", "name": {"en": "growth", "zh": "成长值"}}
    points = {"code": "points", "name": {"en": "points", "zh": "积分"}}
    return Shop().open({**RULES, "units": [points, growth]})


@pytest.fixture
def real_shop(own_database) -> Shop:
    """A shop in a database of its own, where transactions commit and wait."""
    return Shop().open()
