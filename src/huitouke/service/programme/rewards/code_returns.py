"""Used codes whose order dies after payment, holds past their time, codes withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.programme.models.coupons import Code, CodeUse, CouponCampaign
from huitouke.service.programme.rewards.code_holds import (
    expire_late,
    give_back,
    lock_codes,
    told_of_uses,
    uses_of,
)
from huitouke.service.programme.rewards.code_refusals import CodesUnknown, CodeUnknown
from huitouke.service.programme.rewards.code_text import plain
from huitouke.service.programme.rewards.telling import noted

__all__ = ["expire_code_holds", "roll_back_codes", "roll_back_order", "void_code"]

_BACK = """
UPDATE programme_codeuse SET state = 'rolled_back', ended_at = %s, ended_because = %s
WHERE id = ANY(%s::uuid[]) AND state = 'redeemed'
RETURNING id, code_id
"""


def _rolled_back(uses: Sequence[CodeUse], *, at: datetime, because: str) -> list[CodeUse]:
    """Undo uses, each once even when two ask for it at the same time."""
    if not uses:
        return []
    lock_codes([use.code_id for use in uses])
    with connection.cursor() as cursor:
        cursor.execute(_BACK, [at, because, [use.id for use in uses]])
        ended = dict(cursor.fetchall())
    give_back(list(ended.values()))
    undone = [use for use in uses if use.id in ended]
    told_of_uses("code.rolled_back", undone)
    return undone


def roll_back_codes(
    reference: str, *, programme: str, at: datetime, actor: Actor
) -> list[CodeUse]:
    """Undo the uses of a cart's codes after it was paid, whatever the campaigns say.

    Again changes nothing.

    Parameters
    ----------
    reference
        The cart's own name.
    programme
        Code of the programme.
    at, actor
        When, and who does it.

    Returns
    -------
    list of CodeUse
        Those that were undone now.

    Raises
    ------
    CodesUnknown
        If the cart never used a code.
    """
    with transaction.atomic():
        known = uses_of(
            reference,
            CodeUse.State.REDEEMED,
            CodeUse.State.ROLLED_BACK,
            programme=programme,
        )
        uses = list(known.order_by("id"))
        if not uses:
            raise CodesUnknown(reference=reference[:60])
        undone = _rolled_back(
            [use for use in uses if use.state == CodeUse.State.REDEEMED],
            at=at,
            because="cancelled",
        )
        for use in undone:
            noted(
                "code.rolled_back",
                actor=actor,
                target=public_id("cpn", use.campaign_id),
                reason="cancelled",
            )
    return undone


def roll_back_order(order: UUID, *, at: datetime) -> list[CodeUse]:
    """Undo the uses of codes of an order of which nothing is kept, where campaigns allow it.

    Parameters
    ----------
    order
        Cancelled, or refunded to the last line.
    at
        When.
    """
    uses = CodeUse.objects.filter(
        order=order,
        state=CodeUse.State.REDEEMED,
        campaign__returns=CouponCampaign.Returns.WHOLE,
    ).order_by("id")
    return _rolled_back(list(uses), at=at, because="order_cancelled")


def expire_code_holds(*, at: datetime, limit: int = 500) -> int:
    """Let go codes that carts held and did not pay for in time.

    Parameters
    ----------
    at
        Holds that end at or before this are let go.
    limit
        How many at most; the next run takes the rest.

    Returns
    -------
    int
        How many codes were looked at.
    """
    with transaction.atomic():
        due = CodeUse.objects.filter(state=CodeUse.State.HELD, expires_at__lte=at)
        codes = list(due.order_by("expires_at").values_list("code_id", flat=True)[:limit])
        if codes:
            lock_codes(codes)
            expire_late(codes, at=at)
    return len(codes)


def void_code(code: str, *, programme: str, at: datetime, actor: Actor, reason: str) -> Code:
    """Withdraw a code for good; carts that hold it may still pay with it.

    Again changes nothing.

    Parameters
    ----------
    code
        As somebody typed it.
    programme
        Code of the programme.
    at, actor
        When, and who does it.
    reason
        In the actor's words.

    Returns
    -------
    Code
        As it is now.

    Raises
    ------
    CodeUnknown
        If the programme has no such code.
    """
    with transaction.atomic():
        found = Code.objects.filter(
            code=plain(code), campaign__programme__code=programme
        ).first()
        if found is None:
            raise CodeUnknown
        # Of two at once one finds it valid still: the log has one line.
        if Code.objects.filter(code=found.code, void=False).update(void=True):
            audit.note(
                "code.voided",
                actor=actor,
                target=public_id("cpn", found.campaign_id),
                reason=reason,
                facts={"ending": found.code[-4:], "at": at.isoformat()},
            )
    found.void = True
    return found
