"""What is written beside every change of a person: the audit log and the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.core.outbox import Happening, tell

__all__ = ["wrote", "wrote_each"]

_NOTES = """
INSERT INTO core_audit (actor, action, target, reason, facts, created_at)
SELECT %s, %s, t, '', '{}', core_now() FROM unnest(%s::text[]) AS r(t)
"""


def wrote(
    topic: str, *, customer: UUID, actor: Actor, facts: dict[str, Any] | None = None
) -> None:
    """Note a change of one person, and tell strangers of it.

    Parameters
    ----------
    topic
        What happened, e.g. ``"customer.changed"``.
    customer
        To whom.
    actor
        Who did it.
    facts
        Details without personal data.
    """
    subject = public_id("cus", customer)
    audit.note(topic, actor=actor, target=subject, facts=facts)
    tell([Happening(topic, subject, {"customer": subject, **(facts or {})})])


def wrote_each(
    topic: str,
    *,
    customers: Sequence[UUID],
    actor: Actor,
    quiet: bool = False,
) -> None:
    """Note the same change of many persons in one statement each.

    Parameters
    ----------
    topic
        What happened.
    customers
        To whom, each once.
    actor
        Who did it.
    quiet
        Note it, but tell nobody: history that is read in is no news.
    """
    if not customers:
        return
    subjects = [public_id("cus", customer) for customer in customers]
    with connection.cursor() as cursor:
        cursor.execute(_NOTES, [str(actor), topic, subjects])
    if not quiet:
        tell(Happening(topic, subject, {"customer": subject}) for subject in subjects)
