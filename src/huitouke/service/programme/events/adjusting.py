"""Points that a person gives or takes: with a reason, and a second person above a limit."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from huitouke.language import N_
from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.bounds import LARGEST
from huitouke.service.core.errors import Refused, ServiceError
from huitouke.service.core.idempotency import BodyDiffers, canonical_hash
from huitouke.service.core.ids import public_id
from huitouke.service.core.outbox import Happening, tell
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger.contract import Earn, Receipt, Spend
from huitouke.service.programme.events.membership import Held, held
from huitouke.service.programme.events.qualifying import count_moves
from huitouke.service.programme.models.members import Adjustment, Membership
from huitouke.service.programme.rules.expiry import expires_at
from huitouke.service.programme.rules.standing import UnitMove

__all__ = [
    "AdjustmentDecided",
    "AdjustmentInvalid",
    "AdjustmentUnknown",
    "OwnAdjustment",
    "adjust",
    "approve",
    "reject",
    "waiting",
]

# What is known under the key, and what this actor moved for this member within a day: the
# limit is for both together, or a loop of small ones would pass it.
_KNOWN = """
SELECT (SELECT coalesce(sum(abs(points)), 0) FROM programme_adjustment
        WHERE membership_id = %s AND unit = %s AND asked_by = %s AND state = 'done'
          AND decided_by = '' AND asked_at > %s::timestamptz - interval '1 day')::bigint,
  k.id, k.request_hash
FROM (SELECT 1) one
LEFT JOIN programme_adjustment k ON k.membership_id = %s AND k.key = %s
"""
_COLUMNS = tuple(field.attname for field in Adjustment._meta.concrete_fields)
_INSERT = (
    f"INSERT INTO programme_adjustment ({', '.join(_COLUMNS)})"  # noqa: S608 - our own columns
    f" VALUES ({', '.join(['%s'] * len(_COLUMNS))})"
)

NOTE_MOST = 1_000
CODE_MOST = 60


class AdjustmentInvalid(ServiceError):
    """The adjustment cannot be as it was sent."""

    code = "programme.adjustment_invalid"
    says = N_("{field} of an adjustment cannot be {given!r}.")
    remedy = N_(
        "Points are a whole number, above or below 0; a reason code is needed, and a unit of "
        "the programme."
    )


class AdjustmentUnknown(ServiceError):
    """There is no such adjustment."""

    code = "programme.adjustment_unknown"
    status = 404
    says = N_("There is no adjustment {adjustment}.")
    remedy = N_("Use the id that the adjustment was answered with.")


class AdjustmentDecided(ServiceError):
    """It was decided already."""

    code = "programme.adjustment_decided"
    status = 409
    says = N_("The adjustment {adjustment} is {state} already.")
    remedy = N_("Make another adjustment to correct it.")


class OwnAdjustment(Refused):
    """Who asks does not decide."""

    code = "programme.own_adjustment"
    status = 403
    says = N_("Nobody approves an adjustment of their own.")
    remedy = N_("Ask somebody else who may approve.")


def adjust(
    customer: UUID,
    *,
    points: int,
    reason_code: str,
    key: str,
    at: datetime,
    actor: Actor,
    unit: str = "points",
    note: str = "",
    programme: str = "main",
    approved_by: Actor | None = None,
) -> Adjustment:
    """Give a member points, or take some, for a reason; above the limit it waits for a second.

    The limit is for all that one actor moves for one member within 24 hours.

    Parameters
    ----------
    customer
        Any id the person ever had.
    points
        How many; below 0 takes, and never more than are there.
    reason_code
        Why, as a code of the merchant's own, e.g. ``"goodwill"``.
    key
        The caller's; the same adjustment under it is done once, for ever.
    at, actor
        When, and who asks for it.
    unit
        Code within the programme.
    note
        Why, in the actor's words; kept here and not in the ledger.
    programme
        Code of the programme.
    approved_by
        Who approved it already, if somebody did.

    Returns
    -------
    Adjustment
        ``done``, ``waiting`` for approval, or ``refused`` by the ledger (``outcome`` says
        why, e.g. ``insufficient_points``).

    Raises
    ------
    AdjustmentInvalid
        If points, unit or reason cannot be.
    NotAMember
        If the customer is not enrolled.
    BodyDiffers
        If the key is known for another adjustment.
    OwnAdjustment
        If the one who approves is the one who asks.
    """
    _check(points, reason_code=reason_code, note=note)
    asked = canonical_hash(unit, points, reason_code, note)
    if approved_by is not None and str(approved_by) == str(actor):
        raise OwnAdjustment
    # Nothing is caught on the way out: whose transaction it is, undoes it.
    with transaction.atomic(savepoint=False):
        whose = held(customer, programme=programme, at=at)
        if unit not in whose.rulebook.units:
            raise AdjustmentInvalid(field="unit", given=unit[:CODE_MOST])
        lately, known = _known(
            whose.member.id, key=key, asked=asked, unit=unit, actor=actor, at=at
        )
        if known is not None:
            return known
        made = Adjustment(
            membership_id=whose.member.id,
            key=key,
            request_hash=asked,
            unit=unit,
            points=points,
            reason_code=reason_code,
            note=note,
            state=Adjustment.State.WAITING,
            asked_by=str(actor),
            asked_at=at,
        )
        limit = whose.rulebook.settings(unit).adjust_limit
        if lately + abs(points) <= limit or approved_by is not None:
            if approved_by is not None:
                made.decided_by, made.decided_at = str(approved_by), at
            _post(made, whose=whose, at=at, actor=actor)
        _insert(made)
        _noted("adjustment.asked", made, whose=whose, actor=actor)
    return made


def _known(
    member: UUID, *, key: str, asked: bytes, unit: str, actor: Actor, at: datetime
) -> tuple[int, Adjustment | None]:
    """Return what the actor moved lately, and what was adjusted under the key."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [member, unit, str(actor), at, member, key])
        lately, found, hashed = cursor.fetchone()
    if found is None:
        return lately, None
    if bytes(hashed) != asked:
        raise BodyDiffers(key=key)
    return lately, Adjustment.objects.get(id=found)


