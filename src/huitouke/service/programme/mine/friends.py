"""What became of a member's invitations; nothing tells who the friends are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from huitouke.service.customers import queries as customers
from huitouke.service.programme.models.referrals import Referral, ReferralCode
from huitouke.service.programme.rewards.code_text import plain

__all__ = ["Invitation", "invitations", "is_code"]

_MOST = 50
#: What an advocate is told: checks of the shop are its own business.
_SHOWN = {
    "pending": "joined",
    "qualified": "ordered",
    "review": "ordered",
    "rewarded": "rewarded",
    "refused": "over",
    "reversed": "over",
}


@dataclass(frozen=True)
class Invitation:
    """One friend who came, without a word on who it is.

    Parameters
    ----------
    state
        ``joined`` (no order yet), ``ordered`` (the return window is open), ``rewarded``,
        ``over`` (nothing was, or is, given for it).
    came_at
        When they came.
    due_at
        When the reward is given; none where it is not known.
    points
        What the advocate got, or will get.
    """

    state: str
    came_at: datetime
    due_at: datetime | None
    points: int


def invitations(customer: UUID, *, programme: str) -> list[Invitation]:
    """Return what became of a member's invitations, newest first, at most 50.

    Parameters
    ----------
    customer
        The advocate.
    programme
        Code of the programme.
    """
    own = Referral.objects.filter(
        advocate=customers.record_of(customer), programme__code=programme
    )
    return [
        Invitation(
            state=_SHOWN.get(each.state, "joined"),
            came_at=each.created_at,
            due_at=each.due_at if each.state == "qualified" else None,
            points=each.advocate_paid or each.advocate_points,
        )
        for each in own.order_by("-created_at", "-id")[:_MOST]
    ]


def is_code(code: str, *, programme: str) -> bool:
    """Say whether a code is some member's by which friends are brought.

    Parameters
    ----------
    code
        As it was typed.
    programme
        Code of the programme.
    """
    return ReferralCode.objects.filter(code=plain(code), programme__code=programme).exists()
