"""Names of facts count once, for ever: taking them, and the answers they got."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from msgspec.json import encode

from huitouke.language import N_
from huitouke.service.core.actor import Actor
from huitouke.service.core.columns import columns
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.idempotency import BodyDiffers
from huitouke.service.core.ids import new_id, public_id
from huitouke.service.programme.events.facts import EVIDENCE, FactBase, fact_hash
from huitouke.service.programme.events.results import FactResult

__all__ = [
    "Claim",
    "Claimed",
    "FactDiffers",
    "FactRepeated",
    "answer",
    "answer_rows",
    "claim",
    "free",
    "invalid_of",
]

_CLAIM = """
INSERT INTO programme_fact (source, source_id, id, type, request_hash, body, occurred_at,
  recorded_at, actor)
SELECT source, source_id, id, type, hash, body::jsonb, occurred_at, (SELECT core_now()), %b
FROM unnest(%b::text[], %b::text[], %b::uuid[], %b::text[], %b::bytea[], %b::text[],
  %b::timestamptz[]) AS new(source, source_id, id, type, hash, body, occurred_at)
ON CONFLICT (source, source_id) DO NOTHING
RETURNING source, source_id, recorded_at
"""
_KNOWN = """
SELECT f.source, f.source_id, f.id, f.type, f.request_hash, f.answer
FROM unnest(%b::text[], %b::text[]) AS k(source, source_id)
JOIN programme_fact f ON f.source = k.source AND f.source_id = k.source_id
"""
#: Keeps answers; its parameters are the columns of :func:`answer_rows`.
ANSWER = """
UPDATE programme_fact f SET answer = n.answer, customer = n.customer
FROM unnest(%b::text[], %b::text[], %b::text[], %b::uuid[])
  AS n(source, source_id, answer, customer)
WHERE f.source = n.source AND f.source_id = n.source_id
"""
_NAMES = "text text"
_CLAIMS = "text text uuid text bytea text timestamptz"
#: Types of the columns of :func:`answer_rows`.
ANSWERS = "text text text uuid"
_FREE = """
DELETE FROM programme_fact f USING unnest(%b::text[], %b::text[]) AS k(source, source_id)
WHERE f.source = k.source AND f.source_id = k.source_id AND f.answer IS NULL
"""


class FactDiffers(BodyDiffers):
    """The fact's name is known, for another fact."""

    code = "programme.idempotency_mismatch"
    says = N_("The fact {source_id!r} of {source!r} was told before, with other content.")
    remedy = N_("Send it as it was, or give a new fact its own source_id.")


class FactRepeated(ServiceError):
    """One request tells a fact twice, each time differently."""

    code = "programme.fact_repeated"
    status = 422
    says = N_("The fact {source_id!r} of {source!r} stands twice in this request.")
    remedy = N_("Give every fact its own source_id.")


_NOT_KEPT = {"customer", "type", "source", "source_id", "occurred_at"}


@dataclass(frozen=True, slots=True)
class Claim:
    """A fact whose name is taken in this transaction."""

    place: int
    fact: FactBase
    id: UUID

    @property
    def key(self) -> str:
        """The name as keys of postings carry it; no two names have one key."""
        source = self.fact.source.replace("%", "%25").replace(":", "%3A")
        return f"{self.fact.type}:{source}:{self.fact.source_id}"


@dataclass(frozen=True, slots=True)
class Claimed:
    """Facts to work on, and answers that stand already, by place in the request.

    ``at`` is the database's time, none where nothing is new; ``repeats`` names the first
    telling of a fact that stands twice.
    """

    at: datetime | None
    new: list[Claim]
    answers: dict[int, FactResult]
    repeats: dict[int, int]


def _body(fact: FactBase) -> str | None:
    """Return what is kept of a fact: orders keep themselves, and persons are left out."""
    if fact.type.startswith("order."):
        return None
    said = fact.model_dump(mode="json", exclude=_NOT_KEPT, exclude_defaults=True)
    if "attributes" in said:
        kept = {n: v for n, v in said["attributes"].items() if n not in EVIDENCE}
        said["attributes"] = kept
    return encode(said).decode()


