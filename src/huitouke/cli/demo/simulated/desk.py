"""What the staff of the simulated shop did: adjusted, granted, merged, decided, forgot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from huitouke.cli.demo.chance import Chance
from huitouke.cli.demo.simulated.days import moment
from huitouke.cli.demo.simulated.names import email_of
from huitouke.cli.demo.simulated.story import SEED, Person, Sale
from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.customers.commands import create, merge, record_consent, unmerge
from huitouke.service.programme.commands import adjust, approve, erase, grant_tier, reject
from huitouke.service.programme.rewards.referrals import (
    approve_referral,
    refuse_referral,
    review_queue,
)

__all__ = ["Desk"]

_GOODWILL: tuple[tuple[int, str, str], ...] = (
    (80, "goodwill", "外卖洒了，致歉补偿"),
    (50, "late_delivery", "网店订单晚到两天"),
    (-30, "correction", "重复签到积分更正"),
    (120, "goodwill", "礼盒缺一罐，补发并补偿"),
    (60, "event", "参加新茶品鉴会"),
)
_LARGE: tuple[tuple[int, str, bool | None], ...] = (
    (800, "门店系统故障，补录一月积分", True),
    (1_500, "客诉升级，店长申请补偿", False),
    (1_000, "企业团购返利，待财务核对", None),
)
_DUPLICATE = 90_000


@dataclass
class Desk:
    """The acts of the staff, day by day.

    Parameters
    ----------
    known
        Customers by key.
    staff
        Who acts, by role.
    began_on, last_on
        First and last local day with Huitouke.
    farewells
        Numbers of orders after which nothing more is heard of who placed them.
    """

    known: dict[str, UUID]
    staff: Mapping[str, Actor]
    began_on: date
    last_on: date
    farewells: frozenset[str]

    @transaction.atomic
    def first_day(self, people: Sequence[Person], *, day: date) -> None:
        """Enter the consents that some members had given on paper.

        Parameters
        ----------
        people
            Members of the history.
        day
            The local day.
        """
        for person in people:
            draw = Chance(SEED, 6, person.number)
            if draw.is_so(0.3):
                record_consent(
                    self.known[person.key],
                    channel=draw.choice(("sms", "wechat", "email")),
                    purpose="marketing",
                    given=draw.is_so(0.85),
                    source="paper",
                    wording_version="2023-01",
                    proof="",
                    at=moment(day, "10:00"),
                    actor=self.staff["owner"],
                )

    def day(self, day: date, sales: Sequence[Sale]) -> None:
        """Do what the staff did on a day.

        Parameters
        ----------
        day
            The local day.
        sales
            Orders of members.
        """
        place, at = (day - self.began_on).days, clock.now()
        if not sales:
            return
        one = self.known[sales[place % len(sales)].person.key]
        if place % 4 == 1:
            points, reason, note = _GOODWILL[place // 4 % len(_GOODWILL)]
            adjust(
                one, points=points, reason_code=reason, note=note, key=f"desk:{day}", at=at,
                actor=self.staff["care"],
            )  # fmt: skip
        if place % 29 == 20:
            self._decide_referral(place, at=at)
        if place % 17 == 8:
            self._merge_double(sales[0], place=place, at=at, undo=place % 34 == 25)
        left = (self.last_on - day).days
        if left in {40, 20, 0}:
            self._large({40: 0, 20: 1, 0: 2}[left], one, day=day, at=at)
        if left in {30, 12}:
            grant_tier(
                one, tier="gold" if left == 30 else "silver",
                through=day + timedelta(days=180), reason="老顾客回归礼遇", at=at,
                actor=self.staff["marketer"],
            )  # fmt: skip
        if left in {25, 6}:
            self._forget(sales, at=at, warned=left == 6)

    def _large(self, place: int, customer: UUID, *, day: date, at: datetime) -> None:
        """Ask for more than one person may give; a second one says yes, no, or nothing yet."""
        points, note, decided = _LARGE[place]
        asked = adjust(
            customer, points=points, reason_code="compensation", note=note,
            key=f"desk:large:{day}", at=at, actor=self.staff["front_line"],
        )  # fmt: skip
        if decided is True:
            approve(asked.id, at=at, actor=self.staff["owner"])
        elif decided is False:
            reject(asked.id, at=at, actor=self.staff["owner"], note="金额过高，改送礼盒")

    def _decide_referral(self, place: int, *, at: datetime) -> None:
        waiting = review_queue("main", limit=1)
        for each in waiting:
            decide = approve_referral if place % 2 else refuse_referral
            reason = "核实为两位家人" if place % 2 else "同一人换号注册"
            decide(each.id, at=at, actor=self.staff["care"], reason=reason)

    def _merge_double(self, sale: Sale, *, place: int, at: datetime, undo: bool) -> None:
        """Find that somebody had signed up online a second time; once that was wrong."""
        double = create(
            name=sale.person.name,
            identities=[("email", email_of(_DUPLICATE + place))],
            at=at,
            actor=self.staff["care"],
        )
        made = merge(
            double.pk, into=self.known[sale.person.key], at=at, actor=self.staff["care"]
        )
        if undo:
            unmerge(made.pk, at=at, actor=self.staff["care"])

    def _forget(self, sales: Sequence[Sale], *, at: datetime, warned: bool) -> None:
        """Erase somebody who asked for it, with or without a word on what is lost."""
        leaving = [sale for sale in sales if sale.number in self.farewells]
        for sale in leaving[:1]:
            erase(
                self.known.pop(sale.person.key),
                at=at,
                actor=self.staff["care"],
                warned_at=at - timedelta(days=2) if warned else None,
            )
