"""Why points buy nothing this time: a refusal per reason, kept under the request's key."""

from __future__ import annotations

from huitouke.language import N_
from huitouke.service.core.errors import Refused, ServiceError

__all__ = [
    "AlreadyEnded",
    "HoldExpired",
    "InsufficientPoints",
    "MemberLimitReached",
    "NotCaptured",
    "NotEnrolled",
    "PartOfPact",
    "PointsNotTaken",
    "RedemptionUnknown",
    "ReversalTooLarge",
    "RewardNotValidNow",
    "RewardOutOfStock",
    "RewardUnknown",
    "RewardUsed",
    "TierTooLow",
]


class NotEnrolled(Refused):
    """Only members redeem."""

    code = "programme.not_enrolled"
    status = 409
    says = N_("This customer is not a member of the programme {programme}.")
    remedy = N_("Enrol the customer first.")


class InsufficientPoints(Refused):
    """The member has fewer spendable points than it takes."""

    code = "programme.insufficient_points"
    status = 409
    says = N_("It takes {required} points; the member can spend {available}.")
    remedy = N_(
        "Choose something for fewer points, or wait until pending points are available."
    )


class RewardOutOfStock(Refused):
    """The last one is gone, or set aside for somebody else."""

    code = "programme.reward_out_of_stock"
    status = 409
    says = N_("The reward {reward} is out of stock.")
    remedy = N_("Choose another reward; one comes back when somebody's hold is released.")


class MemberLimitReached(Refused):
    """The member has had as many as one member may have."""

    code = "programme.member_limit_reached"
    status = 409
    says = N_("A member may have this reward {limit} times; this member had it {had} times.")
    remedy = N_("Choose another reward.")


class RewardNotValidNow(Refused):
    """The reward is switched off, not begun or over."""

    code = "programme.reward_not_valid_now"
    status = 409
    says = N_("The reward {reward} cannot be had at this time.")
    remedy = N_("Look at its validity, or choose another reward.")


class TierTooLow(Refused):
    """The reward is for other tiers."""

    code = "programme.tier_too_low"
    status = 409
    says = N_("The reward {reward} is not for the tier {tier!r}.")
    remedy = N_("It is for: {tiers}.")


class HoldExpired(Refused):
    """The points were set aside for a while, and the while is over."""

    code = "programme.hold_expired"
    status = 409
    says = N_("The points were set aside until {expires_at}; that time has passed.")
    remedy = N_("Redeem again, with a new key.")


class AlreadyEnded(Refused):
    """What was released or reversed cannot be captured."""

    code = "programme.redemption_ended"
    status = 409
    says = N_("This redemption is {state} and cannot be completed.")
    remedy = N_("Redeem again, with a new key.")


class NotCaptured(Refused):
    """Only what was completed can be reversed, and only what was spent released no more."""

    code = "programme.redemption_not_captured"
    status = 409
    says = N_("This redemption is {state}; that cannot be done with it.")
    remedy = N_("A held redemption is released; a captured one is reversed.")


class RewardUsed(Refused):
    """The reward was used, so its points do not come back."""

    code = "programme.reward_used"
    status = 409
    says = N_("The reward was already used; its points do not come back.")
    remedy = N_("Set the reward to charge what was used, or adjust the points with a reason.")


class ReversalTooLarge(Refused):
    """More points than are left of the redemption."""

    code = "programme.reversal_too_large"
    status = 409
    says = N_("{points} points cannot come back; {left} are left of this redemption.")
    remedy = N_("Reverse at most what is left, or leave the number out to reverse all of it.")


class PartOfPact(Refused):
    """Two members pay together: neither part goes alone."""

    code = "programme.redemption_of_pact"
    status = 409
    says = N_("This redemption is one of two for a shared reward and does not go alone.")
    remedy = N_("Complete or release the shared reward as a whole.")


class PointsNotTaken(Refused):
    """The rules of part payment do not take this number of points."""

    code = "programme.points_not_taken"
    status = 409
    says = N_("{points} points cannot pay here: at least {least}, at most {most}.")
    remedy = N_("Send a number of points within these limits.")


class RedemptionUnknown(ServiceError):
    """No redemption has this id."""

    code = "programme.redemption_unknown"
    status = 404
    says = N_("There is no redemption {redemption}.")
    remedy = N_("Use the id that the redemption was answered with.")


class RewardUnknown(ServiceError):
    """No reward has this id."""

    code = "programme.reward_unknown"
    status = 404
    says = N_("There is no reward {reward}.")
    remedy = N_("Use the id of a reward in the list of rewards.")
