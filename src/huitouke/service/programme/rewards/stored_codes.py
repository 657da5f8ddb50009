"""Codes as they are stored, read with their campaign's terms: plain values for the rules."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from huitouke.service.programme.rewards.stacking import Offer
from huitouke.service.programme.rules.shapes import Scope

__all__ = ["Found", "look_up", "uses_of_member", "without_own"]

_LOOK_UP = """
SELECT c.code, c.customer_id, c.void, c.taken, c.expires_at, g.id, g.kind, g.value,
       g.most_minor, g.sku, g.currency, g.min_spend_minor, g.scope, g.stacking_class,
       g.exclusive, g.priority, g.per_code_limit, g.per_member_limit, g.total_limit, g.taken,
       g.valid_from, g.valid_to, g.tiers, g.enabled, g.returns
FROM programme_code c JOIN programme_couponcampaign g ON g.id = c.campaign_id
WHERE c.code = ANY(%s::text[]) AND g.programme = %s
"""

# What is held and past its time no longer counts, whether or not the job has run.
_TAKEN_LATE = """
SELECT code_id, count(*) FROM programme_codeuse
WHERE code_id = ANY(%s::text[]) AND state = 'held' AND expires_at <= %s GROUP BY 1
"""
_BY_MEMBER = """
SELECT campaign_id, count(*) FROM programme_codeuse
WHERE campaign_id = ANY(%s::uuid[]) AND customer_id = %s
  AND (state = 'redeemed' OR (state = 'held' AND expires_at > %s))
  AND NOT (reference = %s AND state = 'held')
GROUP BY 1
"""


@dataclass(frozen=True, kw_only=True)
class Found:
    """A code with its campaign's terms, as stored."""

    code: str
    owner: UUID | None
    void: bool
    taken: int
    expires_at: datetime | None
    campaign: UUID
    offer: Offer
    currency: str
    per_code_limit: int | None
    per_member_limit: int | None
    total_limit: int | None
    campaign_taken: int
    valid_from: datetime | None
    valid_to: datetime | None
    tiers: tuple[str, ...]
    enabled: bool
    returns: str


def _found(row: Sequence[Any]) -> Found:
    code, owner, void, taken, expires_at, campaign, kind, value, most, sku = row[:10]
    currency, least, scope, stacking_class, exclusive, priority, *rest = row[10:]
    per_code, per_member, total, campaign_taken, valid_from, valid_to, tiers, enabled, back = (
        rest
    )
    offer = Offer(
        code=code,
        kind=kind,
        value=value,
        most_minor=most,
        sku=sku,
        min_spend_minor=least,
        scope=Scope.model_validate(_json(scope)) if _json(scope) else None,
        stacking_class=stacking_class,
        exclusive=exclusive,
        priority=priority,
    )
    return Found(
        code=code, owner=owner, void=void, taken=taken, expires_at=expires_at,
        campaign=campaign, offer=offer, currency=currency, per_code_limit=per_code,
        per_member_limit=per_member, total_limit=total, campaign_taken=campaign_taken,
        valid_from=valid_from, valid_to=valid_to, tiers=tuple(tiers), enabled=enabled,
        returns=back,
    )  # fmt: skip


def _json(stored: Any) -> Any:
    """Return what a jsonb column holds; a raw cursor of Django gives its text."""
    return json.loads(stored) if isinstance(stored, str) else stored


def look_up(codes: Sequence[str], *, programme: str, at: datetime) -> dict[str, Found]:
    """Return the codes that are stored, with their terms, in one question or two.

    Parameters
    ----------
    codes
        In their plain form.
    programme
        Code of the programme.
    at
        Holds that ended before this no longer count as taken.
    """
    wanted = list(dict.fromkeys(codes))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_UP, [wanted, programme])
        found = {row[0]: _found(row) for row in cursor.fetchall()}
        limited = [each.code for each in found.values() if each.taken]
        if limited:
            cursor.execute(_TAKEN_LATE, [limited, at])
            for code, late in cursor.fetchall():
                each = found[code]
                found[code] = replace(
                    each,
                    taken=max(0, each.taken - late),
                    campaign_taken=max(0, each.campaign_taken - late),
                )
    return found


def uses_of_member(
    campaigns: Sequence[UUID], *, customer: UUID, at: datetime, reference: str = ""
) -> dict[UUID, int]:
    """Return how often a customer has used campaigns, holds of other carts included.

    Parameters
    ----------
    campaigns
        Which.
    customer
        Whose uses.
    at
        Holds that ended before this do not count.
    reference
        The cart that asks: what it holds itself does not count.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BY_MEMBER, [list(campaigns), customer, at, reference])
        return dict(cursor.fetchall())


def without_own(found: dict[str, Found], *, reference: str, at: datetime) -> dict[str, Found]:
    """Return the codes as they would be if this cart held none.

    Parameters
    ----------
    found
        As stored.
    reference
        The cart's own name.
    at
        Holds that ended before this are not the cart's any more.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code_id FROM programme_codeuse WHERE code_id = ANY(%s::text[])"
            " AND reference = %s AND state = 'held' AND expires_at > %s",
            [list(found), reference, at],
        )
        own = {row[0] for row in cursor.fetchall()}
    return {
        code: replace(
            each, taken=max(0, each.taken - 1), campaign_taken=max(0, each.campaign_taken - 1)
        )
        if code in own
        else each
        for code, each in found.items()
    }
