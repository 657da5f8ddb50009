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
from huitouke.service.core.webhooks.topics import Topic

__all__ = ["noted_each", "wrote", "wrote_each"]

_NOTES = """
INSERT INTO core_audit (actor, action, target, reason, facts, created_at)
SELECT %s, %s, t, '', '{}', core_now() FROM unnest(%s::text[]) AS r(t)
"""


def wrote(
    topic: Topic, *, customer: UUID, actor: Actor, facts: dict[str, Any] | None = None
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
    topic: Topic,
    *,
    customers: Sequence[UUID],
    actor: Actor,
    quiet: bool = False,
) -> None:
    """Note the same change of many persons, and tell strangers, in one statement each.

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
    noted_each(topic, customers=customers, actor=actor)
    if not quiet:
        subjects = [public_id("cus", customer) for customer in customers]
        tell(Happening(topic, subject, {"customer": subject}) for subject in subjects)


def noted_each(action: str, *, customers: Sequence[UUID], actor: Actor) -> None:
    """Note the same change of many persons in one statement; nobody is told.

    Parameters
    ----------
    action
        What was done.
    customers
        To whom, each once.
    actor
        Who did it.
    """
    if customers:
        subjects = [public_id("cus", customer) for customer in customers]
        with connection.cursor() as cursor:
            cursor.execute(_NOTES, [str(actor), action, subjects])
