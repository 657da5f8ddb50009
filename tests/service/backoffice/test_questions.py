"""Every page of the staff asks as many questions for many rows as for few, and few at that."""

from __future__ import annotations

from datetime import timedelta

import pytest
from counter import BOSS, TILL, Counter, key
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from looked import analysis, profile

from huitouke.service.core import clock, keys
from huitouke.service.core.ids import public_id
from huitouke.service.core.outbox import Happening, tell
from huitouke.service.core.webhooks import commands as webhooks
from huitouke.service.core.webhooks import courier, queries
from huitouke.service.customers import commands as customers
from huitouke.service.programme.errands import commands as errands
from huitouke.service.programme.errands import running
from huitouke.service.programme.events.adjusting import adjust
from huitouke.service.programme.events.facts import FACT
from huitouke.service.programme.events.record import record
from huitouke.service.programme.mine.reach import obtain
from huitouke.service.programme.rewards import catalogue

pytestmark = pytest.mark.django_db
#: No page needs more; the page of one customer, which tells everything, comes nearest.
MOST = 60
#: A return that is looked at is done and taken back, so that what it says is what it does.
MORE = {"return": 100}


class Rows:
    """A shop with one thing of each kind, to which more of all of them are added."""

    def __init__(self):
        self.shop, self.now = Counter().open(), clock.now()
        self.one = self.shop.member("Lin", points=9_000, expires_at=self.shop.later(days=5))
        self.number = 0
        self.hook = webhooks.subscribe(
            "https://93.184.216.34/in", at=self.now, actor=BOSS
        ).record
        self.campaign = catalogue.add_campaign(
            "main", names={"en": "Tenth off"}, kind="percent", value=1_000, at=self.now,
            actor=BOSS,
        )  # fmt: skip
        self.order = self.shop.buy(self.one, 12_000, 3_000, number="N1").order
        self.cup = self.shop.reward(500)
        self.batch = self.codes()

    def codes(self):
        asked = errands.ask_codes(
            self.campaign.id, count=5, key=f"codes-{self.number}", at=self.now, actor=BOSS
        )
        running.run(asked.id)
        asked.refresh_from_db()
        return asked.result["batch"]

    def add(self, many, *, person):
        for _ in range(many):
            self.number += 1
            self.someone(f"Lin {self.number}", person=person)

    def someone(self, name, *, person):
        """One more of everything that a page lists."""
        shop, number = self.shop, self.number
        made = shop.member(name, points=700, expires_at=shop.later(days=3))
        shop.buy(made, 5_000, 2_000, number="N1", source=f"shop{number}")
        shop.buy(self.one, *[1_000] * 3)
        shop.coupon(self.one)
        shop.reward(100 * number)
        obtain(
            self.one.pk, programme="main", reward=self.cup.pk, key=f"cup-{number}",
            at=self.now, actor=BOSS, waits=timedelta(hours=48),
        )  # fmt: skip
        adjust(
            made.pk, points=90_000, reason_code="goodwill", key=f"more-{number}", at=self.now,
            actor=TILL, note="Late tea",
        )  # fmt: skip
        gone = shop.member(f"Gone {number}", points=30)
        customers.merge(gone.pk, into=self.one.pk, at=self.now, actor=BOSS)
        person("care")
        keys.create(f"till-{number}", scopes=["points:read"], at=self.now, actor=BOSS)
        webhooks.subscribe(f"https://93.184.216.34/{number}", at=self.now, actor=BOSS)
        tell([Happening("points.earned", key(self.one), {"points": number})])
        courier.collect()
        self.codes()
        whom = [made, *(shop.customer(f"{name} {each}") for each in range(3))]
        analysis(profiles=[profile(each, at_stake=90.0 + number) for each in whom])
        self.back(number)

    def back(self, number):
        """One piece of a line of the order comes back."""
        fact = {
            "type": "order.refunded", "source": "shop", "source_id": f"r{number}",
            "occurred_at": self.now,
            "order": {"number": "N1", "lines": [{"position": 1, "amount_minor": 10}]},
        }  # fmt: skip
        assert record([FACT.validate_python(fact)], actor=TILL)[0].status == "done"

    def pages(self):
        """Yield the pages that list something: a name for each, and its address."""
        who = key(self.one)
        sent = public_id("dlv", queries.deliveries(self.hook.id)[0].id)
        of_one = {
            "customer": who, "customer_history": who, "customer_tier": who,
            "customer_order": self.order, "till_member": who, "till_order": self.order,
            "till_return": self.order, "settings_webhook": public_id("whk", self.hook.id),
            "settings_delivery": sent, "programme_batch": self.batch,
            "programme_campaign": public_id("cpn", self.campaign.id),
            "programme_reward": public_id("rwd", self.cup.pk), "insight_list": "slipping",
        }  # fmt: skip
        for name in (
            "staff_today", "today_lapsing", "customers", "adjustments", "till", "segments",
            "insight", "insight_models", "insight_analyses", "programme_home",
            "programme_history", "programme_rewards", "programme_coupons",
            "programme_referrals", "programme_stamps", "programme_liability", "imports",
            "settings_shop", "staff_list", "settings_roles", "settings_keys",
            "settings_webhooks", "settings_audit", "settings_health",
        ):  # fmt: skip
            yield name, reverse(name)
        for name, which in of_one.items():
            yield name, reverse(name, args=[which])
        other = self.shop.customer("Other")
        yield "till, by name", f"{reverse('till')}?q=Lin"
        yield "till, by receipt", f"{reverse('till')}?number=N1"
        yield "return", f"{reverse('till_return', args=[self.order])}?line=2"
        yield "redeem", reverse("till_reward", args=[who, public_id("rwd", self.cup.pk)])
        yield "merge, by name", f"{reverse('customer_merge', args=[who])}?q=Lin"
        yield "merge", f"{reverse('customer_merge', args=[who])}?other={key(other)}"
        yield "code", f"{reverse('programme_code')}?code={self.shop.coupon(self.one)}"


def asked(client, pages):
    """Return how many questions each page asks, the second time it is opened."""
    found = {}
    for name, address in pages:
        client.get(address)
        with CaptureQueriesContext(connection) as counted:
            answer = client.get(address)
        assert answer.status_code == 200, (name, answer.status_code)
        found[name] = len(counted)
    return found


def test_no_page_asks_more_questions_for_more_rows(person, sign_in):
    rows, client = Rows(), sign_in(person("owner"))
    rows.add(2, person=person)
    few = asked(client, list(rows.pages()))

    rows.add(5, person=person)
    many = asked(client, list(rows.pages()))

    grown = {name: (few[name], many[name]) for name in few if many[name] > few[name]}
    assert grown == {}
    assert {
        name: number for name, number in many.items() if number > MORE.get(name, MOST)
    } == {}
