"""What a member did not get, and why: kept with the answers to what was told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from huitouke.language import Language
from huitouke.service.customers import queries as customers
from huitouke.service.programme.rules.reasons import say

__all__ = ["Missed", "missed"]

_MOST = 50
# Through the index of a customer's facts; the answer is text, for it is never asked otherwise.
_FACTS = """
SELECT occurred_at, answer::jsonb->'reasons' FROM programme_fact
 WHERE customer = %s AND recorded_at >= coalesce(%s::timestamptz, '-infinity')
   AND recorded_at < coalesce(%s::timestamptz, 'infinity') AND answer IS NOT NULL
   AND jsonb_typeof(answer::jsonb->'reasons') = 'array'
 ORDER BY recorded_at DESC LIMIT %s
"""


@dataclass(frozen=True)
class Missed:
    """One thing that was not given, in a sentence."""

    at: datetime
    says: str


def missed(
    customer: UUID, *, language: Language, since: datetime | None, until: datetime | None
) -> list[Missed]:
    """Return what was not given in a time, newest first, with why.

    Parameters
    ----------
    customer
        Whose.
    language
        Of the sentences.
    since, until
        Recorded from (including) and to (excluding); none is no bound.
    """
    values: list[Any] = [customers.record_of(customer), since, until, _MOST]
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, values)
        rows = cursor.fetchall()
    return [
        Missed(at, sentence) for at, kept in rows for sentence in _sentences(kept, language)
    ]


def _sentences(kept: Any, language: Language) -> list[str]:
    """Return each sentence once: a rule that misses a line misses the next for the same."""
    found = json.loads(kept) if isinstance(kept, str) else kept
    said = [say(each.get("reason", each), language) for each in found]
    return list(dict.fromkeys(said))
