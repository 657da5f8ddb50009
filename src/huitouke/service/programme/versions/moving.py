"""Where a programme stands: its currency and time zone, chosen before anything is counted."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.db.utils import OperationalError

from huitouke.language import N_
from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.orders.queries import any_there
from huitouke.service.programme.models.coupons import CouponCampaign
from huitouke.service.programme.models.members import Fact, Membership
from huitouke.service.programme.models.rewards import Reward
from huitouke.service.programme.models.versions import Programme, Version
from huitouke.service.programme.versions.commands import change_draft
from huitouke.service.programme.versions.queries import ProgrammeUnknown

__all__ = ["AlreadyCounted", "BeingWritten", "movable", "move"]

# Who writes an order or a member meanwhile waits, and then finds the new rules; who wrote one
# just now is waited for, and seen.
_LOCK = """
LOCK TABLE programme_fact, programme_membership, orders_order, programme_reward,
  programme_couponcampaign IN SHARE ROW EXCLUSIVE MODE
"""
# Shorter than the database looks for deadlocks: a writer never has to give way to this.
_PATIENCE = "SET LOCAL lock_timeout = '500ms'"
_NOT_FREE = "55P03"


class AlreadyCounted(ServiceError):
    """Members or orders are counted in it."""

    code = "programme.already_counted"
    status = 409
    says = N_(
        "Orders, members, rewards or coupons are counted in {currency} and in the days of"
        " {zone} already."
    )
    remedy = N_("Create a programme of its own for another currency or time zone.")


class BeingWritten(ServiceError):
    """Somebody writes at this moment."""

    code = "programme.being_written"
    status = 503
    says = N_("Orders, members, rewards or coupons are being written at this moment.")
    remedy = N_("Try again in a moment.")


def movable() -> bool:
    """Say whether nothing is counted yet: no order, fact, member, reward or coupon."""
    there = (each.objects.exists() for each in (Fact, Membership, Reward, CouponCampaign))
    return not (any_there() or any(there))


@transaction.atomic
def move(code: str, *, zone: str, currency: str, at: datetime, actor: Actor) -> Programme:
    """Have a programme count in another currency and in the days of another time zone.

    Its rules stay as they are: amounts in them are minor units, now of that currency. All its
    versions are read in the new ones, also those that were in force before: orders of the
    past that are told later find them, too.

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
    BeingWritten
        If somebody writes at this moment; nothing was changed.
    DefinitionInvalid
        If zone or currency cannot be used, and there is a draft.
    """
    if Programme.objects.filter(code=code).exists() and movable():
        _hold_writers()
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
    return found


def _hold_writers() -> None:
    """Keep others from writing what is counted, until the transaction ends."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(_PATIENCE)
            cursor.execute(_LOCK)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == _NOT_FREE:
            raise BeingWritten from error
        raise
