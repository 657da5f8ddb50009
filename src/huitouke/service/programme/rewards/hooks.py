"""What told facts do to rewards: redemptions, codes, referrals and stamps of an order.

The flow of facts calls these inside its transaction, with the customers' rows locked. A fact
has happened: where a code or a redemption cannot be honoured any more, that is told, and the
fact stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.programme.models.rewards import Redemption
from huitouke.service.programme.rewards.code_returns import roll_back_order
from huitouke.service.programme.rewards.code_text import plain
from huitouke.service.programme.rewards.completion import capture
from huitouke.service.programme.rewards.hook_facts import Happened, Paid, Returned, Told
from huitouke.service.programme.rewards.order_codes import OrderCode, use_codes
from huitouke.service.programme.rewards.referral_checks import keep_traces
from huitouke.service.programme.rewards.referral_rewards import (
    detach_order,
    open_referrals,
    qualify,
)
from huitouke.service.programme.rewards.referrals import refer
from huitouke.service.programme.rewards.reversals import reverse_captured
from huitouke.service.programme.rewards.sentences import code_reason
from huitouke.service.programme.rewards.stamp_counting import shown_stamps
from huitouke.service.programme.rewards.stamps import (
    Bought,
    StampsMoved,
    stamp_orders,
    unstamp_order,
)
from huitouke.service.programme.rules.calendar import days_after
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.eligible import eligible_minor

__all__ = ["Happened", "Paid", "Returned", "Told", "after_facts", "after_paid", "after_refund"]


def _refused(source_key: str, error: ServiceError, **more: Any) -> Told:
    because = {"en": error.text("en"), "zh": error.text("zh")}
    code = error.code.partition(".")[2]
    reason = {"code": code, "because": because, **error.values, **more}
    return Told(source_key=source_key, done=False, reason=reason)


def _stamps_told(moved: Sequence[StampsMoved]) -> list[Told]:
    return [
        Told(
            source_key=each.source_key,
            done=True,
            reason={
                "code": "stamps.added" if each.stamps >= 0 else "stamps.taken",
                "card": each.card.name.model_dump(mode="json"),
                "stamps": abs(each.stamps),
                "have": shown_stamps(each.count, card=each.card),
                "of": each.card.stamps,
                "presents": each.presents,
            },
            moves=each.moves,
        )
        for each in moved
        if each.stamps
    ]


def after_paid(
    paid: Sequence[Paid],
    *,
    programme: str,
    definition: Definition,
    version: int,
    at: datetime,
    actor: Actor,
) -> list[Told]:
    """Complete what an order used, and count it for referrals and stamp cards.

    Parameters
    ----------
    paid
        Orders that were recorded in this transaction; their customers are locked.
    programme, definition, version
        The programme and its rules.
    at, actor
        When, and who told of them.

    Returns
    -------
    list of Told
        Only for orders of which there is something to tell.
    """
    told = [
        _captured(redemption, each=each, at=at, actor=actor)
        for each in paid
        for redemption in each.redemptions
    ]
    told += _codes_used(paid, programme=programme, at=at, actor=actor)
    told += _referred(paid, programme=programme, definition=definition, version=version, at=at)
    told += _qualified(paid, programme=programme, definition=definition)
    if definition.stamps:
        bought = [
            Bought(
                order=each.order,
                customer=each.customer,
                source_key=each.source_key,
                occurred_at=each.occurred_at,
                cart=each.cart,
            )
            for each in paid
        ]
        told += _stamps_told(
            stamp_orders(
                bought,
                programme=programme,
                definition=definition,
                version=version,
                at=at,
                actor=actor,
            )
        )
    return told


def _captured(redemption: UUID, *, each: Paid, at: datetime, actor: Actor) -> Told:
    name = {"redemption": public_id("rdm", redemption)}
    owner = Redemption.objects.filter(id=redemption).values_list("customer_id", flat=True)
    if owner.first() != each.customer:
        reason = {"code": "redemption_unknown", **name}
        return Told(source_key=each.source_key, done=False, reason=reason)
    try:
        found = capture(redemption, at=at, actor=actor, order=each.order)
    except ServiceError as error:
        return _refused(each.source_key, error, **name)
    # What was given back, or paid for another order, pays for nothing more.
    if found.state != Redemption.State.CAPTURED or found.order_id not in {None, each.order}:
        reason = {"code": "redemption_spent", **name}
        return Told(source_key=each.source_key, done=False, reason=reason)
    if found.order_id is None:
        Redemption.objects.filter(id=found.id).update(order=each.order)
    came = {"code": "redemption_captured", "points": found.captured_points}
    return Told(source_key=each.source_key, done=True, reason={**came, **name})


def _codes_used(
    paid: Sequence[Paid], *, programme: str, at: datetime, actor: Actor
) -> list[Told]:
    asked = [
        OrderCode(
            code=code,
            order=each.order,
            customer=each.customer,
            source_key=each.source_key,
            occurred_at=each.occurred_at,
            cart=each.cart,
        )
        for each in paid
        for code in dict.fromkeys(plain(code) for code in each.cart.coupons)
    ]
    if not asked:
        return []
    answers = use_codes(asked, programme=programme, at=at, actor=actor)
    return [
        Told(
            source_key=each.source_key,
            done=not why,
            reason={"code": "code_not_redeemed", "why": why, "because": code_reason(why)}
            if why
            else {"code": "code_redeemed"},
        )
        for each, why in zip(asked, answers, strict=True)
    ]


def _referred(
    facts: Sequence[Paid] | Sequence[Happened],
    *,
    programme: str,
    definition: Definition,
    version: int,
    at: datetime,
) -> list[Told]:
    told = []
    for each in facts:
        if definition.referral is not None and each.evidence:
            keep_traces(each.customer, evidence=each.evidence, at=at)
        if not each.referral_code:
            continue
        try:
            with transaction.atomic():
                found = refer(
                    each.referral_code,
                    friend=each.customer,
                    programme=programme,
                    definition=definition,
                    version=version,
                    at=each.occurred_at,
                    evidence=each.evidence,
                    order=each.order if isinstance(each, Paid) else None,
                )
        except ServiceError as error:
            told.append(_refused(each.source_key, error))
            continue
        reason = {"code": "referral_recorded", "state": found.state, "flags": found.flags}
        told.append(Told(source_key=each.source_key, done=True, reason=reason))
    return told


def _qualified(paid: Sequence[Paid], *, programme: str, definition: Definition) -> list[Told]:
    waiting = open_referrals(programme, friends=[each.customer for each in paid])
    told = []
    for each in paid:
        referral = waiting.get(each.customer)
        if referral is None or referral.order_id is not None:
            continue
        rules, due_at = definition.referral, each.returnable_until
        if rules is not None and rules.wait_days is not None:
            due_at = days_after(
                each.occurred_at, days=rules.wait_days, zone=definition.zone_info
            )
        counts = qualify(
            referral,
            order=each.order,
            worth_minor=eligible_minor(each.cart, switches=definition.eligible),
            ordered_at=each.occurred_at,
            due_at=due_at,
        )
        if counts:
            reason = {"code": "referral_qualified", "available_at": due_at.isoformat()}
            told.append(Told(source_key=each.source_key, done=True, reason=reason))
    return told


def after_refund(
    returned: Sequence[Returned],
    *,
    programme: str,
    definition: Definition,
    version: int,
    at: datetime,
    actor: Actor,
) -> list[Told]:
    """Give back the points that paid for what came back, then codes, stamps and referrals.

    To be called after the return is recorded and before earned points are taken back, so
    that no needless debt appears.

    Parameters
    ----------
    returned
        Returns that were recorded in this transaction; their customers are locked.
    programme, definition, version
        The programme and its rules.
    at, actor
        When, and who told of them.

    Returns
    -------
    list of Told
        Only for returns of which there is something to tell.
    """
    told: list[Told] = []
    for each in returned:
        if each.restore_points:
            told += _restored(each, definition=definition, at=at, actor=actor)
        if each.whole:
            told += [
                Told(source_key=each.source_key, done=True, reason={"code": "code_returned"})
                for _ in roll_back_order(each.order, at=at)
            ]
        bought = Bought(
            order=each.order,
            customer=each.customer,
            source_key=each.source_key,
            occurred_at=each.occurred_at,
            cart=each.kept,
        )
        told += _stamps_told(
            unstamp_order(
                bought,
                programme=programme,
                definition=definition,
                version=version,
                at=at,
                actor=actor,
            )
        )
        worth = 0 if each.whole else eligible_minor(each.kept, switches=definition.eligible)
        told += [
            Told(source_key=each.source_key, done=True, reason={"code": "referral_undone"})
            for _ in detach_order(each.order, worth_minor=worth, at=at)
        ]
    return told


def _restored(
    each: Returned, *, definition: Definition, at: datetime, actor: Actor
) -> list[Told]:
    """Restore the used points of an order: cumulative, so many returns equal one.

    Of a part payment comes back what share of the order came back; a reward comes back with
    the last line only.
    """
    states = (Redemption.State.CAPTURED, Redemption.State.PART_REVERSED)
    used = (
        Redemption.objects.select_for_update(of=("self",))
        .select_related("reward__campaign")
        .filter(order=each.order, state__in=states)
        .order_by("id")
    )
    told = []
    for found in used:
        due = found.captured_points if each.whole else 0
        if not each.whole and found.reward_id is None and each.paid_minor > 0:
            due = found.captured_points * each.returned_minor // each.paid_minor
        amount = due - found.reversed_points
        if amount <= 0:
            continue
        name = {"redemption": public_id("rdm", found.id)}
        try:
            with transaction.atomic():
                reverse_captured(
                    found,
                    at=at,
                    actor=actor,
                    points=amount,
                    because="goods_returned",
                    definition=definition,
                )
        except ServiceError as error:
            told.append(_refused(each.source_key, error, **name))
            continue
        reason = {"code": "refund.restored", "points": amount, **name}
        told.append(Told(source_key=each.source_key, done=True, reason=reason))
    return told


def after_facts(
    happened: Sequence[Happened],
    *,
    programme: str,
    definition: Definition,
    version: int,
    at: datetime,
    actor: Actor,
) -> list[Told]:
    """Record who came with a referral code, and stamp what stamp cards are for.

    Parameters
    ----------
    happened
        Facts that were recorded in this transaction; their customers are locked.
    programme, definition, version
        The programme and its rules.
    at, actor
        When, and who told of them.
    """
    told = _referred(
        happened, programme=programme, definition=definition, version=version, at=at
    )
    stamped = [
        Bought(
            order=None,
            customer=each.customer,
            source_key=each.source_key,
            occurred_at=each.occurred_at,
            cart=None,
            type=each.type,
        )
        for each in happened
    ]
    moved = stamp_orders(
        stamped,
        programme=programme,
        definition=definition,
        version=version,
        at=at,
        actor=actor,
    )
    return told + _stamps_told(moved)
