"""Codes that an order says it used: held ones are redeemed, others taken if they still can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import new_id
from huitouke.service.programme.models.coupons import CodeUse
from huitouke.service.programme.rewards.code_holds import (
    expire_late,
    lock_codes,
    take_codes,
    told_of_uses,
)
from huitouke.service.programme.rewards.code_text import plain
from huitouke.service.programme.rewards.standing import members_of
from huitouke.service.programme.rewards.stored_codes import look_up, uses_of_member
from huitouke.service.programme.rewards.validation import verdict_of
from huitouke.service.programme.rules.cart import Cart

__all__ = ["OrderCode", "use_codes"]


@dataclass(frozen=True, kw_only=True)
class OrderCode:
    """One code of one order."""

    code: str
    order: UUID
    customer: UUID
    source_key: str
    occurred_at: datetime
    cart: Cart


class _NoneLeft(Exception):
    """What was counted so far is undone."""


def use_codes(
    asked: Sequence[OrderCode], *, programme: str, at: datetime, actor: Actor
) -> list[str]:
    """Use up the codes of orders that are paid already.

    Parameters
    ----------
    asked
        Codes of orders; the customers are locked.
    programme
        Code of the programme.
    at, actor
        When, and who told of the orders.

    Returns
    -------
    list of str
        For each: empty where it is used now, else the stable name of why it is not.
    """
    codes = [plain(each.code) for each in asked]
    lock_codes(codes)
    held = _held(codes, asked=asked)
    own = {use.id for uses in held.values() for use in uses}
    expire_late(codes, at=at, but=own)
    answers = []
    for code, each in zip(codes, asked, strict=True):
        uses = held.get((code, each.order), [])
        if uses:
            _redeem(uses[0], each=each, at=at)
            answers.append("")
        else:
            answers.append(_take(code, each=each, programme=programme, at=at, actor=actor))
    return answers


def _held(
    codes: Sequence[str], *, asked: Sequence[OrderCode]
) -> dict[tuple[str, UUID], list[CodeUse]]:
    """Return the uses that carts of these customers made of codes, by code and order.

    A cart may have been a stranger's when it took a code that is good for one use: whose
    order it became shows now. It may also have been redeemed before its order was told.
    """
    people = {each.customer for each in asked}
    strangers = Q(customer__isnull=True, campaign__per_code_limit=1)
    uses = CodeUse.objects.filter(
        Q(customer__in=people) | strangers,
        Q(state=CodeUse.State.HELD) | Q(state=CodeUse.State.REDEEMED, order__isnull=True),
        code__in=set(codes),
    ).order_by("created_at", "id")
    by_owner: dict[tuple[str, UUID | None], list[CodeUse]] = {}
    for use in uses:
        by_owner.setdefault((use.code_id, use.customer_id), []).append(use)
    found: dict[tuple[str, UUID], list[CodeUse]] = {}
    for code, each in zip(codes, asked, strict=True):
        waiting = by_owner.get((code, each.customer)) or by_owner.get((code, None))
        if waiting:
            found[code, each.order] = [waiting.pop(0)]
    return found


def _redeem(use: CodeUse, *, each: OrderCode, at: datetime) -> None:
    is_new = use.state == CodeUse.State.HELD
    use.order_id = each.order
    use.customer_id = each.customer
    if is_new:
        use.state = CodeUse.State.REDEEMED
        use.redeemed_at = at
    use.save(update_fields=["state", "redeemed_at", "order", "customer"])
    if is_new:
        told_of_uses("code.redeemed", [use])


def _take(code: str, *, each: OrderCode, programme: str, at: datetime, actor: Actor) -> str:
    """Use a code that nobody held for this order, by the rules of the moment it was paid."""
    found = look_up([code], programme=programme, at=at).get(code)
    member = members_of(programme, customers=[each.customer]).get(each.customer)
    had = 0
    if found is not None and found.per_member_limit is not None:
        counted = uses_of_member([found.campaign], customer=each.customer, at=at)
        had = counted.get(found.campaign, 0)
    why = verdict_of(
        found,
        code=code,
        at=each.occurred_at,
        currency=each.cart.currency,
        customer=each.customer,
        tier=member.tier if member else None,
        had=had,
    )
    if why or found is None:
        return why
    try:
        with transaction.atomic():
            if not take_codes([code]):
                raise _NoneLeft
    except _NoneLeft:
        return "code_used_up"
    use = CodeUse(
        id=new_id(),
        code_id=code,
        campaign_id=found.campaign,
        customer_id=each.customer,
        reference=each.source_key,
        state=CodeUse.State.REDEEMED,
        order_id=each.order,
        expires_at=at,
        created_at=at,
        redeemed_at=at,
        actor=str(actor),
    )
    CodeUse.objects.bulk_create([use])
    told_of_uses("code.redeemed", [use])
    return ""
