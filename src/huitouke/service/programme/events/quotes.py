"""What an order would earn: the same rules, nothing written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from huitouke.service.core.ids import public_id
from huitouke.service.customers import queries as customers
from huitouke.service.programme.events.carts import cart_of
from huitouke.service.programme.events.changes import change_told
from huitouke.service.programme.events.giving import effect_told
from huitouke.service.programme.events.judging import evaluated, joining, missed
from huitouke.service.programme.events.members import Member, peek
from huitouke.service.programme.events.order_facts import FactOrder
from huitouke.service.programme.events.people import Person
from huitouke.service.programme.events.rulebook import Rulebook, Rules
from huitouke.service.programme.events.standing import (
    Gained,
    gained_by,
    journals,
    touch,
)
from huitouke.service.programme.rules.cart import Cart, Effect, FactView
from huitouke.service.programme.rules.earning import keys_needed

__all__ = ["Quote", "quote"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """What an order would come to.

    Parameters
    ----------
    programme, version
        Code of the programme, and number of the version that was asked.
    at
        The moment it was asked for.
    customer
        Public id, or none for an unknown one.
    tier
        Of the member before the order, or none.
    eligible_minor
        What of the order earns.
    points
        Per unit, all rules together.
    effects, reasons
        As the fact would be answered.
    """

    programme: str
    version: int
    at: datetime
    customer: str | None
    tier: str | None
    eligible_minor: int
    points: dict[str, int]
    effects: tuple[dict[str, Any], ...]
    reasons: tuple[dict[str, Any], ...]


def quote(
    order: FactOrder | Cart,
    *,
    now: datetime,
    customer: UUID | None = None,
    at: datetime | None = None,
    version: int | None = None,
    programme: str = "main",
) -> Quote:
    """Return what an order would earn, without recording anything.

    Parameters
    ----------
    order
        As a till would tell it, or as rules look at it, all discounts taken off.
    now
        The present moment.
    customer
        Whose it would be; any id the person ever had.
    at
        When it would be paid, also in the future; none is now.
    version
        Number of the version to ask, also of a draft; none is the one in force then.
    programme
        Code of the programme.

    Raises
    ------
    CustomerUnknown, CustomerErased
        If there is no such customer, or no more.
    NothingPublished, VersionUnknown
        If there are no such rules.
    """
    moment = at or now
    rulebook = Rulebook.open(programme, at=moment)
    rules = rulebook.at(moment) if version is None else rulebook.any_number(version)
    cart = order if isinstance(order, Cart) else cart_of(order)
    view = FactView(
        type="order.paid",
        at=moment,
        cart=cart.in_currency(rulebook.currency),
    )
    wanted = [
        keys_needed(each, definition=rules.definition) for each in (view, joining(moment))
    ]
    uses, done = (set().union(*keys) for keys in zip(*wanted, strict=True))
    member = None
    if customer is not None:
        found = customers.get(customer)
        tags = found.attributes.get("tags", ())
        labels = frozenset(each for each in tags if isinstance(each, str))
        member = peek(
            Person(found.pk, found.birthday_on, labels),
            programme=rulebook.programme,
            uses=uses,
            done=done,
        )
    gifts: list[Effect] = []
    if member is not None and rules.definition.enrol_on_order and not member.enrolled:
        gifts += _joined(member, rules=rules, at=moment)
    seen, outcome = evaluated(view, rules=rules, member=member)
    gifts += outcome.effects
    effects = [effect_told(each, version=rules.version) for each in gifts]
    if member is not None:
        gained = gained_by(outcome, tiers=rules.definition.tiers)
        effects += _lifts(member, rules=rules, at=moment, gained=gained)
    points: Counter[str] = Counter()
    for each in gifts:
        points[each.unit] += each.value
    return Quote(
        programme=programme,
        version=rules.version,
        at=moment,
        customer=None if member is None else public_id("cus", member.person.id),
        tier=seen.tier,
        eligible_minor=outcome.eligible_minor,
        points=dict(sorted(points.items())),
        effects=tuple(effects),
        reasons=tuple(missed(view, outcome=outcome, rules=rules, member=member)),
    )


def _joined(member: Member, *, rules: Rules, at: datetime) -> Sequence[Effect]:
    """Make a member of the copy, and return what that would give."""
    member.joined_at = at
    _, outcome = evaluated(joining(at), rules=rules, member=member)
    member.take(outcome, order=False)
    return outcome.effects


def _lifts(
    member: Member, *, rules: Rules, at: datetime, gained: Gained
) -> list[dict[str, Any]]:
    """Return what the order would do to the tier; the member is a copy, and thrown away."""
    tiers = rules.definition.tiers
    if tiers is None or member.joined_at is None:
        return []
    day = rules.day(at)
    days = journals([member], tiers=tiers, day=day)[member.id]
    days[day] = days.get(day, 0) + gained.of(tiers)
    joined_on = rules.day(member.joined_at)
    changes = touch(member, tiers=tiers, day=day, joined_on=joined_on, days=days)
    return [change_told(change) for change in changes]