def _insert(made: Adjustment) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [getattr(made, column) for column in _COLUMNS])


def _check(points: int, *, reason_code: str, note: str) -> None:
    if type(points) is not int or not 0 < abs(points) <= LARGEST:
        raise AdjustmentInvalid(field="points", given=str(points)[:CODE_MOST])
    if not 0 < len(reason_code) <= CODE_MOST or not reason_code.isprintable():
        raise AdjustmentInvalid(field="reason_code", given=reason_code[:CODE_MOST])
    if len(note) > NOTE_MOST or "\x00" in note:
        raise AdjustmentInvalid(field="note", given=note[:CODE_MOST])


def _decided(adjustment: UUID, *, at: datetime) -> tuple[Adjustment, Held]:
    """Lock an adjustment that waits, and its member."""
    named = public_id("adj", adjustment)
    found = Adjustment.objects.filter(id=adjustment).first()
    if found is None:
        raise AdjustmentUnknown(adjustment=named)
    member = Membership.objects.select_related("programme").get(id=found.membership_id)
    whose = held(member.customer_id, programme=member.programme.code, at=at)
    found = Adjustment.objects.select_for_update().get(id=adjustment)
    if found.state != Adjustment.State.WAITING:
        raise AdjustmentDecided(adjustment=named, state=found.state)
    return found, whose


def approve(adjustment: UUID, *, at: datetime, actor: Actor) -> Adjustment:
    """Let an adjustment above the limit be done.

    Parameters
    ----------
    adjustment
        Its id.
    at, actor
        When, and who approves.

    Raises
    ------
    AdjustmentUnknown, AdjustmentDecided
        If there is none, or it does not wait any more.
    OwnAdjustment
        If the one who approves is the one who asked.
    """
    with transaction.atomic():
        found, whose = _decided(adjustment, at=at)
        if found.asked_by == str(actor):
            raise OwnAdjustment
        found.decided_by, found.decided_at = str(actor), at
        _post(found, whose=whose, at=at, actor=actor)
        found.save()
        _noted("adjustment.approved", found, whose=whose, actor=actor)
    return found


