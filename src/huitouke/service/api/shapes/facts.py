"""Answers to facts."""

from __future__ import annotations

from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from huitouke.service.api.answers import Pointer
from huitouke.service.programme.events.facts import FACT

__all__ = ["FactAnswer", "FactsAnswer", "described_fact"]


def described_fact() -> dict[str, Any]:
    """Return the JSON schemas of a fact and its parts, by name, for the OpenAPI document."""
    schema = FACT.json_schema(ref_template="#/components/schemas/{model}")
    parts: dict[str, Any] = schema.pop("$defs", {})
    return {**parts, "Fact": schema}


class FactAnswer(Schema):
    """What one fact came to.

    ``done``: it counts, also when it was told before. ``refused``: a rule says no, and will
    say so to every repeat. ``invalid``: nothing was kept; mend it, or send it again later.
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
