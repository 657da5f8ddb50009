"""Back-tests and exploit checks as requests and answers show them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AwareDatetime, Field

from huitouke.service.api.shapes.fields import Given, Key
from huitouke.service.programme.economics.loops.finding import Finding
from huitouke.service.programme.economics.plain import plain

__all__ = ["BacktestIn", "CheckIn", "FindingOut", "FindingsOut", "StepOut"]


class BacktestIn(Given):
    """One or two drafts by name, and which orders to replay."""

    definitions: Annotated[dict[Key, dict[str, Any]], Field(min_length=1, max_length=2)]
    programme: Key = "main"
    unit: Key = "points"
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    members: Literal["enrolled", "buyers"] | None = None


class CheckIn(Given):
    """A draft to search for money loops, with the rewards and campaigns that run."""

    definition: dict[str, Any]
    programme: Key = "main"


class StepOut(Schema):
    """One step of a counter-example."""

    says: dict[str, str]
    cart: dict[str, Any] | None
    points: int
    cash_minor: int


class FindingOut(Schema):
    """One money loop with the steps that show it."""

    kind: str
    severity: str
    gain_minor: int
    currency: str
    rules: list[str]
    says: dict[str, str]
    steps: list[StepOut]

    @classmethod
    def of(cls, found: Finding) -> FindingOut:
        """Return what is shown of a finding."""
        return cls(
            kind=found.kind,
            severity=found.severity,
            gain_minor=found.gain_minor,
            currency=found.currency,
            rules=list(found.rules),
            says={"zh": found.text("zh"), "en": found.text("en")},
            steps=[
                StepOut(
                    says={"zh": zh, "en": en},
                    cart=plain(step.cart) if step.cart is not None else None,
                    points=step.points,
                    cash_minor=step.cash_minor,
                )
                for step, zh, en in zip(
                    found.steps, found.told("zh"), found.told("en"), strict=True
                )
            ],
        )


class FindingsOut(Schema):
    """What was found, the worst first; none found is no proof that there is none."""

    findings: list[FindingOut]
