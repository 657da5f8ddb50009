"""Coupon codes, campaigns and referrals as requests and answers show them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, cast

from ninja import Schema
from pydantic import AwareDatetime, Field, StrictBool, StrictInt

from huitouke.service.api.shapes.fields import Amount, Count, Given, Key, Names, ShortText, Text
from huitouke.service.api.shapes.points import CartIn
from huitouke.service.core.ids import public_id
from huitouke.service.programme.models import coupons
from huitouke.service.programme.models.coupons import CodeBatch, CodeUse, CouponCampaign
from huitouke.service.programme.models.referrals import Referral
from huitouke.service.programme.rewards.sentences import code_reason
from huitouke.service.programme.rewards.stamp_counting import CardCount
from huitouke.service.programme.rewards.validation import Validation
from huitouke.service.programme.rules.extras import StampCard

__all__ = [
    "BatchOut",
    "CampaignIn",
    "CampaignOut",
    "CartRef",
    "CodeOut",
    "CodeUseOut",
    "CodeUsesOut",
    "CodesIn",
    "CodesOut",
    "DecideIn",
    "GenerateIn",
    "HoldCodesIn",
    "ReferralOut",
    "ReferralTicket",
    "SharedCodeIn",
    "StampCardOut",
    "VerdictOut",
    "VoidIn",
]

Code = Annotated[str, Field(min_length=1, max_length=60)]


class CodesIn(Given):
    """Codes as somebody typed them, and the cart they are for."""

    codes: Annotated[list[Code], Field(min_length=1, max_length=20)]
    cart: CartIn
    customer: Key | None = None
    programme: Key = "main"
    reference: ShortText = ""


class VerdictOut(Schema):
    """What is to be said of one code."""

    code: str
    ok: bool
    reason: str
    says: dict[str, str] | None
    discount_minor: int


class CodesOut(Schema):
    """One verdict per code, and what all of them take off each line."""

    verdicts: list[VerdictOut]
    discount_minor: int

    @classmethod
    def of(cls, found: Validation) -> CodesOut:
        """Return what is shown of a validation."""
        return cls(
            verdicts=[
                VerdictOut(
                    code=each.code,
                    ok=each.ok,
                    reason=each.reason,
                    says=None if each.ok else code_reason(each.reason),
                    discount_minor=each.discount_minor,
                )
                for each in found.verdicts
            ],
            discount_minor=sum(each.discount_minor for each in found.verdicts),
        )


class CampaignIn(Given):
    """What a code is worth, to whom and when.

    ``value`` is basis points for ``percent`` (1,500 is 15 %), minor units for ``amount``,
    pieces of ``sku`` for ``product``, and 0 for ``free_delivery``. Without a currency it is
    worth something in the programme's.
    """

    programme: Key = "main"
    names: Names
    kind: Literal["percent", "amount", "free_delivery", "product"]
    value: Amount = 0
    most_minor: Amount | None = None
    sku: ShortText = ""
    currency: Annotated[str, Field(pattern=r"^([A-Z]{3})?$")] = ""
    min_spend_minor: Amount = 0
    scope: dict[str, Any] = Field(default_factory=dict)
    stacking_class: Annotated[str, Field(max_length=40)] = ""
    exclusive: StrictBool = False
    priority: Annotated[StrictInt, Field(ge=0, le=10_000)] = 100
    per_code_limit: Count | None = 1
    per_member_limit: Count | None = None
    total_limit: Count | None = None
    valid_from: AwareDatetime | None = None
    valid_to: AwareDatetime | None = None
    code_days: Annotated[StrictInt, Field(ge=1, le=3_660)] | None = None
    code_length: Annotated[StrictInt, Field(ge=8, le=15)] = 12
    tiers: Annotated[list[Key], Field(max_length=50)] = Field(default_factory=list)
    returns: Literal["never", "whole"] = "whole"
    enabled: StrictBool = True


class CampaignOut(Schema):
    """A coupon campaign."""

    id: str
    programme: str
    names: dict[str, str]
    kind: str
    value: int
    per_code_limit: int | None
    per_member_limit: int | None
    total_limit: int | None
    taken: int
    valid_from: datetime | None
    valid_to: datetime | None
    enabled: bool
    revision: int

    @classmethod
    def of(cls, found: CouponCampaign) -> CampaignOut:
        """Return what is shown of a record."""
        return cls(
            id=public_id("cpn", found.pk),
            programme=found.programme_id,
            names=found.names,
            kind=found.kind,
            value=found.value,
            per_code_limit=found.per_code_limit,
            per_member_limit=found.per_member_limit,
            total_limit=found.total_limit,
            taken=found.taken,
            valid_from=found.valid_from,
            valid_to=found.valid_to,
            enabled=found.enabled,
            revision=found.revision,
        )


class GenerateIn(Given):
    """How many codes to make."""

    count: Annotated[StrictInt, Field(ge=1, le=1_000_000)]


class BatchOut(Schema):
    """Codes that were made together; read them with ``GET /v1/batches/{id}/codes``."""

    id: str
    campaign: str
    count: int
    expires_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, found: CodeBatch) -> BatchOut:
        """Return what is shown of a record."""
        return cls(
            id=public_id("bat", found.pk),
            campaign=public_id("cpn", found.campaign_id),
            count=found.count,
            expires_at=found.expires_at,
            created_at=found.created_at,
        )


class SharedCodeIn(Given):
    """A word of the merchant's own as a code, and when it ends, if before its campaign.

    Letters and digits; case, spaces and dashes do not matter.
    """

    code: Annotated[str, Field(min_length=3, max_length=40)]
    expires_at: AwareDatetime | None = None


class VoidIn(Given):
    """Why a code is withdrawn."""

    reason: Annotated[Text, Field(min_length=1)]
    programme: Key = "main"


class CodeOut(Schema):
    """One code; ``void`` says that it was withdrawn for good."""

    code: str
    campaign: str
    void: bool
    expires_at: datetime | None
    issued_at: datetime

    @classmethod
    def of(cls, found: coupons.Code) -> CodeOut:
        """Return what is shown of a record."""
        return cls(
            code=found.code,
            campaign=public_id("cpn", found.campaign_id),
            void=found.void,
            expires_at=found.expires_at,
            issued_at=found.issued_at,
        )


class ReferralTicket(Schema):
    """The code with which a member brings friends."""

    customer: str
    code: str


class DecideIn(Given):
    """Why."""

    reason: Text


class ReferralOut(Schema):
    """One friend brought by one advocate; ``flags`` say what a person has to look at."""

    id: str
    state: str
    advocate: str
    friend: str
    flags: list[str]
    advocate_points: int
    friend_points: int
    created_at: datetime

    @classmethod
    def of(cls, found: Referral) -> ReferralOut:
        """Return what is shown of a record."""
        return cls(
            id=public_id("rfl", found.pk),
            state=found.state,
            advocate=public_id("cus", found.advocate_id),
            friend=public_id("cus", found.friend_id),
            flags=found.flags,
            advocate_points=found.advocate_points,
            friend_points=found.friend_points,
            created_at=found.created_at,
        )


class HoldCodesIn(CodesIn):
    """Codes for a cart that keeps them until it is paid or given up."""

    reference: Annotated[str, Field(min_length=1, max_length=255)]
    hold_seconds: Annotated[StrictInt, Field(ge=60, le=604_800)] = 1_800


class CartRef(Given):
    """The cart's own name."""

    reference: Annotated[str, Field(min_length=1, max_length=255)]
    programme: Key = "main"


