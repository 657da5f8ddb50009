"""Checks of the books that are noted: each goes on from the last one that found them whole."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.ledger.seal import SLACK, Head
from huitouke.service.ledger.verify import Verdict, verify

__all__ = ["check"]

_NAMED = 20


def check(*, full: bool, actor: Actor, published: Head | None = None) -> Verdict:
    """Check the books and note in the audit log what was found.

    Parameters
    ----------
    full
        Look at everything; otherwise at what came since the last good check began, less the
        sealer's slack for what was committed late. Without an earlier check all is new.
    actor
        Who asked for it.
    published
        As for :func:`~.verify.verify`.

    Returns
    -------
    Verdict
        With a row for everything that is broken; nothing is corrected.
    """
    verdict = verify(since=None if full else _unseen_since(), published=published)
    facts: dict[str, Any] = {
        "entries": verdict.entries,
        "number": len(verdict.broken),
        "since": verdict.since.isoformat() if verdict.since else None,
        "begun": verdict.begun.isoformat(),
    }
    if verdict.broken:
        facts["first"] = [each.says for each in verdict.broken[:_NAMED]]
    action = "ledger.broken" if verdict.broken else "ledger.checked"
    audit.note(action, actor=actor, target="ledger", facts=facts)
    return verdict


def _unseen_since() -> datetime | None:
    last = audit.latest("ledger", "ledger.checked")
    begun = last.facts.get("begun") if last else None
    return datetime.fromisoformat(begun) - SLACK if begun else None
