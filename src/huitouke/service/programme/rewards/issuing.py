"""One code for one member: what a reward or a full stamp card gives, and takes back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection

from huitouke.service.core.ids import public_id
from huitouke.service.core.outbox import Happening, tell
from huitouke.service.programme.models.coupons import Code, CodeUse, CouponCampaign
from huitouke.service.programme.rewards.generation import code_expiry, random_codes

__all__ = ["code_was_used", "issue_code", "withdraw_code"]

_STANDING = (CodeUse.State.HELD, CodeUse.State.REDEEMED)


def issue_code(campaign: CouponCampaign, *, customer: UUID, at: datetime, because: str) -> str:
    """Make a code that only this customer may use, and tell of it.

    Parameters
    ----------
    campaign
        What it is worth.
    customer
        Whose it is.
    at
        When.
    because
        What it was given for: ``reward``, ``stamps``.
    """
    made: list[Code] = []
    while not made:
        code = random_codes(campaign.code_length)[0]
        if not Code.objects.filter(code=code).exists():
            made = [
                Code(
                    code=code,
                    campaign=campaign,
                    customer_id=customer,
                    expires_at=code_expiry(campaign, at=at),
                    issued_at=at,
                )
            ]
    Code.objects.bulk_create(made)
    body = {
        "code": code,
        "campaign": public_id("cpn", campaign.id),
        "because": because,
        "expires_at": made[0].expires_at.isoformat() if made[0].expires_at else None,
    }
    tell([Happening("code.issued", public_id("cus", customer), body)])
    return code


def code_was_used(code: str) -> bool:
    """Say whether a code was redeemed, or is in somebody's cart right now.

    Its row is locked first, so that no cart takes it up meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM programme_code WHERE code = %s FOR UPDATE", [code])
    return CodeUse.objects.filter(code_id=code, state__in=_STANDING).exists()


def withdraw_code(code: str) -> None:
    """Make a code void: whoever has it cannot use it any more."""
    Code.objects.filter(code=code).update(void=True)
