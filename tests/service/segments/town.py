"""Customers with facts of every kind, written as rows and kept beside as plain values."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from counter import BOSS, Counter
from looked import AS_OF, analysis

from huitouke.service.core import clock
from huitouke.service.customers.models import Consent, Customer
from huitouke.service.loop.models import Profile
from huitouke.service.orders.models import Line, Order, Product, Store
from huitouke.service.programme.models import Code, CodeUse, CouponCampaign, Redemption
from huitouke.service.programme.models.members import Membership
from huitouke.service.programme.rewards import catalogue
from huitouke.service.segments.queries import ground_of

PEOPLE = 60
CATEGORIES = ("tea", "cups", "%;'--")
STORES = ("s1", "s2")
BRANDS = ("north", "south", "west", "")
CHANNELS = ("till", "web")
GROUPS = ("true_friend", "butterfly", "barnacle", "stranger", "borderline")


@dataclass
class Bought:
    at: datetime
    status: str
    total: int
    refunded: int
    currency: str
    store: str
    channel: str
    lines: list[tuple[str, str, int, int]]

    @property
    def counts(self) -> bool:
        return self.status not in {"pending", "cancelled"}


@dataclass
class Person:
    """Everything that is known of one customer."""

    record: Customer
    gone: bool = False
    bought: list[Bought] = field(default_factory=list)
    said: list[tuple[str, str, bool, datetime]] = field(default_factory=list)
    tier: str | None = None
    lots: list[tuple[int, datetime | None]] = field(default_factory=list)
    redeemed: list[tuple[str, datetime]] = field(default_factory=list)
    coupons: list[tuple[bool, int, datetime | None]] = field(default_factory=list)
    uses: list[tuple[str, datetime]] = field(default_factory=list)
    profile: Profile | None = None

    @property
    def id(self):
        return self.record.pk

    def consents(self, channel: str, purpose: str) -> bool:
        words = [
            (at, not given)
            for way, what, given, at in self.said
            if (way, what) == (channel, purpose)
        ]
        return bool(words) and not max(words)[1]

    @property
    def profiled(self) -> bool:
        asked = {way for way, what, _, _ in self.said if what == "profiling"}
        return all(self.consents(way, "profiling") for way in asked)


class Town:
    """Sixty persons; some erased, some merged into others."""

    def __init__(self, seed: int = 7) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a town, not a secret
        self.people: list[Person] = []

    def build(self) -> Town:
        self.counter = Counter().open()
        self.now = clock.now()
        self.ground = ground_of(now=self.now, zone="Asia/Shanghai", currency="CNY")
        campaign = catalogue.add_campaign(
            "main", names={"en": "Off"}, kind="percent", value=1000, at=self.now, actor=BOSS
        )
        self.campaign = CouponCampaign.objects.get(id=campaign.id)
        self.programme = Membership._meta.get_field("programme").related_model.objects.get()
        Product.objects.bulk_create(
            Product(sku=f"sku-{each}", category=each) for each in CATEGORIES
        )
        Store.objects.bulk_create(Store(code=each) for each in STORES)
        for number in range(PEOPLE):
            self.people.append(self._person(number))
        self._merge()
        profiles = [each.profile for each in self.people if each.profile]
        analysis(profiles=profiles)
        called = Profile.objects.filter(worth_a_call=True).values_list("customer_id", flat=True)
        for each in profiles:
            each.worth_a_call = each.customer_id in called
        return self

    def past(self, days: float = 400) -> datetime:
        return self.now - timedelta(days=self.random.uniform(0, days))

    def _person(self, number: int) -> Person:
        draw = self.random
        erased = number % 15 == 14
        bought = [self._order() for _ in range(draw.choice((0, 0, 1, 2, 4)))]
        paid = [each.at for each in bought if each.counts]
        enrolled = self.past() if draw.random() < 0.6 else None
        born = date(1990, draw.randint(1, 12), 5) if draw.random() < 0.7 else None
        record = Customer.objects.create(
            name="" if erased else f"P{number}",
            language="" if erased else "zh",
            birthday_on=None if erased else born,
            brand=BRANDS[number % len(BRANDS)],
            created_at=self.past(600),
            first_bought_at=min(paid, default=None),
            enrolled_at=enrolled,
            erased_at=self.now if erased else None,
        )
        person = Person(record, gone=erased, bought=bought)
        for each in bought:
            self._write_order(record, each)
        for _ in range(draw.choice((0, 1, 2, 5))):
            self._say(person)
        if enrolled is not None:
            self._programme(person)
        if draw.random() < 0.7:
            person.profile = self._profile(record)
        return person

    def _order(self) -> Bought:
        draw = self.random
        total = draw.randint(1, 500) * 100
        lines = [
            (
                draw.choice(CATEGORIES),
                f"sku-{draw.choice(CATEGORIES)}",
                1000,
                draw.choice((0, 500, 1000)),
            )
            for _ in range(draw.randint(1, 2))
        ]
        status = draw.choice(
            ("paid", "paid", "part_refunded", "refunded", "cancelled", "pending")
        )
        some = draw.randint(0, total)
        return Bought(
            at=self.past(),
            status=status,
            total=total,
            refunded={"part_refunded": some, "refunded": total}.get(status, 0),
            currency=draw.choice(("CNY", "CNY", "HKD")),
            store=draw.choice(STORES),
            channel=draw.choice(CHANNELS),
            lines=lines,
        )

    def _write_order(self, record: Customer, made: Bought) -> None:
        order = Order.objects.create(
            source="shop", number=f"N{Order.objects.count()}", customer=record,
            store=made.store, channel=made.channel, currency=made.currency,
            status=made.status, ordered_at=made.at, paid_at=made.at if made.counts else None,
            cancelled_at=made.at if made.status == "cancelled" else None,
            goods_minor=made.total, discount_minor=0, tax_minor=0, shipping_minor=0,
            total_minor=made.total, refunded_minor=made.refunded, paid_by_points_minor=0,
            paid_by_gift_card_minor=0, coupons=[], history=False, content_hash=b"",
            recorded_at=made.at, actor="key:till",
        )  # fmt: skip
        for place, (category, sku, quantity, returned) in enumerate(made.lines, start=1):
            Line.objects.create(
                order=order, position=place, sku=sku, name="", category=category, brand="",
                quantity_e3=quantity, amount_minor=100, discount_minor=0, tax_minor=0,
                net_minor=100, gift_card=False, returned_e3=returned,
            )  # fmt: skip

    def _say(self, person: Person) -> None:
        draw = self.random
        channel = draw.choice(("sms", "email", "wechat"))
        purpose = draw.choice(("marketing", "survey", "service", "profiling"))
        given, at = draw.random() < 0.6, self.past(100)
        person.said.append((channel, purpose, given, at))
        Consent.objects.create(
            customer=person.record, channel=channel, purpose=purpose, given=given,
            wording_version="v1", source="till", at=at, actor="key:till",
        )  # fmt: skip

    def _programme(self, person: Person) -> None:
        draw, record = self.random, person.record
        person.tier = draw.choice(("", "silver", "gold"))
        Membership.objects.create(
            programme=self.programme, customer=record, tier=person.tier, joined_at=self.now
        )
        for _ in range(draw.choice((0, 1, 2))):
            ends = draw.choice((None, self.now + timedelta(days=draw.randint(1, 90))))
            points = draw.randint(1, 900)
            person.lots.append((points, ends))
            self.counter.earn(record, points, expires_at=ends)
        for _ in range(draw.choice((0, 0, 1))):
            self._redeem(person)
        for _ in range(draw.choice((0, 0, 1, 2))):
            self._coupon(person)

    def _redeem(self, person: Person) -> None:
        state = self.random.choice(
            ("held", "captured", "part_reversed", "reversed", "released")
        )
        at = self.past(120)
        person.redeemed.append((state, at))
        spent = 0 if state in {"held", "released"} else 100
        back = {"part_reversed": 50, "reversed": 100}.get(state, 0)
        Redemption.objects.create(
            programme_id="main", customer=person.record, account=1, state=state, points=100,
            captured_points=spent, reversed_points=back, hold_key="h", actor="key:till",
            key=f"r{Redemption.objects.count()}", expires_at=at, created_at=at,
            captured_at=at if spent else None,
        )  # fmt: skip

    def _coupon(self, person: Person) -> None:
        draw = self.random
        void, taken = draw.random() < 0.2, draw.choice((0, 0, 1))
        ends = draw.choice((None, self.now + timedelta(days=draw.randint(-9, 9), hours=1)))
        person.coupons.append((void, taken, ends))
        code = Code.objects.create(
            code=f"CODE{Code.objects.count()}", campaign=self.campaign, void=void, taken=taken,
            customer=person.record, expires_at=ends, issued_at=self.past(20),
        )  # fmt: skip
        if taken:
            state, at = draw.choice(("redeemed", "rolled_back")), self.past(100)
            person.uses.append((state, at))
            CodeUse.objects.create(
                code=code, campaign=self.campaign, customer=person.record, reference="o",
                state=state, expires_at=at, created_at=at, actor="key:till",
                redeemed_at=at if state == "redeemed" else None,
            )  # fmt: skip

    def _profile(self, record: Customer) -> Profile:
        draw = self.random

        def perhaps(value):
            return value if draw.random() < 0.8 else None

        return Profile(
            customer_id=record.pk, first_order_on=AS_OF, last_order_on=AS_OF, repeat_count=1,
            spend_total=10.0, statuses="o" * 11, likely_loyal=draw.random() < 0.3,
            unlikely=draw.random() < 0.3, at_stake=perhaps(5.0),
            customer_group=perhaps(draw.choice(GROUPS)),
            loyalty_type=perhaps(draw.choice(("inertia", "benefit", "mixed"))),
            clv=perhaps(float(draw.randint(0, 400))),
            churn_risk=perhaps(draw.randint(0, 4) / 4),
            loyalty_score=perhaps(float(draw.randint(0, 100))),
            rain_or_shine=perhaps(draw.randint(0, 4) / 4),
            p_buy=perhaps(draw.randint(0, 4) / 4),
        )  # fmt: skip

    def _merge(self) -> None:
        """Two records of one person: what was said to either counts, the newest first."""
        for goes, stays in ((3, 4), (5, 3)):
            gone, kept = self.people[goes], self.people[stays]
            gone.gone = True
            Customer.objects.filter(pk=gone.id).update(merged_into=kept.record)
            while kept is not None:
                kept.said.extend(gone.said)
                kept = self.people[4] if kept is self.people[3] else None
