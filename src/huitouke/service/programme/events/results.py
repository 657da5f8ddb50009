"""What a fact came to: effects, reasons for what was not given, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

__all__ = ["FactResult", "Status"]

Status = Literal["done", "replayed", "refused", "invalid"]


@dataclass(frozen=True, kw_only=True, slots=True)
class FactResult:
    """The answer to one fact.

    Parameters
    ----------
    source, source_id, type
        Which fact.
    status
        ``done`` now; ``replayed``: done before, this is that answer; ``refused``: a rule
        says no, and will say so to every repeat; ``invalid``: nothing was kept, the same
        fact may be sent again (when its order is there, or mended).
    id
        Public id of the fact (``evt_…``); none for an invalid one.
    code
        Stable code of what was wrong; none if nothing was.
    says
        ``{"en": …, "zh": …}`` of what was wrong.
    customer, order, refund
        Public ids of what it was about.
    effects
        What it changed: ``{"type": "points.earned", "rule", "rule_version", "unit",
        "value", "desired", "capped_by", "lines", "available_at", "expires_at",
        "waits_for", "reason"}``, ``points.clawed_back``, ``points.restored``,
        ``tier.upgraded``, ``member.enrolled`` and others.
    reasons
        Rules that gave nothing: ``{"rule", "condition", "actual", "required", "reason"}``.
    balance
        Per unit: ``{"available", "pending", "held", "debt"}`` right after it.
    """

    source: str
    source_id: str
    type: str
    status: Status
    id: str | None = None
    code: str | None = None
    says: dict[str, str] | None = None
    customer: str | None = None
    order: str | None = None
    refund: str | None = None
    effects: tuple[dict[str, Any], ...] = ()
    reasons: tuple[dict[str, Any], ...] = ()
    balance: dict[str, dict[str, int]] | None = None

    def kept(self) -> dict[str, Any]:
        """Return the answer as it is kept, JSON-able, without what the fact says itself."""
        given = {
            "status": self.status,
            "code": self.code,
            "says": self.says,
            "customer": self.customer,
            "order": self.order,
            "refund": self.refund,
            "effects": list(self.effects),
            "reasons": list(self.reasons),
            "balance": self.balance,
        }
        return {name: value for name, value in given.items() if value}

    def again(self) -> FactResult:
        """Return the answer as a repeat of the fact gets it; a refusal stays one."""
        return replace(self, status="replayed") if self.status == "done" else self

    @classmethod
    def read(cls, kept: dict[str, Any], *, name: tuple[str, str, str], id: str) -> FactResult:
        """Return a kept answer.

        Parameters
        ----------
        kept
            What :meth:`kept` gave.
        name
            Source, source id and type of the fact.
        id
            Public id of the fact.
        """
        source, source_id, kind = name
        return cls(
            source=source,
            source_id=source_id,
            type=kind,
            id=id,
            status=kept["status"],
            code=kept.get("code"),
            says=kept.get("says"),
            customer=kept.get("customer"),
            order=kept.get("order"),
            refund=kept.get("refund"),
            effects=tuple(kept.get("effects", ())),
            reasons=tuple(kept.get("reasons", ())),
            balance=kept.get("balance"),
        )
