"""What the programme keeps of a person: shown, moved by a merge, forgotten on erasure."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.core.person import Part
from huitouke.service.ledger import queries as ledger
from huitouke.service.ledger.contract import Line
from huitouke.service.ledger.units import units
from huitouke.service.programme.events.closing import close_accounts
from huitouke.service.programme.events.merging import merge, unmerge
from huitouke.service.programme.marks import leave_marks
from huitouke.service.programme.models.members import (
    Adjustment,
    Fact,
    Membership,
    Qualifying,
)
from huitouke.service.programme.models.tiers import TierChange

__all__ = ["PART", "erase", "export"]

_PAGE = 1_000


def export(customer: UUID) -> dict[str, Any]:
    """Return a person's memberships, accounts with all entries, and facts, ready for JSON.

    Parameters
    ----------
    customer
        Whose record.
    """
    members = Membership.objects.filter(customer=customer).select_related("programme")
    facts = Fact.objects.filter(customer=customer).order_by("recorded_at", "id")
    return {
        "memberships": [_membership(each) for each in members.order_by("programme__code")],
        "accounts": [_account(customer, unit=each.unit, code=each.code) for each in units()],
        "facts": [
            {
                "id": public_id("evt", each.id),
                "type": each.type,
                "source": each.source,
                "source_id": each.source_id,
                "occurred_at": each.occurred_at.isoformat(),
                "body": each.body,
            }
            for each in facts
        ],
    }


def _membership(member: Membership) -> dict[str, Any]:
    entries = Qualifying.objects.filter(membership=member).order_by("on", "id")
    adjustments = Adjustment.objects.filter(membership=member).order_by("asked_at", "id")
    return {
        "programme": member.programme.code,
        "joined_at": member.joined_at and member.joined_at.isoformat(),
        "tier": member.tier,
        "standing": member.standing,
        "orders": member.order_count,
        "qualifying": [
            {
                "on": each.on.isoformat(),
                "spend_minor": each.spend_minor,
                "visits": each.visits,
                "points": each.points,
            }
            for each in entries
        ],
        "tier_changes": [
            {
                "on": each.on.isoformat(),
                "kind": each.kind,
                "from": each.from_tier or None,
                "to": each.to_tier or None,
            }
            for each in TierChange.objects.filter(membership=member).order_by(
                "changed_at", "id"
            )
        ],
        "adjustments": [
            {
                "id": public_id("adj", each.id),
                "unit": each.unit,
                "points": each.points,
                "reason_code": each.reason_code,
                "note": each.note,
                "state": each.state,
                "asked_at": each.asked_at.isoformat(),
            }
            for each in adjustments
        ],
    }


def _account(customer: UUID, *, unit: int, code: str) -> dict[str, Any]:
    account = ledger.account_of(customer, unit=unit)
    if account is None:
        return {"unit": code, "entries": []}
    lines: list[Line] = []
    before: int | None = None
    while page := ledger.entries(account, before=before, limit=_PAGE):
        lines += page
        before = page[-1].seq
    found = ledger.balance(account)
    return {
        "unit": code,
        "active": found.active,
        "pending": found.pending,
        "held": found.held,
        "owed": found.owed,
        "entries": [_line(each) for each in reversed(lines)],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "seq": line.seq,
        "kind": line.kind,
        "amount": line.amount,
        "pending": line.pending,
        "held": line.held,
        "debt": line.debt,
        "effective_at": line.effective_at.isoformat(),
        "reason": line.reason,
    }


def erase(customer: UUID, *, at: datetime, actor: Actor) -> None:
    """Forget what was said of a person in words, and close the accounts; amounts stay.

    Parameters
    ----------
    customer
        Whose record; what was set aside is given back already.
    at, actor
        When and by whom.
    """
    close_accounts(customer, forfeit=False, at=at, actor=actor)
    Membership.objects.filter(customer=customer).update(due_on=None)
    Fact.objects.filter(customer=customer, body__isnull=False).update(body=None)
    Adjustment.objects.filter(membership__customer=customer).update(note="")


PART = Part(
    name="programme",
    export=export,
    merge=merge,
    unmerge=unmerge,
    erase=erase,
    leave=leave_marks,
)
