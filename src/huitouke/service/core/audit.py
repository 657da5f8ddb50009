"""Who did what, when and why: an append-only log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from huitouke.service.core.actor import Actor
from huitouke.service.core.models import Audit

__all__ = ["AuditLine", "lines", "note"]


def note(
    action: str,
    *,
    actor: Actor,
    target: str,
    reason: str = "",
    facts: dict[str, Any] | None = None,
) -> None:
    """Write one line of the audit log, in the transaction of the act itself.

    Parameters
    ----------
    action
        Dotted verb that a person can read later, e.g. ``"customer.merged"``.
    actor
        Who did it.
    target
        Public id of what it was done to.
    reason
        Why, in the actor's words.
    facts
        JSON-able details; no secrets, no personal data beyond ids.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_audit (actor, action, target, reason, facts, created_at)"
            " VALUES (%s, %s, %s, %s, %s::jsonb, core_now())",
            [str(actor), action, target, reason, json.dumps(facts or {})],
        )


@dataclass(frozen=True)
class AuditLine:
    """One line of the log as it is read."""

    id: int
    at: datetime
    actor: str
    action: str
    target: str
    reason: str
    facts: dict[str, Any]


def lines(
    *,
    target: str | None = None,
    actor: Actor | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[AuditLine]:
    """Return lines of the log, newest first.

    Parameters
    ----------
    target
        Public id of what was acted on; None: everything.
    actor
        Who acted; None: anybody.
    before
        Only lines older than the one with this id, to read on.
    limit
        Most lines.
    """
    found = Audit.objects.order_by("-id")
    if target is not None:
        found = found.filter(target=target)
    if actor is not None:
        found = found.filter(actor=str(actor))
    if before is not None:
        found = found.filter(id__lt=before)
    return [
        AuditLine(
            each.id,
            each.created_at,
            each.actor,
            each.action,
            each.target,
            each.reason,
            each.facts,
        )
        for each in found[:limit]
    ]
