"""A member's own redemptions and coupons; those of others do not exist here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.customers import queries as customers
from huitouke.service.programme.models.rewards import Redemption
from huitouke.service.programme.rewards.completion import release
from huitouke.service.programme.rewards.refusals import RedemptionUnknown

__all__ = ["Coupon", "cancel", "coupon", "coupons", "redemption", "redemptions"]

_MOST = 50
_COUPONS = """
SELECT c.code, g.names, g.kind, g.value, g.currency, g.min_spend_minor, c.void,
       coalesce(c.taken >= g.per_code_limit, false), g.enabled,
       least(c.expires_at, g.valid_to), g.valid_from, c.issued_at
  FROM programme_code c JOIN programme_couponcampaign g ON g.id = c.campaign_id
 WHERE c.customer_id = %s AND g.programme = %s AND (%s = '' OR c.code = %s)
 ORDER BY c.issued_at DESC, c.code LIMIT %s
"""


@dataclass(frozen=True, kw_only=True)
class Coupon:
    """One code that is a member's own.

    Parameters
    ----------
    code
        As it is typed.
    names
        What it is called, in both languages.
    kind, value, currency, min_spend_minor
        What it takes off, as of its campaign.
    state
        ``ready``, ``waiting`` (not valid yet), ``used``, ``expired`` or ``void``.
    expires_at, issued_at
        Until when, and since when it is theirs.
    """

    code: str
    names: dict[str, str]
    kind: str
    value: int
    currency: str
    min_spend_minor: int
    state: str
    expires_at: datetime | None
    issued_at: datetime


def redemptions(customer: UUID, *, programme: str) -> list[Redemption]:
    """Return what a member redeemed for rewards, newest first, at most 50.

    Parameters
    ----------
    customer
        Whose.
    programme
        Code of the programme.
    """
    own = Redemption.objects.filter(
        customer=customers.record_of(customer), programme__code=programme, reward__isnull=False
    )
    return list(own.select_related("reward", "pact").order_by("-created_at", "-id")[:_MOST])


def redemption(customer: UUID, *, redemption: UUID) -> Redemption:
    """Return one redemption of a member; another's is answered as one that is not there.

    Parameters
    ----------
    customer
        Whose.
    redemption
        Its id.

    Raises
    ------
    RedemptionUnknown
        If the member has none with this id.
    """
    own = Redemption.objects.filter(id=redemption, customer=customers.record_of(customer))
    found = own.select_related("reward").first()
    if found is None:
        raise RedemptionUnknown(redemption=public_id("rdm", redemption))
    return found


def cancel(customer: UUID, *, redemption: UUID, at: datetime, actor: Actor) -> Redemption:
    """Give up a member's own redemption that was not used; what lapsed of it stays lost.

    Parameters
    ----------
    customer
        Whose; another's is answered as one that is not there.
    redemption
        Its id.
    at, actor
        When, and who does it.

    Raises
    ------
    RedemptionUnknown
        If the member has none with this id.
    NotCaptured
        If it was completed at the till.
    PartOfPact
        If it is one of two for a shared reward.
    """
    own = customers.record_of(customer)
    with transaction.atomic():
        if not Redemption.objects.filter(id=redemption, customer=own).exists():
            raise RedemptionUnknown(redemption=public_id("rdm", redemption))
        return release(redemption, at=at, actor=actor)


def coupons(customer: UUID, *, programme: str, at: datetime, code: str = "") -> list[Coupon]:
    """Return the codes that are a member's own, newest first, at most 50.

    Parameters
    ----------
    customer
        Whose.
    programme
        Code of the programme.
    at
        When their state is asked.
    code
        Only this one; empty: all.
    """
    own: list[Any] = [customers.record_of(customer), programme, code, code, _MOST]
    with connection.cursor() as cursor:
        cursor.execute(_COUPONS, own)
        return [_coupon(row, at=at) for row in cursor.fetchall()]


def coupon(customer: UUID, *, programme: str, code: str, at: datetime) -> Coupon | None:
    """Return one code of a member, or None.

    Parameters
    ----------
    customer, programme, at
        As for :func:`coupons`.
    code
        As it is stored.
    """
    found = coupons(customer, programme=programme, at=at, code=code or "-")
    return found[0] if found else None


def _coupon(row: tuple[Any, ...], *, at: datetime) -> Coupon:
    code, names, kind, value, currency, least, void, used, enabled, expires, begins, since = row
    if used:
        state = "used"
    elif void or not enabled:
        state = "void"
    elif expires is not None and expires <= at:
        state = "expired"
    else:
        state = "waiting" if begins is not None and begins > at else "ready"
    return Coupon(
        code=code,
        names=json.loads(names),
        kind=kind,
        value=value,
        currency=currency,
        min_spend_minor=least,
        state=state,
        expires_at=expires,
        issued_at=since,
    )