def reject(adjustment: UUID, *, at: datetime, actor: Actor, note: str = "") -> Adjustment:
    """Say no to an adjustment above the limit.

    Parameters
    ----------
    adjustment
        Its id.
    at, actor
        When, and who says no.
    note
        Why.

    Raises
    ------
    AdjustmentUnknown, AdjustmentDecided
        If there is none, or it does not wait any more.
    OwnAdjustment
        If the one who rejects is the one who asked.
    """
    with transaction.atomic():
        found, whose = _decided(adjustment, at=at)
        if found.asked_by == str(actor):
            raise OwnAdjustment
        found.decided_by, found.decided_at = str(actor), at
        found.state = Adjustment.State.REJECTED
        found.save()
        _noted("adjustment.rejected", found, whose=whose, actor=actor, note=note)
    return found


def waiting(*, limit: int = 100) -> list[Adjustment]:
    """Return adjustments that wait for approval, the oldest first.

    Parameters
    ----------
    limit
        The most to return.
    """
    open_ones = Adjustment.objects.filter(state=Adjustment.State.WAITING)
    return list(open_ones.order_by("asked_at", "id")[:limit])


def _post(found: Adjustment, *, whose: Held, at: datetime, actor: Actor) -> None:
    """Write an adjustment to the ledger; what the ledger refuses is refused for good."""
    receipt = _posted(found, whose=whose, at=at, actor=actor)
    done = receipt.outcome == "done"
    found.state = Adjustment.State.DONE if done else Adjustment.State.REFUSED
    found.outcome = receipt.outcome
    if done:
        body = {
            "adjustment": public_id("adj", found.id),
            "unit": found.unit,
            "points": found.points,
            "reason_code": found.reason_code,
        }
        tell([Happening("points.adjusted", whose.subject, body)])
        source = f"adjust:{body['adjustment']}"
        move = UnitMove(unit=found.unit, points=found.points, at=at, source=source)
        count_moves({whose.member.person.id: [move]}, rulebook=whose.rulebook, at=at)


def _posted(found: Adjustment, *, whose: Held, at: datetime, actor: Actor) -> Receipt:
    account = ledger.open_accounts(
        [whose.member.person.id], unit=whose.rulebook.units[found.unit]
    )[0]
    name = public_id("adj", found.id)
    rules = whose.rulebook.now
    unit_name = rules.named(found.unit)
    code = "goodwill" if found.reason_code == "goodwill" else "adjusted"
    reason = {"code": code, "adjustment": name, "why": found.reason_code, "unit": unit_name}
    if found.points < 0:
        return ledger.spend(
            Spend(
                account=account,
                key=f"adjust:{name}",
                amount=-found.points,
                effective_at=at,
                actor=str(actor),
                reason=reason,
                kind="adjust",
                contra="adjust",
                rule_version=rules.version or None,
            )
        )
    definition = rules.definition
    expiry = definition.expiry_of(found.unit)
    return ledger.earn(
        Earn(
            account=account,
            key=f"adjust:{name}",
            amount=found.points,
            effective_at=at,
            actor=str(actor),
            reason=reason,
            expires_at=expires_at(expiry, available_at=at, zone=definition.zone_info),
            kind="adjust",
            contra="adjust",
            rule_version=rules.version or None,
        )
    )


def _noted(
    action: str, found: Adjustment, *, whose: Held, actor: Actor, note: str = ""
) -> None:
    audit.note(
        action,
        actor=actor,
        target=whose.subject,
        reason=note or found.reason_code,
        facts={
            "adjustment": public_id("adj", found.id),
            "unit": found.unit,
            "points": found.points,
            "state": found.state,
        },
    )
