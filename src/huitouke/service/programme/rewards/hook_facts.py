"""Facts as rewards see them, and what came of them: plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from huitouke.service.programme.rules.cart import Cart
from huitouke.service.programme.rules.standing import UnitMove

__all__ = ["Happened", "Paid", "Returned", "Told"]


@dataclass(frozen=True, kw_only=True)
class Paid:
    """An order that was recorded now.

    Parameters
    ----------
    order, customer
        Ids; the customer is the record of today.
    source_key
        Natural key of the fact, at most 200 letters.
    occurred_at, returnable_until
        When it was paid, and when its return window is over.
    cart
        The order at purchase; codes are read from it.
    redemptions
        Points and rewards that helped to pay.
    referral_code
        With which the customer came, or empty.
    evidence
        ``device``, ``address``, ``payment_token``, where the shop tells them.
    """

    order: UUID
    customer: UUID
    source_key: str
    occurred_at: datetime
    returnable_until: datetime
    cart: Cart
    redemptions: tuple[UUID, ...] = ()
    referral_code: str = ""
    evidence: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Returned:
    """A refund or cancellation that was recorded now.

    Parameters
    ----------
    order, customer, source_key, occurred_at
        As for :class:`Paid`; the key is the return's own.
    kept
        What is kept after all returns so far.
    paid_minor, returned_minor
        Total at purchase, and all that came back so far.
    whole
        Nothing is kept.
    restore_points
        Whether points that paid for it return.
    """

    order: UUID
    customer: UUID
    source_key: str
    occurred_at: datetime
    kept: Cart
    paid_minor: int
    returned_minor: int
    whole: bool
    restore_points: bool = True


@dataclass(frozen=True, kw_only=True)
class Happened:
    """Another fact of a customer: a sign-up with a referral code, a check-in to be stamped."""

    customer: UUID
    type: str
    source_key: str
    occurred_at: datetime
    referral_code: str = ""
    evidence: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What came of a fact, for its answer; not ``done``: refused, and the fact stands.

    ``moves`` are points that full cards gave, or that were taken back.
    """

    source_key: str
    done: bool
    reason: dict[str, Any]
    moves: tuple[UnitMove, ...] = ()