def claim(facts: Sequence[tuple[int, FactBase]], *, actor: Actor) -> Claimed:
    """Take the names of facts for this transaction, in the order of the names.

    Who sends the same name at the same moment waits here until the other has answered.

    Parameters
    ----------
    facts
        Place in the request, and fact.
    actor
        Who tells them.
    """
    hashes: dict[tuple[str, str], bytes] = {}
    first: dict[tuple[str, str], Claim] = {}
    answers: dict[int, FactResult] = {}
    repeats: dict[int, int] = {}
    for place, fact in facts:
        name = (fact.source, fact.source_id)
        hashed = fact_hash(fact)
        if name not in first:
            hashes[name], first[name] = hashed, Claim(place, fact, new_id())
        elif hashes[name] == hashed:
            repeats[place] = first[name].place
        else:
            answers[place] = invalid_of(
                fact, error=FactRepeated(source=fact.source, source_id=fact.source_id)
            )
    rows = [
        (*name, c.id, c.fact.type, hashes[name], _body(c.fact), c.fact.occurred_at)
        for name, c in sorted(first.items())
    ]
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [str(actor), *columns(_CLAIMS, rows)])
        taken = {(source, source_id): at for source, source_id, at in cursor.fetchall()}
    if len(taken) < len(first):
        lost = {name: c for name, c in first.items() if name not in taken}
        answers.update(_known(lost, hashes=hashes))
    new = [c for name, c in first.items() if name in taken]
    return Claimed(next(iter(taken.values()), None), new, answers, repeats)


def _known(
    lost: dict[tuple[str, str], Claim], *, hashes: dict[tuple[str, str], bytes]
) -> dict[int, FactResult]:
    # A statement of its own: it sees what another sender committed while we waited.
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, columns(_NAMES, lost))
        rows = cursor.fetchall()
    found: dict[int, FactResult] = {}
    for source, source_id, key, kind, hashed, kept in rows:
        mine = lost[source, source_id]
        if bytes(hashed) != hashes[source, source_id]:
            error = FactDiffers(source=source, source_id=source_id)
            found[mine.place] = invalid_of(mine.fact, error=error)
        else:
            name = (source, source_id, kind)
            told = FactResult.read(json.loads(kept), name=name, id=public_id("evt", key))
            found[mine.place] = told.again()
    return found


def invalid_of(fact: FactBase, *, error: ServiceError) -> FactResult:
    """Return the answer to a fact of which nothing was kept.

    Parameters
    ----------
    fact
        The fact.
    error
        Why.
    """
    return FactResult(
        source=fact.source,
        source_id=fact.source_id,
        type=fact.type,
        status="invalid",
        code=error.code,
        says={"en": error.text("en"), "zh": error.text("zh")},
    )


def answer_rows(
    results: Iterable[tuple[Claim, FactResult, UUID | None]],
) -> list[tuple[Any, ...]]:
    """Return the answers as they are kept.

    Parameters
    ----------
    results
        Claim, its answer, and the customer it was about.
    """
    return [
        (c.fact.source, c.fact.source_id, encode(told.kept()).decode(), customer)
        for c, told, customer in results
    ]


def answer(claim: Claim, *, told: FactResult, customer: UUID | None) -> None:
    """Keep the answer of a fact that was claimed in this transaction.

    Parameters
    ----------
    claim
        The fact.
    told
        Its answer.
    customer
        Whom it was about.
    """
    with connection.cursor() as cursor:
        cursor.execute(ANSWER, columns(ANSWERS, answer_rows([(claim, told, customer)])))


def free(claims: Sequence[Claim]) -> None:
    """Give back names that were taken in this transaction: those facts may come again.

    Parameters
    ----------
    claims
        Claims without an answer.
    """
    rows = [(c.fact.source, c.fact.source_id) for c in claims]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_FREE, columns(_NAMES, rows))
