"""What a customer holds beside points: coupons, stamp cards, referrals. Nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from huitouke.service.customers import queries as customers
from huitouke.service.programme.models.coupons import Code, CodeUse
from huitouke.service.programme.models.referrals import Referral, ReferralCode
from huitouke.service.programme.rewards.stamp_counting import CardCount
from huitouke.service.programme.rewards.stamps import stamp_cards
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.extras import StampCard

__all__ = ["Coupon", "Holdings", "Referrals", "holdings"]

_COUPONS_MOST = 50


@dataclass(frozen=True, slots=True)
class Coupon:
    """One code that was issued to a customer.

    Parameters
    ----------
    code
        As it is typed.
    names
        Of its campaign, by language.
    kind, value, currency
        What it is worth; see ``CouponCampaign``.
    min_spend_minor
        Least amount of an order that it helps to pay.
    issued_at, expires_at
        Since when, and first moment at which it is not valid; none is no end.
    state
        ``open``, ``used``, ``lapsed`` or ``void``.
    """

    code: str
    names: Mapping[str, str]
    kind: str
    value: int
    currency: str
    min_spend_minor: int
    issued_at: datetime
    expires_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class Referrals:
    """Who brought a customer, and whom the customer brought.

    Parameters
    ----------
    code
        The customer's own; empty where none was asked for yet.
    brought
        How many friends, by the state of the referral.
    brought_by
        The one who brought this customer; none if nobody did.
    points
        What the customer was given for friends.
    """

    code: str
    brought: Mapping[str, int]
    brought_by: UUID | None
    points: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """All of it."""

    coupons: tuple[Coupon, ...]
    cards: tuple[tuple[StampCard, CardCount], ...]
    referrals: Referrals


def holdings(
    customer: UUID, *, programme: str, definition: Definition | None, at: datetime
) -> Holdings:
    """Return what a customer holds beside points.

    Parameters
    ----------
    customer
        Any id the person ever had.
    programme, definition
        The programme and its rules; none where nothing is published.
    at
        When.
    """
    holder = customers.record_of(customer)
    cards = (
        []
        if definition is None
        else stamp_cards(holder, programme=programme, definition=definition, at=at)
    )
    return Holdings(
        coupons=tuple(_coupons(holder, programme=programme, at=at)),
        cards=tuple(cards),
        referrals=_referrals(holder, programme=programme),
    )


def _coupons(customer: UUID, *, programme: str, at: datetime) -> list[Coupon]:
    """Return the codes of a customer, those that can still be used first."""
    rows = Code.objects.filter(customer=customer, campaign__programme_id=programme)
    found = list(rows.select_related("campaign").order_by("-issued_at")[:_COUPONS_MOST])
    used = set(
        CodeUse.objects.filter(
            code__in=[each.code for each in found], state=CodeUse.State.REDEEMED
        ).values_list("code_id", flat=True)
    )
    made = [_coupon(each, used=each.code in used, at=at) for each in found]
    return sorted(made, key=lambda each: each.state != "open")


def _coupon(code: Code, *, used: bool, at: datetime) -> Coupon:
    campaign = code.campaign
    ends = [each for each in (code.expires_at, campaign.valid_to) if each is not None]
    expires_at = min(ends, default=None)
    limit = campaign.per_code_limit
    state = "open"
    if code.void or not campaign.enabled:
        state = "void"
    elif used and limit is not None and code.taken >= limit:
        state = "used"
    elif expires_at is not None and at >= expires_at:
        state = "lapsed"
    return Coupon(
        code=code.code,
        names=campaign.names,
        kind=campaign.kind,
        value=campaign.value,
        currency=campaign.currency,
        min_spend_minor=campaign.min_spend_minor,
        issued_at=code.issued_at,
        expires_at=expires_at,
        state=state,
    )


def _referrals(customer: UUID, *, programme: str) -> Referrals:
    own = ReferralCode.objects.filter(customer=customer, programme_id=programme)
    code = own.order_by("created_at", "code").values_list("code", flat=True).first()
    rows = Referral.objects.filter(
        Q(advocate=customer) | Q(friend=customer), programme_id=programme
    ).exclude(state=Referral.State.REFUSED)
    brought: Counter[str] = Counter()
    brought_by: UUID | None = None
    points = 0
    for each in rows.values("advocate", "state", "advocate_paid"):
        if each["advocate"] == customer:
            brought[each["state"]] += 1
            points += each["advocate_paid"]
        else:
            brought_by = each["advocate"]
    return Referrals(code or "", dict(brought), brought_by, points)
