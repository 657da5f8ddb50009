"""What stands behind a code that a member shows or reads out: a redemption, or a pact."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from huitouke.service.core.ids import heard_id, private_id
from huitouke.service.programme.models.coupons import Code
from huitouke.service.programme.models.rewards import END, Pact, Redemption
from huitouke.service.programme.rewards.code_text import plain

__all__ = [
    "CouponShown",
    "Shown",
    "coupon_of",
    "is_shaped",
    "meant",
    "parts_behind",
    "standing_of",
]

# An id has 128 bits, its letters 130: the first is at most a 7.
_PUBLIC = re.compile(r"(rdm|pct)_[0-7][0-9a-hjkmnp-tv-z]{25}")
_MOST = 8
#: Where something stands that was redeemed: ``waits`` for the counter, ``missing`` the second
#: member, ``late`` (not fetched in time), ``given_up``, ``handed_over``, ``reversed``.
Standing = Literal["waits", "missing", "late", "given_up", "handed_over", "reversed"]


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing that a code stands for.

    Parameters
    ----------
    kind
        ``redemption``, or ``pact`` for a shared reward.
    id
        Its id.
    """

    kind: Literal["redemption", "pact"]
    id: UUID


@dataclass(frozen=True, slots=True)
class CouponShown:
    """A coupon code that was shown: as it is typed, and whose it is; none is anybody's."""

    code: str
    customer: UUID | None


def coupon_of(text: str, *, programme: str = "main") -> CouponShown | None:
    """Return the coupon that a text is the code of; whether it is good, the sale says.

    Parameters
    ----------
    text
        As it was typed or scanned.
    programme
        Code of the programme.
    """
    codes = Code.objects.filter(code=plain(text), campaign__programme__code=programme)
    found = codes.first()
    return None if found is None else CouponShown(found.code, found.customer_id)


def is_shaped(text: str) -> bool:
    """Say whether a text looks like such a code, so that it is not taken for a name.

    Parameters
    ----------
    text
        As it was typed or scanned.

    Examples
    --------
    >>> is_shaped("7k2m 9qxt"), is_shaped("91234567"), is_shaped("Lin Dan")
    (True, False, False)
    """
    if _PUBLIC.search(text.lower()):
        return True
    has_both = any(each.isdigit() for each in text) and any(each.isalpha() for each in text)
    return has_both and heard_id(text) is not None


def meant(text: str, *, programme: str = "main") -> tuple[Shown, ...]:
    """Return what a code stands for, what still waits first; mostly one, or none.

    Parameters
    ----------
    text
        A scanned code, an address with one in it, or its eight letters as they were read out.
    programme
        Code of the programme.
    """
    named, end = _PUBLIC.search(text.lower()), heard_id(text)
    redemptions = Redemption.objects.filter(programme__code=programme, reward__isnull=False)
    pacts = Pact.objects.filter(programme__code=programme)
    if named:
        key = private_id(named[1], named[0])
        redemptions, pacts = redemptions.filter(id=key), pacts.filter(id=key)
    elif end is not None:
        redemptions = redemptions.alias(end=END).filter(end=end)
        pacts = pacts.alias(end=END).filter(end=end)
    else:
        return ()
    found = [
        (each.state in {"open", "ready"}, each.created_at, Shown("pact", each.id))
        for each in pacts.order_by("-created_at")[:_MOST]
    ]
    found += [
        (
            each.state == "held",
            each.created_at,
            Shown("pact", each.pact_id) if each.pact_id else Shown("redemption", each.id),
        )
        for each in redemptions.order_by("-created_at")[:_MOST]
    ]
    found.sort(key=lambda each: each[:2], reverse=True)
    return tuple(dict.fromkeys(each for _, _, each in found))


def parts_behind(found: Shown) -> tuple[Redemption, ...]:
    """Return the redemptions behind a code, the one who began first; none where nothing is.

    Parameters
    ----------
    found
        Which.
    """
    parts = Redemption.objects.select_related("reward", "pact").filter(reward__isnull=False)
    own = parts.filter(pact=found.id) if found.kind == "pact" else parts.filter(id=found.id)
    return tuple(own.order_by("created_at", "id"))


def standing_of(found: Redemption, *, at: datetime) -> Standing:
    """Return where something stands that was redeemed, alone or as a part of two.

    Parameters
    ----------
    found
        With its pact at hand, where it is a part.
    at
        When it is asked: what is past its time does not wait, whether or not a job came by.
    """
    if found.captured_points:
        back = found.state in {Redemption.State.REVERSED, Redemption.State.PART_REVERSED}
        return "reversed" if back else "handed_over"
    if found.state == Redemption.State.RELEASED:
        return "late" if found.ended_because == "expired" else "given_up"
    if at >= found.expires_at:
        return "late"
    is_open = found.pact is not None and found.pact.state == Pact.State.OPEN
    return "missing" if is_open else "waits"
