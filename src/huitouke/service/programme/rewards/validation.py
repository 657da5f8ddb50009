"""Is this code good for this cart and this customer? A question: nothing is stored.

Anybody may ask, also without saying who they are. A code that does not exist, was withdrawn
or belongs to somebody else gets one and the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from huitouke.service.customers import queries as customers
from huitouke.service.programme.rewards.code_text import LETTERS, is_well_formed, plain
from huitouke.service.programme.rewards.stacking import Discounts, Offer, apply
from huitouke.service.programme.rewards.standing import member_of
from huitouke.service.programme.rewards.stored_codes import (
    Found,
    look_up,
    uses_of_member,
    without_own,
)
from huitouke.service.programme.rules.cart import Cart

__all__ = [
    "CodeVerdict",
    "Validation",
    "judge",
    "validate",
    "verdict_of",
]

#: Lengths of generated codes.
_SHORTEST, _LONGEST = 8, 15


@dataclass(frozen=True, kw_only=True)
class CodeVerdict:
    """What is to be said of one code.

    ``reason`` is empty for a usable one, else a stable name: ``code_mistyped``,
    ``code_not_valid``, ``code_not_valid_now``, ``code_used_up``, ``sign_in_needed``,
    ``tier_too_low``, ``member_limit_reached``, ``currency_differs``,
    ``minimum_not_reached``, ``nothing_in_scope``, ``product_not_in_cart``,
    ``no_delivery_cost``, ``not_combinable``, ``too_many_codes``, ``code_twice``.
    ``discount_minor`` is what it takes off this cart.
    """

    code: str
    ok: bool
    reason: str
    discount_minor: int = 0


@dataclass(frozen=True, kw_only=True)
class Validation:
    """All codes of a cart: one verdict each, in the order given, and the discounts."""

    verdicts: tuple[CodeVerdict, ...]
    discounts: Discounts


def _no_such(code: str) -> str:
    """Return the one answer for codes that are not there for this customer.

    Whether letters are mistyped shows in the code itself and tells nothing of what is
    stored.
    """
    generated = _SHORTEST <= len(code) <= _LONGEST and set(code) <= set(LETTERS)
    return "code_mistyped" if generated and not is_well_formed(code) else "code_not_valid"


def _counts_money(offer: Offer) -> bool:
    return offer.kind == "amount" or offer.min_spend_minor > 0 or offer.most_minor is not None


def _out_of_time(found: Found, at: datetime) -> bool:
    ends = [moment for moment in (found.valid_to, found.expires_at) if moment is not None]
    begins = found.valid_from is not None and at < found.valid_from
    return begins or any(at >= moment for moment in ends)


def _used_up(found: Found) -> bool:
    per_code, total = found.per_code_limit, found.total_limit
    return (per_code is not None and found.taken >= per_code) or (
        total is not None and found.campaign_taken >= total
    )


def _not_for(found: Found, *, customer: UUID | None, tier: str | None, had: int) -> str:
    """Return why a code is not for this customer, or nothing."""
    limited = found.per_member_limit is not None
    if customer is None:
        return "sign_in_needed" if found.tiers or limited else ""
    if found.tiers and (tier is None or tier not in found.tiers):
        return "tier_too_low"
    if found.per_member_limit is not None and had >= found.per_member_limit:
        return "member_limit_reached"
    return ""


def verdict_of(
    found: Found | None,
    *,
    code: str,
    at: datetime,
    currency: str,
    customer: UUID | None,
    tier: str | None,
    had: int,
) -> str:
    """Return why one code cannot be used, before the cart is looked at; empty if it can.

    Parameters
    ----------
    found
        As stored, or none.
    code
        As given, plain.
    at
        When.
    currency
        Of the cart.
    customer, tier, had
        Who asks (none: nobody knows), the member's tier (none: no member), and how often
        the customer has used the campaign.
    """
    others = found is not None and found.owner is not None and found.owner != customer
    if found is None or found.void or not found.enabled or others:
        return _no_such(code)
    if _out_of_time(found, at):
        return "code_not_valid_now"
    if _used_up(found):
        return "code_used_up"
    if found.currency != currency and _counts_money(found.offer):
        return "currency_differs"
    return _not_for(found, customer=customer, tier=tier, had=had)


def judge(
    codes: Sequence[str],
    *,
    found: dict[str, Found],
    cart: Cart,
    at: datetime,
    customer: UUID | None,
    tier: str | None,
    had: dict[UUID, int],
) -> Validation:
    """Return the verdicts on codes that were looked up; a pure function.

    Parameters
    ----------
    codes
        Plain, in the order in which they were given.
    found
        Those that are stored.
    cart
        What is about to be bought.
    at
        When.
    customer, tier
        Who asks, and the member's tier; none for strangers.
    had
        Uses of the customer by campaign.
    """
    reasons: list[str] = []
    offers: list[Offer] = []
    for place, code in enumerate(codes):
        stored = found.get(code)
        if code in codes[:place]:
            reasons.append("code_twice")
            continue
        reason = verdict_of(
            stored,
            code=code,
            at=at,
            currency=cart.currency,
            customer=customer,
            tier=tier,
            had=had.get(stored.campaign, 0) if stored else 0,
        )
        reasons.append(reason)
        if stored is not None and not reason:
            offers.append(stored.offer)
    discounts = apply(cart, offers=offers)
    off = {each.code: each.amount_minor for each in discounts.applied}
    left_out = {each.code: each.reason for each in discounts.left_out}
    verdicts = []
    for code, reason in zip(codes, reasons, strict=True):
        said = reason or left_out.get(code, "")
        verdicts.append(
            CodeVerdict(
                code=code, ok=not said, reason=said, discount_minor=0 if said else off[code]
            )
        )
    return Validation(verdicts=tuple(verdicts), discounts=discounts)


def validate(
    codes: Sequence[str],
    *,
    programme: str,
    cart: Cart,
    at: datetime,
    customer: UUID | None = None,
    reference: str = "",
) -> Validation:
    """Say of each code whether this cart may use it, and what all of them take off.

    Parameters
    ----------
    codes
        As somebody typed them.
    programme
        Code of the programme.
    cart
        What is about to be bought.
    at
        When.
    customer
        Who asks, or none.
    reference
        The cart's own name: codes that it holds already count as free.
    """
    plain_codes = [plain(code) for code in codes]
    found = look_up(plain_codes, programme=programme, at=at)
    tier: str | None = None
    had: dict[UUID, int] = {}
    if customer is not None:
        customer = customers.record_of(customer)
        member = member_of(programme, customer=customer)
        tier = member.tier if member else None
        limited = [each.campaign for each in found.values() if each.per_member_limit]
        if limited:
            had = uses_of_member(limited, customer=customer, at=at, reference=reference)
    if reference:
        found = without_own(found, reference=reference, at=at)
    return judge(
        plain_codes, found=found, cart=cart, at=at, customer=customer, tier=tier, had=had
    )
