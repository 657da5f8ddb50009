"""One day of the shop after another, told as facts: the way points are really earned."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from huitouke.cli.demo.chance import Chance
from huitouke.cli.demo.simulated.history import SOURCE, new_customer
from huitouke.cli.demo.simulated.offers import SHARED_CODE
from huitouke.cli.demo.simulated.story import SEED, ZONE, Person, Sale, Story
from huitouke.service.core.actor import Actor
from huitouke.service.customers.commands import create_many, record_consent
from huitouke.service.programme.commands import record
from huitouke.service.programme.events.facts import FACT, FactBase
from huitouke.service.programme.rewards.referrals import referral_code

__all__ = ["TILL", "Days", "moment"]

#: Who tells the facts.
TILL = Actor("key", "till")
_SHOP = "till"
_CODE_LEAST_MINOR = 6_000
_CODE_OFF_MINOR = 1_000
#: So many members recommend the shop to everybody they meet.
_EAGER = 6


def moment(day: date, clock_time: str) -> datetime:
    """Return a time of a local day in UTC.

    Parameters
    ----------
    day
        The local day.
    clock_time
        As in ``"22:40"``.
    """
    return datetime.combine(day, time.fromisoformat(clock_time), ZONE).astimezone(UTC)


@dataclass
class Days:
    """Tells day after day.

    Parameters
    ----------
    story
        What happened.
    known
        Customers by key, those of the history to begin with; new ones are added.
    to_join
        Keys of those who buy without a card and will ask for one.
    began_at
        From when on orders are told as facts; those before are history.
    """

    story: Story
    known: dict[str, UUID]
    to_join: set[str]
    began_at: datetime
    _back: dict[date, list[tuple[Sale, int, datetime]]] = field(default_factory=dict)
    _reviews: dict[date, list[Sale]] = field(default_factory=dict)
    _used_code: set[str] = field(default_factory=set)

    def expect_back(self, sales: Sequence[Sale]) -> None:
        """Take note of what will come back on later days.

        Parameters
        ----------
        sales
            Orders, also those of the history.
        """
        for sale in sales:
            for position, at in sale.back.items():
                day = at.astimezone(ZONE).date()
                self._back.setdefault(day, []).append((sale, position, at))

    def tell(self, day: date, sales: Sequence[Sale], *, actor: Actor) -> None:
        """Tell one day: who came for the first time, orders, check-ins, reviews, returns.

        Parameters
        ----------
        day
            The local day.
        sales
            What was sold on it.
        actor
            Who records consent at the till.
        """
        draw = Chance(SEED, 3, day.toordinal())
        new = _firsts(sales, but=self.known)
        self._register(new, day=day)
        joining = _firsts(
            [each for each in sales if each.person.key in {*new, *self.to_join}], but=()
        )
        facts = [
            *self._joined(joining, draw=draw, day=day),
            *(self._paid(sale, draw=draw) for sale in sales),
            *self._checked_in(day, draw=draw),
            *self._reviewed(day),
        ]
        record(sorted(facts, key=lambda fact: fact.occurred_at), actor=TILL)
        self._consent(joining, draw=draw, actor=actor)
        self.to_join -= joining.keys()
        self.expect_back(sales)
        self._expect_reviews(sales, draw=draw)
        record(list(self._came_back(day)), actor=TILL)

    def members(self, sales: Sequence[Sale]) -> list[Sale]:
        """Return the orders of those who have a card by now.

        Parameters
        ----------
        sales
            Of a day.
        """
        return [sale for sale in sales if self._is_member(sale.person)]

    def _is_member(self, person: Person) -> bool:
        return person.is_member and person.key in self.known and person.key not in self.to_join

    def _register(self, new: Mapping[str, Sale], *, day: date) -> None:
        rows = [new_customer(sale.person) for sale in new.values()]
        for sale, made in zip(
            new.values(), create_many(rows, at=moment(day, "08:30"), actor=TILL), strict=True
        ):
            if made.customer is not None:
                self.known[sale.person.key] = made.customer

    def _joined(
        self, new: Mapping[str, Sale], *, draw: Chance, day: date
    ) -> Iterator[FactBase]:
        for key, sale in new.items():
            if not sale.person.is_member:
                continue
            fact: dict[str, Any] = {"type": "customer.signed_up", "attributes": {}}
            code, evidence = self._brought_by(key, new=new, draw=draw, day=day)
            if code:
                fact |= {"referral_code": code, "attributes": evidence}
            yield self._fact(
                fact, person=sale.person, name=f"J-{key}", at=sale.at - timedelta(minutes=5)
            )

    def _brought_by(
        self, key: str, *, new: Collection[str], draw: Chance, day: date
    ) -> tuple[str, dict[str, str]]:
        """Return the code of the friend, and what the app saw; some share a phone."""
        friend = self.story.people.get(self.story.friends.get(key, ""))
        eager = list(islice(self._members(), _EAGER))
        if friend is None and eager and draw.is_so(0.2):
            friend = draw.choice(eager)
        if friend is None or friend.key in new or not self._is_member(friend):
            return "", {}
        code = referral_code(self.known[friend.key], programme="main", at=moment(day, "09:00"))
        owner = friend.key if draw.is_so(0.4) else key
        return code, {"device": f"device-of-{owner}"}

    def _members(self) -> Iterator[Person]:
        people = (self.story.people[key] for key in sorted(self.known))
        return (person for person in people if self._is_member(person))

    def _paid(self, sale: Sale, *, draw: Chance) -> FactBase:
        order: dict[str, Any] = {
            "number": sale.number,
            "lines": [
                {
                    "sku": line.good.sku,
                    "name": line.good.name,
                    "category": line.category,
                    "quantity": line.pieces,
                    "amount_minor": line.amount_minor,
                    "discount_minor": line.discount_minor,
                }
                for line in sale.lines
            ],
            "store": sale.store,
            "channel": sale.channel,
        }
        key = sale.person.key
        fits = sale.person.is_member and sale.amount_minor >= _CODE_LEAST_MINOR
        if fits and key not in self._used_code and draw.is_so(0.06):
            self._used_code.add(key)
            order |= {"coupons": [SHARED_CODE], "discount_minor": _CODE_OFF_MINOR}
        return self._fact(
            {"type": "order.paid", "order": order},
            person=sale.person,
            name=sale.number,
            at=sale.at,
        )

    def _checked_in(self, day: date, *, draw: Chance) -> Iterator[FactBase]:
        for person in list(self._members()):
            # The same few open the app day after day.
            if person.number % 9 == 0 and draw.is_so(0.12):
                at = moment(day, f"{8 + draw.below(14):02d}:{draw.below(60):02d}")
                fact = {"type": "checkin", "channel": "app"}
                yield self._fact(fact, person=person, name=f"V-{person.key}-{day}", at=at)

    def _expect_reviews(self, sales: Sequence[Sale], *, draw: Chance) -> None:
        for sale in sales:
            if sale.person.is_member and draw.is_so(0.05):
                day = sale.at.astimezone(ZONE).date() + timedelta(days=2 + draw.below(13))
                self._reviews.setdefault(day, []).append(sale)

    def _reviewed(self, day: date) -> Iterator[FactBase]:
        for sale in self._reviews.pop(day, []):
            fact = {"type": "review.approved", "sku": sale.lines[0].good.sku}
            yield self._fact(
                fact, person=sale.person, name=f"R-{sale.number}", at=moment(day, "12:00")
            )

    def _came_back(self, day: date) -> Iterator[FactBase]:
        for sale, position, at in self._back.pop(day, []):
            yield FACT.validate_python(
                {
                    "type": "order.refunded",
                    "source": _SHOP,
                    "source_id": f"B-{sale.number}-{position}",
                    "occurred_at": at,
                    "order": {
                        "number": sale.number,
                        "source": _SHOP if sale.at >= self.began_at else SOURCE,
                        "lines": [{"position": position}],
                    },
                }
            )

    @staticmethod
    def _fact(said: Mapping[str, Any], *, person: Person, name: str, at: datetime) -> FactBase:
        return FACT.validate_python(
            {
                **said,
                "source": _SHOP,
                "source_id": name,
                "occurred_at": at,
                "customer": {"identity": {"kind": "external", "value": person.key}},
            }
        )

    def _consent(self, new: Mapping[str, Sale], *, draw: Chance, actor: Actor) -> None:
        for key, sale in new.items():
            if not sale.person.is_member:
                continue
            for channel, chance in (("sms", 0.6), ("wechat", 0.5)):
                record_consent(
                    self.known[key],
                    channel=channel,
                    purpose="marketing",
                    given=draw.is_so(chance),
                    source="till",
                    wording_version="2025-03",
                    at=sale.at,
                    actor=actor,
                )


def _firsts(sales: Sequence[Sale], *, but: Collection[str]) -> dict[str, Sale]:
    """Return the first order of everybody, by key, leaving some people out."""
    firsts: dict[str, Sale] = {}
    for sale in sales:
        if sale.person.key not in but:
            firsts.setdefault(sale.person.key, sale)
    return firsts
