"""Who did what, when and why: an append-only log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from huitouke.service.core.actor import Actor
from huitouke.service.core.models import Audit

__all__ = ["Asked", "AuditLine", "latest", "lines", "note", "searched"]


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
    return [_line(each) for each in found[:limit]]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is looked for in the log; what is left empty does not matter.

    Parameters
    ----------
    actor
        Who acted, as the log names them, e.g. ``staff:stf_…``.
    action
        A verb, e.g. ``customer.merged``, or a family of them, ``customer``.
    target
        Public id of what was acted on.
    since, until
        From which moment on, and before which.
    """

    actor: str = ""
    action: str = ""
    target: str = ""
    since: datetime | None = None
    until: datetime | None = None


def searched(asked: Asked, *, before: int | None = None, limit: int = 50) -> list[AuditLine]:
    """Return the lines that are looked for, newest first.

    Parameters
    ----------
    asked
        Which.
    before
        Only lines older than the one with this id, to read on.
    limit
        Most lines.
    """
    found = Audit.objects.order_by("-id")
    if asked.actor:
        found = found.filter(actor=asked.actor)
    if asked.target:
        found = found.filter(target=asked.target)
    if "." in asked.action:
        found = found.filter(action=asked.action)
    elif asked.action:
        # "/" stands behind "." among characters, so these are all that begin with the family.
        found = found.filter(action__gte=f"{asked.action}.", action__lt=f"{asked.action}/")
    if asked.since is not None:
        found = found.filter(created_at__gte=asked.since)
    if asked.until is not None:
        found = found.filter(created_at__lt=asked.until)
    if before is not None:
        found = found.filter(id__lt=before)
    return [_line(each) for each in found[:limit]]


def latest(target: str, *actions: str) -> AuditLine | None:
    """Return the last time that one of some things was done to a target.

    Parameters
    ----------
    target
        Public id, or a word such as ``ledger``.
    *actions
        Verbs.
    """
    found = Audit.objects.filter(target=target, action__in=actions).order_by("-id").first()
    return None if found is None else _line(found)


def _line(each: Audit) -> AuditLine:
    return AuditLine(
        each.id,
        each.created_at,
        each.actor,
        each.action,
        each.target,
        each.reason,
        each.facts,
    )
