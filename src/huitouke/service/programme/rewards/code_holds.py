"""Codes of a cart: held at checkout, redeemed at payment, released when the cart dies.

Rows are locked in one order everywhere: member, cart, codes in the order of their letters,
campaigns in the order of their ids, uses. So carts never wait for one another in a ring.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import new_id, public_id
from huitouke.service.core.outbox import Happening, tell
from huitouke.service.core.webhooks.topics import Topic
from huitouke.service.customers import queries as customers
from huitouke.service.programme.models.coupons import CodeUse
from huitouke.service.programme.rewards.code_refusals import CodeNotUsable, CodesUnknown
from huitouke.service.programme.rewards.code_text import plain
from huitouke.service.programme.rewards.standing import lock_members
from huitouke.service.programme.rewards.validation import validate
from huitouke.service.programme.rules.cart import Cart

__all__ = [
    "CART_HOLD",
    "expire_late",
    "give_back",
    "hold_codes",
    "lock_codes",
    "redeem_codes",
    "release_codes",
    "take_codes",
    "told_of_uses",
    "uses_of",
]

#: How long codes are held for a cart unless the caller says otherwise.
CART_HOLD = timedelta(minutes=30)

_TAKE_CODES = """
UPDATE programme_code c SET taken = c.taken + 1 FROM programme_couponcampaign g
WHERE c.code = ANY(%s::text[]) AND g.id = c.campaign_id AND g.per_code_limit IS NOT NULL
  AND NOT c.void AND c.taken < g.per_code_limit
"""
_LIMITED = """
SELECT count(*) FROM programme_code c JOIN programme_couponcampaign g ON g.id = c.campaign_id
WHERE c.code = ANY(%s::text[]) AND g.per_code_limit IS NOT NULL
"""
_CAMPAIGN_ROWS = """
SELECT g.id FROM programme_couponcampaign g
WHERE g.total_limit IS NOT NULL AND g.id IN (
  SELECT campaign_id FROM programme_code WHERE code = ANY(%s::text[]))
ORDER BY g.id FOR NO KEY UPDATE
"""
_TAKE_CAMPAIGNS = """
UPDATE programme_couponcampaign g SET taken = g.taken + n.uses
FROM (SELECT campaign_id, count(*) AS uses FROM programme_code
      WHERE code = ANY(%s::text[]) GROUP BY 1) n
WHERE g.id = n.campaign_id AND g.total_limit IS NOT NULL
  AND g.taken + n.uses <= g.total_limit
"""
_FREE_CODES = """
UPDATE programme_code c SET taken = greatest(0, c.taken - n.uses)
FROM (SELECT u AS code, count(*) AS uses FROM unnest(%s::text[]) u GROUP BY 1) n,
     programme_couponcampaign g
WHERE c.code = n.code AND g.id = c.campaign_id AND g.per_code_limit IS NOT NULL
"""
_FREE_CAMPAIGNS = """
UPDATE programme_couponcampaign g SET taken = greatest(0, g.taken - n.uses)
FROM (SELECT c.campaign_id, count(*) AS uses
      FROM unnest(%s::text[]) u JOIN programme_code c ON c.code = u GROUP BY 1) n
WHERE g.id = n.campaign_id AND g.total_limit IS NOT NULL
"""
_END = """
UPDATE programme_codeuse SET state = 'released', ended_at = %s, ended_because = %s
WHERE id = ANY(%s::uuid[]) AND state = 'held'
RETURNING code_id
"""
_END_LATE = """
UPDATE programme_codeuse SET state = 'released', ended_at = %s, ended_because = 'expired'
WHERE code_id = ANY(%s::text[]) AND state = 'held' AND expires_at <= %s
  AND id <> ALL(%s::uuid[])
RETURNING code_id
"""


def lock_codes(codes: Collection[str]) -> None:
    """Lock the rows of codes that somebody may change, and of campaigns with a total.

    Codes without any limit are left unlocked: thousands may use them at once.
    """
    wanted = sorted(set(codes))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.code FROM programme_code c"
            " JOIN programme_couponcampaign g ON g.id = c.campaign_id"
            " WHERE c.code = ANY(%s::text[]) AND g.per_code_limit IS NOT NULL"
            " ORDER BY c.code FOR NO KEY UPDATE OF c",
            [wanted],
        )
        cursor.execute(_CAMPAIGN_ROWS, [wanted])


def expire_late(codes: Collection[str], *, at: datetime, but: Collection[UUID] = ()) -> None:
    """End the holds of these codes that are past their time; their rows are locked.

    Parameters
    ----------
    codes
        Which.
    at
        Holds that end at or before this.
    but
        Uses that are left alone, because they are about to be redeemed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_END_LATE, [at, sorted(set(codes)), at, list(but)])
        ended = [row[0] for row in cursor.fetchall()]
    give_back(ended)


def take_codes(codes: Sequence[str]) -> bool:
    """Count one use of each code and its campaign; say whether there was one left of each.

    On False the caller undoes its transaction: some may be counted.
    """
    wanted = sorted(codes)
    with connection.cursor() as cursor:
        cursor.execute(_LIMITED, [wanted])
        limited = cursor.fetchone()[0]
        cursor.execute(_TAKE_CODES, [wanted])
        if cursor.rowcount != limited:
            return False
        cursor.execute(_CAMPAIGN_ROWS, [wanted])
        totals = len(cursor.fetchall())
        cursor.execute(_TAKE_CAMPAIGNS, [wanted])
        return bool(cursor.rowcount == totals)


def give_back(codes: Sequence[str]) -> None:
    """Count uses of codes and campaigns back; a code stands once for each use."""
    if not codes:
        return
    with connection.cursor() as cursor:
        cursor.execute(_FREE_CODES, [list(codes)])
        cursor.execute(_FREE_CAMPAIGNS, [list(codes)])