class CodeUseOut(Schema):
    """One use of one code by one cart."""

    code: str
    campaign: str
    state: Literal["held", "redeemed", "released", "rolled_back"]
    discount_minor: int
    expires_at: datetime


class CodeUsesOut(Schema):
    """What a cart's codes came to."""

    reference: str
    uses: list[CodeUseOut]
    changed: int

    @classmethod
    def of(
        cls, uses: Sequence[CodeUse], *, reference: str, changed: int | None = None
    ) -> CodeUsesOut:
        """Return what is shown of uses."""
        return cls(
            reference=reference,
            changed=len(uses) if changed is None else changed,
            uses=[
                CodeUseOut(
                    code=each.code_id,
                    campaign=public_id("cpn", each.campaign_id),
                    state=cast("Any", each.state),
                    discount_minor=each.discount_minor,
                    expires_at=each.expires_at,
                )
                for each in uses
            ],
        )


class StampCardOut(Schema):
    """A stamp card and where a member's stands."""

    id: str
    name: dict[str, str]
    stamps: int
    needed: int
    filled: int

    @classmethod
    def of(cls, card: StampCard, count: CardCount) -> StampCardOut:
        """Return what is shown of a card."""
        return cls(
            id=card.id,
            name={"zh": card.name.said("zh"), "en": card.name.said("en")},
            stamps=count.stamps,
            needed=card.stamps,
            filled=count.full,
        )
