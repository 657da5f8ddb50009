"""Rewards and redemptions as requests and answers show them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, cast

from ninja import Schema
from pydantic import AwareDatetime, Field, StrictBool, StrictInt

from huitouke.service.api.shapes.fields import (
    Amount,
    Count,
    Given,
    Key,
    Names,
    Points,
    ShortText,
    Text,
)
from huitouke.service.core.ids import public_id
from huitouke.service.programme.models.rewards import Pact, Redemption, Reward
from huitouke.service.programme.rewards.offers import RewardOffer
from huitouke.service.programme.rewards.reversals import Because

__all__ = [
    "CaptureIn",
    "JoinIn",
    "OfferOut",
    "PactIn",
    "PactOut",
    "PactReversalIn",
    "RedeemIn",
    "RedemptionOut",
    "RenewIn",
    "ReversalIn",
    "RewardChange",
    "RewardIn",
    "RewardOut",
    "RewardTerms",
    "StockIn",
    "WhyNot",
]

Stock = Annotated[StrictInt, Field(ge=0, le=1_000_000_000)]


class RedeemIn(Given):
    """What to redeem: a reward, or points as part payment.

    ``unit`` says what pays a part, e.g. stored value, which pays what it says; none is the
    unit of the programme's rules of part payment.
    """

    customer: Key
    programme: Key = "main"
    reward: Key | None = None
    points: Points | None = None
    order_minor: Amount | None = None
    # Left out of the hash where it is not sent: older requests are known as they were.
    unit: Annotated[Key | None, Field(exclude_if=lambda given: given is None)] = None
    hold_seconds: Annotated[StrictInt, Field(ge=60, le=604_800)] = 1_800


class CaptureIn(Given):
    """Of a part payment: how many points were needed in the end; none is all."""

    points: Points | None = None


class PactReversalIn(Given):
    """Why both members get their points back."""

    because: Because = "goods_returned"
    note: Text = ""


class ReversalIn(Given):
    """How many points to give back (none: all that are left), and why."""

    points: Points | None = None
    because: Because = "goods_returned"
    note: Text = ""


class RedemptionOut(Schema):
    """Points set aside or spent."""

    id: str
    state: Literal["held", "captured", "released", "reversed", "part_reversed"]
    programme: str
    customer: str
    reward: str | None
    unit: str
    points: int
    captured_points: int
    reversed_points: int
    cash_minor: int
    worth_minor: int
    charged_minor: int
    code: str
    expires_at: datetime
    created_at: datetime
    captured_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, found: Redemption) -> RedemptionOut:
        """Return what is shown of a record."""
        return cls(
            id=public_id("rdm", found.pk),
            state=cast("Any", found.state),
            programme=found.programme_id,
            customer=public_id("cus", found.customer_id),
            reward=public_id("rwd", found.reward_id) if found.reward_id else None,
            unit=found.unit,
            points=found.points,
            captured_points=found.captured_points,
            reversed_points=found.reversed_points,
            cash_minor=found.cash_minor,
            worth_minor=found.worth_minor,
            charged_minor=found.charged_minor,
            code=found.code,
            expires_at=found.expires_at,
            created_at=found.created_at,
            captured_at=found.captured_at,
            ended_at=found.ended_at,
        )


class RewardTerms(Given):
    """What a reward may say; each is optional when one is changed."""

    names: Names | None = None
    cost_points: Points | None = None
    cash_minor: Amount | None = None
    per_member_limit: Count | None = None
    limit_days: Annotated[StrictInt, Field(ge=1, le=3_660)] | None = None
    valid_from: AwareDatetime | None = None
    valid_to: AwareDatetime | None = None
    tiers: Annotated[list[Key], Field(max_length=50)] | None = None
    cooperative: StrictBool | None = None
    campaign: Key | None = None
    when_used: Literal["refuse", "charge"] | None = None
    charge_minor: Amount | None = None
    sku: ShortText | None = None
    unit: Key | None = None
    enabled: StrictBool | None = None


class RewardIn(RewardTerms):
    """A new reward."""

    programme: Key = "main"
    code: Key
    kind: Literal[
        "product", "voucher", "percent", "amount", "free_delivery", "gift_card", "service"
    ]
    names: Names
    cost_points: Points
    stock_left: Stock | None = None


class RewardChange(RewardTerms):
    """What to change of a reward, on top of the revision that was read."""

    programme: Key = "main"
    revision: Count


class StockIn(Given):
    """How many more there are."""

    programme: Key = "main"
    count: Count


class RewardOut(Schema):
    """Something that points buy."""

    id: str
    code: str
    kind: str
    names: dict[str, str]
    unit: str
    cost_points: int
    cash_minor: int
    stock_left: int | None
    per_member_limit: int | None
    valid_from: datetime | None
    valid_to: datetime | None
    tiers: list[str]
    cooperative: bool
    enabled: bool
    revision: int

    @classmethod
    def of(cls, reward: Reward) -> RewardOut:
        """Return what is shown of a record."""
        return cls(
            id=public_id("rwd", reward.pk),
            code=reward.code,
            kind=reward.kind,
            names=reward.names,
            unit=reward.unit,
            cost_points=reward.cost_points,
            cash_minor=reward.cash_minor,
            stock_left=reward.stock_left,
            per_member_limit=reward.per_member_limit,
            valid_from=reward.valid_from,
            valid_to=reward.valid_to,
            tiers=reward.tiers,
            cooperative=reward.cooperative,
            enabled=reward.enabled,
            revision=reward.revision,
        )


class WhyNot(Schema):
    """What stands in the way, as the refusal would say it."""

    code: str
    messages: dict[str, str]
    values: dict[str, Any]


class OfferOut(Schema):
    """A reward as one member sees it."""

    reward: RewardOut
    reachable: bool
    points_missing: int
    left_for_member: int | None
    why_not: list[WhyNot]

    @classmethod
    def of(cls, offer: RewardOffer) -> OfferOut:
        """Return what is shown of an offer."""
        return cls(
            reward=RewardOut.of(offer.reward),
            reachable=offer.reachable,
            points_missing=offer.points_missing,
            left_for_member=offer.left_for_member,
            why_not=[
                WhyNot(
                    code=each.code.rpartition(".")[2],
                    messages={"zh": each.text("zh"), "en": each.text("en")},
                    values={name: str(value) for name, value in each.values.items()},
                )
                for each in offer.why_not
            ],
        )


class RenewIn(Given):
    """How long from now on."""

    hold_seconds: Annotated[StrictInt, Field(ge=60, le=604_800)] = 1_800


class PactIn(Given):
    """A shared reward: what the first member pays of it; the rest is left to a partner."""

    customer: Key
    reward: Key
    points: Points
    programme: Key = "main"
    hold_seconds: Annotated[StrictInt, Field(ge=60, le=2_592_000)] = 86_400


class JoinIn(Given):
    """Who pays the rest."""

    customer: Key


class PactOut(Schema):
    """A shared reward on its way: two members pay for it together, or nobody does."""

    id: str
    state: Literal["open", "ready", "captured", "released", "reversed"]
    reward: str
    starter: str
    partner: str | None
    missing_points: int
    expires_at: datetime

    @classmethod
    def of(cls, pact: Pact) -> PactOut:
        """Return what is shown of a record."""
        return cls(
            id=public_id("pct", pact.pk),
            state=cast("Any", pact.state),
            reward=public_id("rwd", pact.reward_id),
            starter=public_id("cus", pact.starter_id),
            partner=public_id("cus", pact.partner_id) if pact.partner_id else None,
            missing_points=pact.missing_points,
            expires_at=pact.expires_at,
        )
