"""The simulated shop from its first day to yesterday: history, then day after day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from uuid import UUID

from huitouke.cli.demo.shops import ACTOR, SIMULATED_PLACE, Tell
from huitouke.cli.demo.simulated.days import Days, moment
from huitouke.cli.demo.simulated.desk import Desk
from huitouke.cli.demo.simulated.hearing import heard
from huitouke.cli.demo.simulated.history import bring_history
from huitouke.cli.demo.simulated.names import phone_of
from huitouke.cli.demo.simulated.offers import offer_all
from huitouke.cli.demo.simulated.redeeming import Redeeming
from huitouke.cli.demo.simulated.rules import draft_rules, first_rules, own_rules, second_rules
from huitouke.cli.demo.simulated.story import ZONE, Person, Sale, Story, tell_story
from huitouke.language import N_
from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.customers.owning import owners
from huitouke.service.ledger import units
from huitouke.service.programme.events import days as time_passes
from huitouke.service.programme.models.rewards import Reward
from huitouke.service.programme.models.versions import Programme
from huitouke.service.programme.rewards import jobs
from huitouke.service.programme.versions.commands import draft, publish
from huitouke.service.programme.versions.creating import create

__all__ = ["CUSTOMERS", "load"]

CUSTOMERS = 6_000
#: So many days are lived through fact by fact; what was before came by the import.
_LIVED_DAYS = 120
#: Days before the last one on which the rules were changed, and a draft was begun.
_SECOND_RULES = 45
_DRAFT = 9
_COFFEE_DAYS = 75
#: So many orders of members are remembered, for what is set aside on the last day.
_LATELY = 60
_NAMES = {"zh": "山间会员", "en": "Hillside members"}


def load(*, staff: Mapping[str, Actor], customers: int | None, tell: Tell) -> str:
    """Load the simulated shop into an empty database.

    Parameters
    ----------
    staff
        Who acts, by role.
    customers
        How many possible customers; None is as many as the shop has.
    tell
        Told each step in a sentence.

    Returns
    -------
    str
        Phone of a member with much to see in the portal.
    """
    yesterday = clock.now().astimezone(ZONE).date() - timedelta(days=1)
    tell(N_("Simulating two years of a tea shop"))
    story = tell_story(customers=customers or CUSTOMERS, last_day=yesterday)
    with clock.set_back() as put:
        shop = _Shop(story, staff, put, tell)
        shop.open()
        shop.bring_history()
        shop.live()
    tell(N_("Bringing the shop up to this minute"))
    _let_time_do_its_work()
    return phone_of(_regular(story).number)


@dataclass
class _Shop:
    """One loading: what is told, who acts, and the hands of the clock."""

    story: Story
    staff: Mapping[str, Actor]
    put: Callable[[datetime], datetime]
    tell: Tell

    @cached_property
    def first_on(self) -> date:
        """The first day with Huitouke."""
        return self.story.last_day - timedelta(days=_LIVED_DAYS - 1)

    @cached_property
    def coffee(self) -> dict[str, date]:
        """The weeks of more points on coffee: some are still to come."""
        since = self.story.last_day - timedelta(days=_SECOND_RULES)
        return {"since": since, "until": since + timedelta(days=_COFFEE_DAYS)}

    @cached_property
    def programme(self) -> Programme:
        """The shop's programme."""
        return create(
            {
                "code": "main",
                "name": _NAMES,
                **SIMULATED_PLACE,
            },
            at=clock.now(),
            actor=ACTOR,
        )

    def open(self) -> None:
        """Publish the first rules: they hold for everything that happened in the shop."""
        at, actor = self.put(moment(self.first_on, "00:05")), self.staff["owner"]
        made = draft(
            self.programme,
            definition=first_rules(),
            at=at,
            actor=actor,
            note="旧系统的消费计入等级",
        )
        publish(made.pk, at=self.story.sales[0].at - timedelta(days=1), actor=actor)

    def bring_history(self) -> None:
        """Import what was before the first day, and open the catalogue."""
        steps = iter((
            N_("Importing the customers"),
            N_("Importing two years of orders"),
            N_("Importing the points of the old cards"),
        ))  # fmt: skip
        began_at = moment(self.first_on, "00:00")
        bring_history(
            self.story.before(began_at),
            today=self.first_on,
            actor=self.staff["owner"],
            tell=lambda: self.tell(next(steps)),
        )

    def live(self) -> None:
        """Live day after day: midnight, what was bought, what members and staff did."""
        self.put(moment(self.first_on, "00:20"))
        began_at = moment(self.first_on, "00:00")
        known = self._known()
        late = {key for key, each in self.story.people.items() if each.joins_late}
        told = Days(self.story, known, late & known.keys(), began_at)
        told.expect_back([sale for sale in self.story.before(began_at) if sale.back])
        taking = Redeeming(
            known, self._offers(), units.unit("main.points").unit, self.staff["care"]
        )
        desk = self._desk(known)
        lately: list[Sale] = []
        with ExitStack() as receiver:
            for place, (day, sales) in enumerate(self.story.by_day(since=self.first_on)):
                if place % 30 == 0:
                    self.tell(N_("Living through the month from {day} on"), day=day)
                if day == self.story.last_day:
                    receiver.enter_context(heard(actor=self.staff["developer"]))
                self._midnight(day)
                members = told.members(sales)
                self.put(moment(day, f"{11 + place % 5}:{7 * place % 60:02d}"))
                lately = [*members, *lately][:_LATELY]
                taking.day(day, members)
                if day == self.story.last_day:
                    taking.last_day(day, lately)
                self.put(moment(day, f"{16 + place % 4}:{11 * place % 60:02d}"))
                # On a day without members the desk still sees to the last who came.
                desk.day(day, members or told.members(lately)[:1])
                self.put(moment(day, "22:10"))
                told.tell(day, sales, actor=self.staff["front_line"])

    def _midnight(self, day: date) -> None:
        self.put(moment(day, "00:30"))
        _let_time_do_its_work()
        self._change_rules(day)

    def _offers(self) -> dict[str, Reward]:
        return offer_all(
            until=moment(self.story.last_day + timedelta(days=45), "00:00"),
            at=clock.now(),
            actor=self.staff["marketer"],
        )

    def _desk(self, known: dict[str, UUID]) -> Desk:
        last = {sale.person.key: sale.number for sale in self.story.sales}
        desk = Desk(
            known, self.staff, self.first_on, self.story.last_day, frozenset(last.values())
        )
        people = self.story.people.values()
        desk.first_day(
            [each for each in people if each.is_member and each.key in known],
            day=self.first_on,
        )
        return desk

    def _known(self) -> dict[str, UUID]:
        keys = {sale.person.key for sale in self.story.before(moment(self.first_on, "00:00"))}
        found = owners({("external", key) for key in keys})
        return {key: customer for (_, key), customer in found.items()}

    def _change_rules(self, day: date) -> None:
        """Publish the second rules on their day, and leave a draft lying on another."""
        left = (self.story.last_day - day).days
        at = clock.now()
        if left == _LIVED_DAYS - 2:
            made = draft(
                self.programme, definition=own_rules(), at=at, actor=self.staff["owner"],
                note="旧系统的消费已计入等级",
            )  # fmt: skip
            publish(made.pk, at=at, actor=self.staff["owner"])
        if left == _SECOND_RULES:
            made = draft(
                self.programme, definition=second_rules(**self.coffee), at=at,
                actor=self.staff["marketer"], note="咖啡季：集杯卡与1.5倍积分",
            )  # fmt: skip
            publish(made.pk, at=at, actor=self.staff["owner"], reason="门店与网店同步上线")
        if left == _DRAFT:
            draft(
                self.programme, definition=draft_rules(**self.coffee), at=at,
                actor=self.staff["marketer"], note="茶点周设想，待店长讨论",
            )  # fmt: skip


def _let_time_do_its_work() -> None:
    at = clock.now()
    time_passes.tick(at=at)
    jobs.expire_holds(at=at)
    jobs.reward_referrals(at=at)


def _regular(story: Story) -> Person:
    """Return the member with most orders, for a look at the portal."""
    counts: dict[str, int] = {}
    for sale in story.sales:
        if sale.person.is_member:
            counts[sale.person.key] = counts.get(sale.person.key, 0) + 1
    return story.people[max(counts, key=lambda key: (counts[key], key))]
