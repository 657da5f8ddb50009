"""What the reasons of rewards say, in the forms of ``rules.sentences``."""

from __future__ import annotations

from huitouke.language import N_

__all__ = ["REWARD_SENTENCES"]

#: Code of a reason to its forms, the most complete first.
REWARD_SENTENCES: dict[str, tuple[str, ...]] = {
    "held.renewed": (
        N_("{points} set aside for longer."),
        N_("Points set aside for longer."),
    ),
    "referral.taken_back": (
        N_("{points} taken back: the first order of the friend was returned."),
        N_("Points taken back: the first order of the friend was returned."),
    ),
    "stamps.taken_back": (
        N_("{points} taken back: what had filled the stamp card was returned."),
        N_("Points taken back: what had filled the stamp card was returned."),
    ),
    "stamps.added": (N_("{card}: {stamps} more, now {now} of {of}."),),
    "stamps.taken": (N_("{card}: {stamps} fewer after the return, now {now} of {of}."),),
    "redemption_captured": (N_("Redemption completed with {points}."),),
    "redemption_unknown": (N_("This customer has no redemption {redemption}."),),
    "hold_expired": (N_("The points were not set aside any more."),),
    "redemption_ended": (N_("The redemption had ended before."),),
    "redemption_of_pact": (N_("The redemption is one of two for a shared reward."),),
    "reward_used": (N_("The reward was used; its points do not come back."),),
    "code_redeemed": (N_("Code used."),),
    "code_not_redeemed": (N_("Code not used: {why}."),),
    "code_returned": (N_("The code can be used again."),),
    "referral_recorded": (N_("Brought by a friend."),),
    "referral_qualified": (
        N_("The friend is rewarded when the return window of this order is over."),
    ),
    "referral_undone": (N_("The order no longer counts for the friend's reward."),),
    "referral_code_unknown": (N_("The referral code is not known."),),
    "referral_own_code": (N_("The referral code is the customer's own."),),
    "referral_already": (N_("The customer was brought by somebody else before."),),
    "referrals_off": (N_("The programme does not reward referrals."),),
}
