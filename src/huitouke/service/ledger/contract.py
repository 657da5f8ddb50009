"""What the ledger takes and gives: postings in, receipts and balances out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

__all__ = [
    "Balance",
    "DebtPolicy",
    "Earn",
    "Expiring",
    "Given",
    "Line",
    "LotView",
    "Receipt",
    "Spend",
]

DebtPolicy = Literal["debt", "within_balance", "pending_only", "absorb"]


@dataclass(frozen=True, slots=True)
class Given:
    """Which lots a policy is for.

    Parameters
    ----------
    versions
        Those given under one of these versions of the rules.
    spans
        Those whose posting names no version, written from the first moment of one of these
        spans on and before its second; None: without end.
    """

    versions: tuple[int, ...]
    spans: tuple[tuple[datetime, datetime | None], ...]


@dataclass(frozen=True, kw_only=True)
class Earn:
    """Points to credit as one lot.

    Parameters
    ----------
    account
        Account number.
    key
        Unique per account, for ever; made by the caller, the same on every retry.
    amount
        Points, > 0.
    effective_at
        When it happened in the shop.
    available_at
        When it may be spent; None or past: at once.
    expires_at
        First moment at which it is gone; None: never.
    kind, contra
        How entry and counter-account are named; ``earn`` against ``issue`` by default.
    reason
        ``{"code": …, values}``: what a person reads, in either language.
    rule_version
        Number of the programme version that gave it.
    """

    account: int
    key: str
    amount: int
    effective_at: datetime
    actor: str
    reason: dict[str, Any]
    available_at: datetime | None = None
    expires_at: datetime | None = None
    kind: str = "earn"
    contra: str = "issue"
    rule_version: int | None = None


@dataclass(frozen=True, kw_only=True)
class Spend:
    """Points to take, soonest to expire first.

    Parameters
    ----------
    account, key, amount, effective_at, actor, reason, rule_version
        As for :class:`Earn`.
    kind, contra
        ``burn`` against ``redeem`` by default; a negative adjustment names itself.
    """

    account: int
    key: str
    amount: int
    effective_at: datetime
    actor: str
    reason: dict[str, Any]
    kind: str = "burn"
    contra: str = "redeem"
    rule_version: int | None = None


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What a posting did, the same for every repeat of its key.

    ``outcome`` is ``"done"`` or the code of a refusal (then nothing changed). The four
    balances are those after it; ``detail`` holds what the kind adds, e.g. for a claw-back
    ``taken``, ``expired``, ``owed``, ``forgiven``.
    """

    account: int
    key: str
    outcome: str
    seq: int | None
    available: int
    pending: int
    held: int
    debt: int
    created_at: datetime
    replayed: bool = False
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Expiring:
    """Spendable points that go at one moment; ``None`` is never."""

    expires_at: datetime | None
    points: int


@dataclass(frozen=True, kw_only=True)
class Balance:
    """What a member has, at one moment and in one reading.

    ``sum(points of expiring) == active``. ``held`` points are set aside for an open
    redemption, ``owed`` ones are settled by the next credits.
    """

    active: int
    pending: int
    held: int
    owed: int
    at: datetime
    expiring: tuple[Expiring, ...]
    activating: tuple[Expiring, ...]


@dataclass(frozen=True, kw_only=True)
class LotView:
    """One lot as a person at the desk sees it."""

    lot: int
    earned: int
    remaining: int
    active: bool
    available_at: datetime
    expires_at: datetime | None
    source_key: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """One entry of a member's history with the balance after it and its reason."""

    seq: int
    kind: str
    contra: str
    amount: int
    pending: int
    held: int
    debt: int
    available_after: int
    pending_after: int
    effective_at: datetime
    created_at: datetime
    op_key: str
    reason: dict[str, Any]
    rule_version: int | None
    actor: str
