"""What tests of the programme's costs share: definitions with one thing changed."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.customers import queries as customers
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger import queries as ledger_queries
from huitouke.service.ledger.contract import Spend
from huitouke.service.ledger.units import unit
from huitouke.service.programme.events.facts import FACT
from huitouke.service.programme.events.record import record
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.examples import starter_definition
from huitouke.service.programme.versions import commands as versions
from huitouke.service.programme.versions.creating import create

TILL = Actor("key", "till-7")
FOUNDED = datetime(2026, 1, 1, tzinfo=UTC)

SPEND = {
    "id": "spend",
    "name": {"en": "Points on purchases"},
    "on": "order.paid",
    "gives": {"kind": "per_spend", "points": 1, "per_minor": 100},
}


@pytest.fixture
def starter() -> Definition:
    return starter_definition()


@pytest.fixture
def rules_of() -> Callable[..., Definition]:
    """Make a small programme: a point a yuan, 100 points pay a yuan, and what is given."""

    def make(*more: dict[str, Any], **changes: Any) -> Definition:
        given = {
            "rules": [SPEND, *more],
            "burn": {"per_points": 100, "minor": 100, "most_percent": 50},
            **changes,
        }
        return Definition.model_validate(given)

    return make


class Shop:
    """A programme in force since January, whose till tells facts of any day."""

    def __init__(self):
        self.numbers = itertools.count(1)

    def publish(self, definition: Definition, *, code: str = "main") -> None:
        own = create(
            {
                "code": code,
                "name": {"zh": "会员"},
                "zone": definition.zone,
                "currency": definition.currency,
            },
            at=FOUNDED,
            actor=TILL,
        )
        made = versions.draft(
            own, definition=definition.model_dump(mode="json"), at=FOUNDED, actor=TILL
        )
        versions.publish(made.id, at=FOUNDED, actor=TILL, despite=True)

    def tell(self, kind: str, *, at: datetime, **given: Any) -> Any:
        number = next(self.numbers)
        fact = {
            "type": kind,
            "source": "shop",
            "source_id": f"f{number}",
            "occurred_at": at.isoformat(),
            **given,
        }
        (result,) = record([FACT.validate_python(fact)], actor=TILL)
        assert result.status == "done", result
        return result

    def join(self, phone: str, *, at: datetime) -> None:
        self.tell("customer.signed_up", at=at, customer=self.who(phone))

    def buy(self, phone: str, *amounts: int, at: datetime, **order: Any) -> str:
        number = f"A{next(self.numbers)}"
        lines = [{"sku": f"s{n}", "amount_minor": a} for n, a in enumerate(amounts, start=1)]
        order = {"number": number, "lines": lines, **order}
        self.tell("order.paid", at=at, customer=self.who(phone), order=order)
        return number

    def refund(self, number: str, *positions: int, at: datetime) -> None:
        lines = [{"position": each} for each in positions]
        self.tell("order.refunded", at=at, order={"number": number, "lines": lines})

    def who(self, phone: str) -> dict[str, Any]:
        return {"identity": {"kind": "phone", "value": phone}}

    def account(self, phone: str) -> int:
        found = ledger_queries.account_of(
            customers.find("phone", phone).id, unit=unit("main.points").unit
        )
        assert found is not None
        return found

    def use(self, phone: str, points: int, *, at: datetime) -> str:
        key = f"use-{next(self.numbers)}"
        spent = ledger.spend(
            Spend(
                account=self.account(phone),
                key=key,
                amount=points,
                effective_at=at,
                actor="key:till",
                reason={"code": "redeemed"},
            )
        )
        assert spent.outcome == "done"
        return key

    def now(self) -> datetime:
        return clock.now()


@pytest.fixture
def shop() -> Shop:
    return Shop()