def told_of_uses(topic: Topic, uses: Sequence[CodeUse]) -> None:
    """Tell what happened to uses of codes, in the transaction in which it happened."""
    tell(
        Happening(
            topic,
            public_id("cus", use.customer_id) if use.customer_id else use.reference[:60],
            {
                "code": use.code_id,
                "campaign": public_id("cpn", use.campaign_id),
                "reference": use.reference,
                "order": public_id("ord", use.order_id) if use.order_id else None,
                "discount_minor": use.discount_minor,
            },
        )
        for use in uses
    )


def uses_of(reference: str, *states: str, programme: str) -> QuerySet[CodeUse, CodeUse]:
    """Return a cart's uses of codes, of those in one of these states."""
    return CodeUse.objects.filter(
        reference=reference, campaign__programme__code=programme, state__in=states
    )


def _lock_cart(programme: str, reference: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 11))",
            [f"{programme}\n{reference}"],
        )


def hold_codes(
    codes: Sequence[str],
    *,
    programme: str,
    reference: str,
    cart: Cart,
    at: datetime,
    actor: Actor,
    customer: UUID | None = None,
    ttl: timedelta = CART_HOLD,
) -> list[CodeUse]:
    """Hold the codes of a cart, so that nobody else takes them up; all or none.

    What the cart held before and does not name any more is let go; holding the same codes
    again renews them.

    Parameters
    ----------
    codes
        As somebody typed them; none lets all of the cart's codes go.
    programme
        Code of the programme.
    reference
        The cart's own name, the same until it is paid.
    cart
        What is about to be bought.
    at, actor
        When, and who asks.
    customer
        Whose cart, or none.
    ttl
        How long.

    Raises
    ------
    CodeNotUsable
        With the place and the reason of the first code that this cart cannot use.
    """
    buyer = customers.record_of(customer) if customer is not None else None
    wanted = [plain(code) for code in codes]
    with transaction.atomic():
        if buyer is not None:
            lock_members(programme, customers=[buyer])
        _lock_cart(programme, reference)
        held = list(uses_of(reference, CodeUse.State.HELD, programme=programme))
        lock_codes([*wanted, *(use.code_id for use in held)])
        _end(held, at=at, because="replaced")
        expire_late(wanted, at=at)
        # After the locks, in statements of their own: what others committed is seen.
        found = validate(wanted, programme=programme, cart=cart, at=at, customer=buyer)
        for place, verdict in enumerate(found.verdicts, start=1):
            if not verdict.ok:
                raise CodeNotUsable(place=place, reason=verdict.reason)
        if wanted and not take_codes(wanted):
            raise CodeNotUsable(place=1, reason="code_used_up")
        uses = _written(
            {each.code: each.discount_minor for each in found.verdicts},
            reference=reference,
            customer=buyer,
            at=at,
            expires_at=at + ttl,
            actor=actor,
        )
        told_of_uses("code.held", uses)
        return uses


def _written(
    discounts: dict[str, int],
    *,
    reference: str,
    customer: UUID | None,
    at: datetime,
    expires_at: datetime,
    actor: Actor,
) -> list[CodeUse]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, campaign_id FROM programme_code WHERE code = ANY(%s::text[])",
            [list(discounts)],
        )
        campaigns = dict(cursor.fetchall())
    return CodeUse.objects.bulk_create(
        CodeUse(
            id=new_id(),
            code_id=code,
            campaign_id=campaigns[code],
            customer_id=customer,
            reference=reference,
            discount_minor=minor,
            expires_at=expires_at,
            created_at=at,
            actor=str(actor),
        )
        for code, minor in discounts.items()
    )


def _end(uses: Sequence[CodeUse], *, at: datetime, because: str) -> None:
    """Let held uses go, but for those that the job has let go meanwhile."""
    if not uses:
        return
    with connection.cursor() as cursor:
        cursor.execute(_END, [at, because, [use.id for use in uses]])
        ended = [row[0] for row in cursor.fetchall()]
    give_back(ended)


def release_codes(reference: str, *, programme: str, at: datetime) -> int:
    """Let the codes of a cart go; again changes nothing.

    Parameters
    ----------
    reference
        The cart's own name.
    programme
        Code of the programme.
    at
        When.

    Returns
    -------
    int
        How many were held.
    """
    with transaction.atomic():
        _lock_cart(programme, reference)
        held = list(uses_of(reference, CodeUse.State.HELD, programme=programme))
        lock_codes([use.code_id for use in held])
        _end(held, at=at, because="released")
        told_of_uses("code.released", held)
    return len(held)


def redeem_codes(reference: str, *, programme: str, at: datetime) -> list[CodeUse]:
    """Use up the codes that a cart holds, when it is paid; again changes nothing.

    A hold past its time that nobody took meanwhile is honoured.

    Parameters
    ----------
    reference
        The cart's own name.
    programme
        Code of the programme.
    at
        When it was paid.

    Raises
    ------
    CodesUnknown
        If the cart holds no codes and used none.
    """
    with transaction.atomic():
        _lock_cart(programme, reference)
        known = uses_of(
            reference, CodeUse.State.HELD, CodeUse.State.REDEEMED, programme=programme
        )
        uses = list(known.select_for_update())
        if not uses:
            raise CodesUnknown(reference=reference[:60])
        now_used = [use for use in uses if use.state == CodeUse.State.HELD]
        for use in now_used:
            use.state = CodeUse.State.REDEEMED
            use.redeemed_at = at
        CodeUse.objects.bulk_update(now_used, ["state", "redeemed_at"])
        told_of_uses("code.redeemed", now_used)
    return uses
