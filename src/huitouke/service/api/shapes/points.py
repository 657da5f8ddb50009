"""Balances, entries, tiers, quotes and adjustments as requests and answers show them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AwareDatetime, Field, StrictInt

from huitouke.service.api.shapes.fields import Given, Key, Points, ShortText, Text
from huitouke.service.api.shapes.reasons import said, with_sentences
from huitouke.service.core.bounds import LARGEST
from huitouke.service.core.ids import public_id
from huitouke.service.ledger.contract import Balance, Expiring
from huitouke.service.programme.events.order_facts import FactOrder
from huitouke.service.programme.events.quotes import Quote
from huitouke.service.programme.events.reading import HistoryLine, TierView
from huitouke.service.programme.events.transferring import Transferred
from huitouke.service.programme.models.members import Adjustment

__all__ = [
    "AdjustIn",
    "AdjustmentOut",
    "BalanceOut",
    "CartIn",
    "DecisionIn",
    "EntriesOut",
    "EntryOut",
    "PartOut",
    "ProgressOut",
    "QuoteIn",
    "QuoteOut",
    "TierOut",
    "TransferIn",
    "TransferOut",
]


class PartOut(Schema):
    """Points that go, or become spendable, at one moment; null: never, or not known yet."""

    at: datetime | None
    points: int


class BalanceOut(Schema):
    """What a member has at one moment: ``expiring`` adds up to ``active``."""

    customer: str
    programme: str
    unit: str
    active: int
    pending: int
    held: int
    owed: int
    at: datetime
    expiring: list[PartOut]
    activating: list[PartOut]

    @classmethod
    def of(cls, found: Balance, *, customer: str, programme: str, unit: str) -> BalanceOut:
        """Return what is shown of a balance."""
        return cls(
            customer=customer,
            programme=programme,
            unit=unit,
            active=found.active,
            pending=found.pending,
            held=found.held,
            owed=found.owed,
            at=found.at,
            expiring=_parts(found.expiring),
            activating=_parts(found.activating),
        )


def _parts(found: tuple[Expiring, ...]) -> list[PartOut]:
    return [PartOut(at=each.expires_at, points=each.points) for each in found]


class EntryOut(Schema):
    """One line of the history: four changes, what is spendable after it, and why."""

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
    rule_version: int | None
    actor: str
    reason: dict[str, Any]
    says: dict[str, str]


class EntriesOut(Schema):
    """Some entries, newest first; ``next`` leads on, null at the end."""

    entries: list[EntryOut]
    next: str | None

    @classmethod
    def of(cls, found: list[HistoryLine], *, following: str | None) -> EntriesOut:
        """Return what is shown of a history."""
        shown = []
        for each in found:
            line = each.line
            reason = said(each.reason)
            shown.append(
                EntryOut(
                    seq=line.seq,
                    kind=line.kind,
                    contra=line.contra.partition(":")[0],
                    amount=line.amount,
                    pending=line.pending,
                    held=line.held,
                    debt=line.debt,
                    available_after=line.available_after,
                    pending_after=line.pending_after,
                    effective_at=line.effective_at,
                    created_at=line.created_at,
                    rule_version=line.rule_version,
                    actor=line.actor,
                    says=reason.pop("says"),
                    reason=reason,
                )
            )
        return cls(entries=shown, next=following)


class ProgressOut(Schema):
    """How far it is to keep the tier and to the next, by when, and at the present pace."""

    metric: int
    keep_by: date | None
    to_keep: int
    next_tier: str | None
    to_reach: int
    reach_by: date | None
    pace_30_days: int | None
    keeps_at_pace: bool | None
    reaches_at_pace: bool | None
    reasons: list[dict[str, Any]]


class TierOut(Schema):
    """Where a member stands."""

    customer: str
    programme: str
    enrolled: bool
    joined_at: datetime | None
    tier: str | None
    name: dict[str, str] | None
    since: date | None
    review_on: date | None
    grace_until: date | None
    granted_through: date | None
    paid_through: date | None
    metric: str | None
    says: dict[str, str] | None
    progress: ProgressOut | None

    @classmethod
    def of(cls, found: TierView, *, customer: str) -> TierOut:
        """Return what is shown of a standing."""
        way = found.progress
        return cls(
            customer=customer,
            programme=found.programme,
            enrolled=found.enrolled,
            joined_at=found.joined_at,
            tier=found.tier,
            name=found.name,
            since=found.since,
            review_on=found.review_on,
            grace_until=found.grace_until,
            granted_through=found.granted_through,
            paid_through=found.paid_through,
            metric=found.metric,
            says=found.says,
            progress=None
            if way is None
            else ProgressOut(
                metric=way.metric,
                keep_by=way.keep_by,
                to_keep=way.to_keep,
                next_tier=way.next_tier,
                to_reach=way.to_reach,
                reach_by=way.reach_by,
                pace_30_days=way.pace,
                keeps_at_pace=way.keeps_at_pace,
                reaches_at_pace=way.reaches_at_pace,
                reasons=[said(each) for each in way.reasons],
            ),
        )


class CartIn(FactOrder):
    """A cart: an order that has no number yet."""

    number: ShortText = "cart"


class QuoteIn(Given):
    """What to price: a cart, for whom, when, and under which version."""

    cart: CartIn
    customer: Key | None = None
    programme: Key = "main"
    at: AwareDatetime | None = None
    version: Annotated[StrictInt, Field(ge=1, le=1_000_000_000)] | None = None


class QuoteOut(Schema):
    """What the cart would earn; nothing was written."""

    programme: str
    version: int
    at: datetime
    customer: str | None
    tier: str | None
    eligible_minor: int
    points: dict[str, int]
    effects: list[dict[str, Any]]
    reasons: list[dict[str, Any]]

    @classmethod
    def of(cls, found: Quote) -> QuoteOut:
        """Return what is shown of a quote."""
        return cls(
            programme=found.programme,
            version=found.version,
            at=found.at,
            customer=found.customer,
            tier=found.tier,
            eligible_minor=found.eligible_minor,
            points=found.points,
            effects=with_sentences(list(found.effects)),
            reasons=with_sentences(list(found.reasons)),
        )


class AdjustIn(Given):
    """Points to give (above 0) or take (below 0), and why."""

    points: Annotated[StrictInt, Field(ge=-LARGEST, le=LARGEST)]
    reason_code: Key
    note: Text = ""
    unit: Key = "points"
    programme: Key = "main"


class DecisionIn(Given):
    """Why, where it is a no."""

    note: Text = ""


class AdjustmentOut(Schema):
    """An adjustment: done, waiting for a second person, or rejected."""

    id: str
    state: Literal["waiting", "done", "refused", "rejected"]
    unit: str
    points: int
    reason_code: str
    outcome: str
    asked_by: str
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None

    @classmethod
    def of(cls, found: Adjustment) -> AdjustmentOut:
        """Return what is shown of a record."""
        return cls.model_validate(
            {
                "id": public_id("adj", found.pk),
                "state": found.state,
                "unit": found.unit,
                "points": found.points,
                "reason_code": found.reason_code,
                "outcome": found.outcome,
                "asked_by": found.asked_by,
                "asked_at": found.asked_at,
                "decided_by": found.decided_by,
                "decided_at": found.decided_at,
            }
        )


class TransferIn(Given):
    """Who gives how many to whom."""

    giver: Key
    receiver: Key
    points: Points
    unit: Key = "points"
    programme: Key = "main"


class TransferOut(Schema):
    """Points that went from one member to another.

    From ``available_at`` on the receiver may use them; null is at once. What the giver has
    ``left`` is told to keys with ``points:read``.
    """

    giver: str
    receiver: str
    unit: str
    points: int
    left: int | None
    at: datetime
    available_at: datetime | None

    @classmethod
    def of(cls, found: Transferred) -> TransferOut:
        """Return what is shown of a transfer."""
        return cls(
            giver=found.giver,
            receiver=found.receiver,
            unit=found.unit,
            points=found.points,
            left=found.left,
            at=found.at,
            available_at=found.available_at,
        )
