"""One fact while it is worked on, and its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.core.outbox import Happening
from huitouke.service.ledger.contract import Receipt
from huitouke.service.programme.events.claims import Claim
from huitouke.service.programme.events.facts import FactBase
from huitouke.service.programme.events.giving import balance_of
from huitouke.service.programme.events.results import FactResult
from huitouke.service.programme.events.rulebook import Rules
from huitouke.service.programme.events.standing import NOTHING, Gained
from huitouke.service.programme.rules.cart import FactView
from huitouke.service.programme.rules.standing import UnitMove

__all__ = ["Task"]

_TOLD = ("rule", "unit", "value", "available_at", "expires_at", "waits_for", "reason")


@dataclass(slots=True)
class Task:
    """One fact under way; ``history``: its order came by a file before, and gives nothing."""

    claim: Claim
    rules: Rules
    view: FactView
    customer: UUID | None
    order: UUID | None = None
    effects: list[dict[str, Any]] = field(default_factory=list)
    reasons: list[dict[str, Any]] = field(default_factory=list)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    happenings: list[Happening] = field(default_factory=list)
    gained: Gained = NOTHING
    error: ServiceError | None = None
    history: bool = False
    moves: list[UnitMove] = field(default_factory=list)
    names: tuple[str, str | None, str | None] | None = None

    @property
    def fact(self) -> FactBase:
        """The fact itself."""
        return self.claim.fact

    def named(self) -> tuple[str, str | None, str | None]:
        """Return the public ids of fact, customer and order, worked out once."""
        if self.names is None:
            self.names = (
                public_id("evt", self.claim.id),
                None if self.customer is None else public_id("cus", self.customer),
                None if self.order is None else public_id("ord", self.order),
            )
        return self.names

    def result(self) -> FactResult:
        """Return the answer."""
        error = self.error
        fact, customer, order = self.named()
        return FactResult(
            source=self.fact.source,
            source_id=self.fact.source_id,
            type=self.fact.type,
            status="done" if error is None else "refused",
            id=fact,
            code=None if error is None else error.code,
            says=None if error is None else {"en": error.text("en"), "zh": error.text("zh")},
            customer=customer,
            order=order,
            effects=tuple(self.effects),
            reasons=tuple(self.reasons),
            balance={u: balance_of(receipt) for u, receipt in self.receipts.items()} or None,
        )

    def told(self) -> list[Happening]:
        """Return what strangers are told: what was earned, then the rest."""
        fact, customer, order = self.named()
        earned = [
            {name: each[name] for name in _TOLD}
            for each in self.effects
            if each["type"] == "points.earned"
        ]
        if not earned or customer is None:
            return self.happenings
        body = {"fact": fact, "order": order, "effects": earned}
        return [Happening("points.earned", customer, body), *self.happenings]
