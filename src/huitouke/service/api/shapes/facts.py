"""Answers to facts."""

from __future__ import annotations

from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from huitouke.service.api.answers import Pointer
from huitouke.service.api.shapes.reasons import said
from huitouke.service.programme.events.facts import FACT

__all__ = ["FactAnswer", "FactsAnswer", "described_fact", "seen"]


def described_fact() -> dict[str, Any]:
    """Return the JSON schemas of a fact and its parts, by name, for the OpenAPI document."""
    schema = FACT.json_schema(ref_template="#/components/schemas/{model}")
    parts: dict[str, Any] = schema.pop("$defs", {})
    return {**parts, "Fact": schema}


class FactAnswer(Schema):
    """What one fact came to.

    ``done``: it counts, also when it was told before. ``refused``: a rule says no, and will
    say so to every repeat. ``invalid``: nothing was kept; mend it, or send it again later.
    ``balance`` is told to keys with ``points:read``; what a rule found of the member
    (``actual`` of tier, tags and the like), to keys with ``customers:read``.
    """

    source: str
    source_id: str
    type: str
    status: Literal["done", "refused", "invalid"]
    id: str | None = None
    code: str | None = None
    says: dict[str, str] | None = None
    customer: str | None = None
    order: str | None = None
    refund: str | None = None
    effects: list[dict[str, Any]] = Field(default_factory=list)
    reasons: list[dict[str, Any]] = Field(default_factory=list)
    balance: dict[str, dict[str, int]] | None = None
    errors: list[Pointer] = Field(default_factory=list)


class FactsAnswer(Schema):
    """One result per fact of the array, in its order."""

    results: list[FactAnswer]


def seen(told: dict[str, Any], *, scopes: frozenset[str]) -> dict[str, Any]:
    """Return the answer to a fact as a key with these scopes may see it.

    A key that only writes learns what its fact came to, and nothing else of the person.

    Parameters
    ----------
    told
        The answer to one fact or to an array, or the problem that holds it.
    scopes
        Of the key.
    """
    if {"points:read", "customers:read"} <= scopes:
        return told
    if "results" in told:
        return {**told, "results": [seen(each, scopes=scopes) for each in told["results"]]}
    result = (told.get("values") or {}).get("result")
    if result is not None:
        return {**told, "values": {**told["values"], "result": seen(result, scopes=scopes)}}
    shown = dict(told)
    if "points:read" not in scopes:
        shown.pop("balance", None)
    if "customers:read" not in scopes and told.get("reasons"):
        shown["reasons"] = [_blind(each) for each in told["reasons"]]
    return shown


def _blind(miss: dict[str, Any]) -> dict[str, Any]:
    """Return why a rule gave nothing, without what it found of the member."""
    reason = miss.get("reason") or {}
    if not str(reason.get("fact", "")).startswith("member."):
        return miss
    kept = {name: value for name, value in reason.items() if name not in {"actual", "says"}}
    return {**miss, "actual": None, "reason": said(kept) if "says" in reason else kept}
