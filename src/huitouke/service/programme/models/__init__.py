"""Records of the programme."""

from huitouke.service.programme.models.closings import Closing
from huitouke.service.programme.models.coupons import Code, CodeBatch, CodeUse, CouponCampaign
from huitouke.service.programme.models.errands import Errand
from huitouke.service.programme.models.imports import ImportedBalance
from huitouke.service.programme.models.members import (
    Adjustment,
    Day,
    Done,
    Fact,
    Mark,
    Membership,
    Notice,
    OrderEarning,
    Purchase,
    Qualifying,
    Use,
)
from huitouke.service.programme.models.referrals import (
    Referral,
    ReferralCode,
    Stamp,
    StampGrant,
    StampState,
    Trace,
)
from huitouke.service.programme.models.rewards import Pact, Redemption, Reward
from huitouke.service.programme.models.tiers import TierChange
from huitouke.service.programme.models.versions import Programme, Version

__all__ = [
    "Adjustment",
    "Closing",
    "Code",
    "CodeBatch",
    "CodeUse",
    "CouponCampaign",
    "Day",
    "Done",
    "Errand",
    "Fact",
    "ImportedBalance",
    "Mark",
    "Membership",
    "Notice",
    "OrderEarning",
    "Pact",
    "Programme",
    "Purchase",
    "Qualifying",
    "Redemption",
    "Referral",
    "ReferralCode",
    "Reward",
    "Stamp",
    "StampGrant",
    "StampState",
    "TierChange",
    "Trace",
    "Use",
    "Version",
]
