"""A shop whose members come in by their phones, and what a browser of theirs sees."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import new_id, public_id
from huitouke.service.customers import commands as customers
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger.contract import Earn
from huitouke.service.outreach.senders.choosing import Channels
from huitouke.service.portal.signing import posting
from huitouke.service.programme import commands as programme
from huitouke.service.programme.events.facts import FACT
from huitouke.service.programme.events.record import record
from huitouke.service.programme.mine.reach import obtain
from huitouke.service.programme.models.rewards import Reward
from huitouke.service.programme.rewards import catalogue
from huitouke.service.programme.rewards.standing import unit_of
from huitouke.service.programme.rules.examples import starter_definition
from huitouke.service.programme.versions import commands as versions
from huitouke.service.programme.versions.creating import create

TILL = Actor("key", "till-7")
BOSS = Actor("staff", "li-na")
EXTRAS: dict[str, Any] = {
    "referral": {"advocate_points": 300, "friend_points": 100, "least_order_minor": 5000},
    "stamps": [
        {
            "id": "coffee",
            "name": {"en": "Coffee card", "zh": "咖啡集点卡"},
            "per": "item",
            "stamps": 5,
            "points": 50,
        }
    ],
}


@dataclass
class Shop:
    """A shop with the starter's rules, a friend's reward and a stamp card."""

    till: Actor = TILL
    boss: Actor = BOSS
    numbers: Any = field(default_factory=itertools.count)

    @staticmethod
    def url_of(reward: Reward) -> str:
        return f"/my/rewards/{public_id('rwd', reward.pk)}"

    def open(self) -> Shop:
        rules = starter_definition().model_dump(mode="json")
        own = {"code": "main", "name": {"zh": "青禾茶铺", "en": "Green Rice Tea"}}
        made = create({**own, "zone": "Asia/Shanghai"}, at=clock.now(), actor=BOSS)
        draft = versions.draft(made, definition=rules | EXTRAS, at=clock.now(), actor=BOSS)
        versions.publish(draft.id, at=clock.now(), actor=BOSS, despite=True)
        return self

    def customer(self, *, phone: str = "", name: str = "林晓雨", email: str = "") -> UUID:
        given = phone or f"+861380000{next(self.numbers):04d}"
        pairs = [("phone", given), *([("email", email)] if email else [])]
        return customers.create(pairs, at=clock.now(), actor=TILL, name=name).pk

    def member(self, points: int = 0, **known: str) -> UUID:
        who = self.customer(**known)
        programme.enrol(who, at=clock.now(), actor=TILL)
        if points:
            self.earn(who, points)
        return who

    def earn(
        self,
        who: UUID,
        points: int,
        *,
        expires_at: datetime | None = None,
        available_at: datetime | None = None,
        reason: dict[str, Any] | None = None,
    ) -> None:
        account = ledger.open_accounts([who], unit=unit_of("main", unit="points"))[0]
        ledger.earn(
            Earn(
                account=account,
                key=f"gift-{next(self.numbers)}",
                amount=points,
                effective_at=clock.now(),
                actor="system:test",
                reason=reason or {"code": "goodwill", "points": points},
                expires_at=expires_at,
                available_at=available_at,
            )
        )

    def reward(self, cost: int = 500, **fields: Any) -> Reward:
        given = {
            "code": f"reward-{next(self.numbers)}",
            "kind": "product",
            "names": {"en": "Tea cup", "zh": "茶杯"},
            "cost_points": cost,
            **fields,
        }
        return catalogue.add_reward("main", at=clock.now(), actor=BOSS, **given)

    def campaign(self, **fields: Any) -> UUID:
        given = {
            "names": {"en": "Tenth off", "zh": "九折券"},
            "kind": "percent",
            "value": 1000,
            **fields,
        }
        return catalogue.add_campaign("main", at=clock.now(), actor=BOSS, **given).id


@pytest.fixture
def channels(settings) -> None:
    """Codes are written to the console, where a test can read them."""
    settings.CHANNELS = Channels(console=True)


@pytest.fixture
def shop(db, channels) -> Shop:
    return Shop().open()


class FullShop(Shop):
    """A shop with a member who has a lot; for browsers, which see what is committed."""

    def fill(self, phone: str) -> FullShop:
        self.who = self.member(9000, phone=phone)
        self.cup = self.reward(500, cash_minor=1000)
        self.reward(90_000, names={"en": "Tea class", "zh": "品茶课"})
        self.reward(100, names={"en": "Tea cloth", "zh": "茶巾"}, stock_left=0)
        ticket = self.reward(
            200,
            kind="percent",
            names={"en": "A tenth off", "zh": "九折券"},
            campaign=self.campaign(code_days=30, min_spend_minor=10_000),
        )
        self.redeem(ticket)
        self.earn(self.who, 200, expires_at=clock.now() + timedelta(days=9))
        self.earn(self.who, 300, available_at=clock.now() + timedelta(days=9))
        fact = {
            "type": "order.paid",
            "source": "shop",
            "source_id": "N1",
            "occurred_at": clock.now(),
            "customer": {"id": public_id("cus", self.who)},
            "order": {
                "number": "N1",
                "lines": [{"sku": "tea", "name": "Tea", "quantity": 1, "amount_minor": 9900}],
            },
        }
        record([FACT.validate_python(fact)], actor=TILL)
        return self

    def redeem(self, reward: Reward) -> str:
        made = obtain(
            self.who,
            programme="main",
            reward=reward.pk,
            key=f"test-{next(self.numbers)}-{new_id()}",
            at=clock.now(),
            actor=TILL,
            waits=timedelta(hours=48),
        )
        return f"/my/redemptions/{public_id('rdm', made.pk)}"

    def redeemed(self) -> str:
        """Redeem a cup, and return the address of that."""
        return self.redeem(self.cup)


@pytest.fixture(scope="module")
def open_shop() -> Callable[[str], FullShop]:
    """Open the shop of a module's own database, once."""
    opened: list[FullShop] = []

    def once(phone: str) -> FullShop:
        with connection.cursor() as cursor:
            # Signing in again and again is what these tests do.
            cursor.execute("DELETE FROM core_attempt")
        if not opened:
            shop = FullShop()
            shop.open()
            opened.append(shop.fill(phone))
        return opened[0]

    return once


@pytest.fixture
def sent(capsys) -> Callable[[], list[str]]:
    """Return the codes that were sent since it was asked last, oldest first."""

    def codes() -> list[str]:
        posting.settle()
        return re.findall(r"(?m)^\[message to .*?\] .*?\b(\d{6})\b", capsys.readouterr().out)

    return codes


@pytest.fixture
def browser() -> Callable[..., Client]:
    """A browser that reads English and checks marks against forged forms as real ones do."""
    return lambda: Client(headers={"accept-language": "en", "accept": "text/html"})


@pytest.fixture
def signed_in(browser, sent) -> Callable[[str], Client]:
    """A browser in which somebody signed in by the code that was sent to them."""

    def sign_in(address: str) -> Client:
        own = browser()
        own.post("/my/sign-in", {"address": address})
        answer = own.post("/my/code", {"code": sent()[-1]})
        assert answer.status_code == 303, answer.content.decode()
        return own

    return sign_in
