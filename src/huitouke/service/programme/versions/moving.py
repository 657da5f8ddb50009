"""Where a programme stands: its currency and time zone, chosen before anything is counted."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction

from huitouke.language import N_
from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.orders.queries import any_there
from huitouke.service.programme.models.coupons import CouponCampaign
from huitouke.service.programme.models.members import Fact, Membership
from huitouke.service.programme.models.rewards import Reward
from huitouke.service.programme.models.versions import Programme, Version
from huitouke.service.programme.versions.commands import change_draft, draft, publish
from huitouke.service.programme.versions.queries import ProgrammeUnknown

__all__ = ["AlreadyCounted", "movable", "move"]

# Who writes an order or a member meanwhile waits, and then finds the new rules; who wrote one
# just now is waited for, and seen.
_LOCK = """
LOCK TABLE programme_fact, programme_membership, orders_order, programme_reward,
  programme_couponcampaign IN SHARE ROW EXCLUSIVE MODE
"""
_AFTER = timedelta(days=1)


class AlreadyCounted(ServiceError):
    """Members or orders are counted in it."""

    code = "programme.already_counted"
    status = 409
    says = N_(
        "Orders, members, rewards or coupons are counted in {currency} and in the days of"
        " {zone} already."
    )
    remedy = N_("Create a programme of its own for another currency or time zone.")


def movable() -> bool:
    """Say whether nothing is counted yet: no order, fact, member, reward or coupon."""
    there = (each.objects.exists() for each in (Fact, Membership, Reward, CouponCampaign))
    return not (any_there() or any(there))


@transaction.atomic
def move(code: str, *, zone: str, currency: str, at: datetime, actor: Actor) -> Programme:
    """Have a programme count in another currency and in the days of another time zone.

    Its rules stay as they are: amounts in them are minor units, now of that currency. What
    is in force is followed by a version that says so, from then on or, where it has been in
    force for longer than a day, from its second day: as if it had always been so.

    Parameters
    ----------
    code
        Of the programme.
    zone, currency
        IANA zone and ISO 4217 currency.
    at, actor
        When, and who.

    Raises
    ------
    ProgrammeUnknown
        If there is none.
    AlreadyCounted
        If anything is counted already.
    DefinitionInvalid
        If zone or currency cannot be used.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
    found = Programme.objects.select_for_update().filter(code=code).first()
    if found is None:
        raise ProgrammeUnknown(programme=code)
    if (found.zone, found.currency) == (zone, currency):
        return found
    if not movable():
        raise AlreadyCounted(currency=found.currency, zone=found.zone)
    own = {"zone": zone, "currency": currency}
    facts = {**own, "before": [found.zone, found.currency]}
    audit.note("programme.moved", actor=actor, target=code, facts=facts)
    found.zone, found.currency = zone, currency
    found.save()
    for each in Version.objects.filter(programme=found, state=Version.State.DRAFT):
        told = {**each.definition, **own}
        change_draft(each.pk, definition=told, revision=each.revision, at=at, actor=actor)
    last = Version.objects.filter(programme=found, state=Version.State.PUBLISHED).first()
    if last is not None and last.published_at is not None:
        made = draft(found, definition={**last.definition, **own}, at=at, actor=actor)
        since = min(at, last.published_at + _AFTER)
        publish(made.pk, at=since, actor=actor, despite=True)
    return found
