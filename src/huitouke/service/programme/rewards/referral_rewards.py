"""From the friend's first order to both rewards, and back when the order comes back."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger.contract import Earn
from huitouke.service.orders import queries as orders
from huitouke.service.programme.events.carts import kept_cart
from huitouke.service.programme.events.qualifying import count_moves
from huitouke.service.programme.events.rulebook import Rulebook
from huitouke.service.programme.models.referrals import Referral
from huitouke.service.programme.rewards.referrals import referral_told
from huitouke.service.programme.rewards.standing import lock_members, unit_of
from huitouke.service.programme.rules.calendar import start_of_day
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.eligible import eligible_minor
from huitouke.service.programme.rules.expiry import expires_at
from huitouke.service.programme.rules.standing import UnitMove
from huitouke.service.programme.versions import queries as versions

__all__ = ["detach_order", "open_referrals", "qualify", "settle_referrals"]

_log = logging.getLogger("huitouke.programme")
_WAITING = (Referral.State.PENDING, Referral.State.REVIEW)
_OPEN = """
SELECT id FROM programme_referral
WHERE programme = %s AND friend_id = ANY(%s::uuid[]) AND state = ANY(%s::text[])
  AND order_id IS NULL
"""


def open_referrals(programme: str, *, friends: Sequence[UUID]) -> dict[UUID, Referral]:
    """Return the referrals that wait for a first order of these customers, by friend.

    Parameters
    ----------
    programme
        Code of the programme.
    friends
        Who bought.
    """
    # Asked for every order and nearly always answered by nothing: a plain statement costs a
    # fifth of a query that is put together.
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [programme, list(friends), [state.value for state in _WAITING]])
        found = [row[0] for row in cursor.fetchall()]
    if not found:
        return {}
    return {each.friend_id: each for each in Referral.objects.filter(id__in=found)}


def qualify(
    referral: Referral,
    *,
    order: UUID,
    worth_minor: int,
    ordered_at: datetime,
    due_at: datetime,
) -> bool:
    """Attach the friend's first order that counts; say whether this one does.

    Parameters
    ----------
    referral
        One that waits for an order; its friend is locked.
    order
        What the friend bought.
    worth_minor
        Its eligible amount.
    ordered_at
        When.
    due_at
        When its return window is over.
    """
    if worth_minor <= 0 or worth_minor < referral.least_minor:
        return False
    if referral.lapses_at is not None and ordered_at >= referral.lapses_at:
        return False
    referral.order_id = order
    referral.ordered_at = ordered_at
    referral.due_at = due_at
    if referral.state == Referral.State.PENDING:
        referral.state = Referral.State.QUALIFIED
    referral.save(update_fields=["order", "ordered_at", "due_at", "state"])
    referral_told("referral.qualified", referral, due_at=due_at.isoformat())
    return True


def detach_order(order: UUID, *, worth_minor: int, at: datetime) -> list[Referral]:
    """Undo what an order did for a referral, where too little of it is kept.

    Not rewarded yet: the referral waits for another order. Rewarded: the job takes both
    rewards back, because it may lock both members in their order.

    Parameters
    ----------
    order
        Of which something came back.
    worth_minor
        Eligible amount of what is kept.
    at
        When.
    """
    found = Referral.objects.select_for_update().filter(order=order)
    undone = []
    for each in found:
        if worth_minor > 0 and worth_minor >= each.least_minor:
            continue
        if each.state == Referral.State.REWARDED and not each.take_back:
            each.take_back = True
            each.due_at = at
        elif each.state in {Referral.State.QUALIFIED, Referral.State.REVIEW}:
            each.order_id = None
            each.due_at = None
            if each.state == Referral.State.QUALIFIED:
                each.state = Referral.State.PENDING
        else:
            continue
        each.save(update_fields=["take_back", "due_at", "order", "state"])
        undone.append(each)
    return undone


def settle_referrals(*, at: datetime, limit: int) -> int:
    """Pay the referrals that are due, and take back those that came undone.

    Parameters
    ----------
    at
        When.
    limit
        How many at most.

    Returns
    -------
    int
        How many were settled.
    """
    due = Referral.objects.filter(
        Q(state=Referral.State.QUALIFIED) | Q(take_back=True), due_at__lte=at
    )
    wanted = list(due.order_by("due_at", "id").values_list("id", flat=True)[:limit])
    return sum(_settled(each, at=at) for each in wanted)


def _settled(referral: UUID, *, at: datetime) -> bool:
    """Settle one; what stands in its way is logged and holds up no other."""
    try:
        return _settle(referral, at=at)
    except ServiceError as error:
        _log.exception("referral %s not settled: %s", public_id("rfl", referral), error.code)
        return False


@transaction.atomic
def _settle(referral: UUID, *, at: datetime) -> bool:
    seen = Referral.objects.get(id=referral)
    people = [seen.advocate_id, seen.friend_id]
    members = lock_members(seen.programme_id, customers=people)
    found = Referral.objects.select_for_update().get(id=referral)
    if {found.advocate_id, found.friend_id} != set(people):
        return False  # A merge moved it; the next run finds it where it is now.
    _, definition = versions.by_number(found.programme_id, number=found.version)
    if found.take_back:
        _take_back(found, definition=definition, at=at)
        return True
    if found.state != Referral.State.QUALIFIED or found.due_at is None or found.due_at > at:
        return False
    if not _still_counts(found, definition=definition):
        found.order_id, found.due_at = None, None
        found.state = Referral.State.PENDING
        found.save(update_fields=["order", "due_at", "state"])
        return True
    capped = _is_capped(found, definition=definition, at=at)
    wanted = {
        "advocate": 0 if capped else found.advocate_points,
        "friend": found.friend_points,
    }
    paid = _pay(found, wanted=wanted, members=members, definition=definition, at=at)
    found.advocate_paid, found.friend_paid = paid["advocate"], paid["friend"]
    found.state = Referral.State.REWARDED
    found.rewarded_at = at
    if capped:
        found.flags = [*found.flags, "cap_reached"]
    found.save()
    referral_told(
        "referral.rewarded",
        found,
        advocate_points=found.advocate_paid,
        friend_points=found.friend_paid,
        capped=capped,
    )
    return True


def _still_counts(found: Referral, *, definition: Definition) -> bool:
    if found.order_id is None:
        return False
    kept = orders.kept([found.order_id]).get(found.order_id)
    if kept is None:
        return False
    worth = eligible_minor(kept_cart(kept), switches=definition.eligible)
    return worth > 0 and worth >= found.least_minor


def _is_capped(found: Referral, *, definition: Definition, at: datetime) -> bool:
    """Say whether the advocate has had as many rewards as a month or year allows."""
    rules = definition.referral
    if rules is None:
        return False
    today = at.astimezone(definition.zone_info).date()
    spans = (
        (rules.most_per_month, today.replace(day=1)),
        (rules.most_per_year, today.replace(month=1, day=1)),
    )
    for most, first_day in spans:
        if most is None:
            continue
        since = start_of_day(first_day, definition.zone_info)
        had = Referral.objects.filter(
            programme__code=found.programme_id,
            advocate=found.advocate_id,
            advocate_paid__gt=0,
            rewarded_at__gte=since,
        )
        if had.count() >= most:
            return True
    return False


def _leg_key(found: Referral, leg: str) -> str:
    return f"referral:{found.id}:{leg}"


def _pay(
    found: Referral,
    *,
    wanted: Mapping[str, int],
    members: Mapping[UUID, object],
    definition: Definition,
    at: datetime,
) -> dict[str, int]:
    """Credit both, in order of their accounts; those who are no members get nothing."""
    people = {"advocate": found.advocate_id, "friend": found.friend_id}
    rules = definition.referral
    expiry = definition.expiry_of(found.unit, own=None if rules is None else rules.expiry)
    number = unit_of(found.programme_id, unit=found.unit)
    paid = dict.fromkeys(people, 0)
    legs = [leg for leg, person in people.items() if wanted[leg] > 0 and person in members]
    accounts = ledger.open_accounts([people[leg] for leg in legs], unit=number)
    for account, leg in sorted(zip(accounts, legs, strict=True)):
        receipt = ledger.earn(
            Earn(
                account=account,
                key=_leg_key(found, leg),
                amount=wanted[leg],
                effective_at=at,
                actor=str(SYSTEM),
                reason={"code": f"referral.{leg}", "points": wanted[leg]},
                expires_at=expires_at(expiry, available_at=at, zone=definition.zone_info),
                rule_version=found.version,
            )
        )
        paid[leg] = wanted[leg] if receipt.outcome == "done" else 0
    moves = {
        people[leg]: [
            UnitMove(unit=found.unit, points=points, at=at, source=_leg_key(found, leg))
        ]
        for leg, points in paid.items()
        if points
    }
    count_moves(moves, rulebook=Rulebook.open(found.programme_id, at=at), at=at)
    return paid


def _take_back(found: Referral, *, definition: Definition, at: datetime) -> None:
    """Take both rewards back, by the programme's policy for what is spent already."""
    number = unit_of(found.programme_id, unit=found.unit)
    people = {"advocate": found.advocate_id, "friend": found.friend_id}
    paid = {"advocate": found.advocate_paid, "friend": found.friend_paid}
    legs = [leg for leg in people if paid[leg] > 0]
    accounts = ledger.open_accounts([people[leg] for leg in legs], unit=number)
    for account, leg in sorted(zip(accounts, legs, strict=True)):
        ledger.claw_back(
            account,
            key=_leg_key(found, f"{leg}:back"),
            amount=paid[leg],
            earn_keys=[_leg_key(found, leg)],
            policy=definition.refunds.debt_policy,
            actor=str(SYSTEM),
            reason={"code": "referral.taken_back", "points": paid[leg]},
            effective_at=at,
        )
    moves = {
        people[leg]: [
            UnitMove(
                unit=found.unit,
                points=-paid[leg],
                at=found.rewarded_at or at,
                source=_leg_key(found, f"{leg}:back"),
            )
        ]
        for leg in legs
    }
    count_moves(moves, rulebook=Rulebook.open(found.programme_id, at=at), at=at)
    found.take_back = False
    found.state = Referral.State.REVERSED
    found.save(update_fields=["take_back", "state"])
    referral_told("referral.reversed", found, points=paid)
