"""What the reasons of rewards say, in the forms of ``rules.sentences``."""

from __future__ import annotations

from huitouke.language import N_, words

__all__ = ["CODE_REASONS", "REWARD_SENTENCES", "code_reason"]

#: Why a code cannot be used, by the stable name of the reason.
CODE_REASONS: dict[str, str] = {
    "code_mistyped": N_("a letter is mistyped"),
    "code_not_valid": N_("it is not valid"),
    "code_not_valid_now": N_("it is not valid at this time"),
    "code_used_up": N_("it is used up"),
    "code_twice": N_("it stands there twice"),
    "sign_in_needed": N_("it is for customers who sign in"),
    "tier_too_low": N_("it is for other tiers"),
    "member_limit_reached": N_("this customer has used it as often as one may"),
    "currency_differs": N_("it is for another currency"),
    "minimum_not_reached": N_("the least amount is not reached"),
    "nothing_in_scope": N_("no goods of this order count for it"),
    "product_not_in_cart": N_("its product is not in the cart"),
    "no_delivery_cost": N_("delivery costs nothing already"),
    "not_combinable": N_("it does not go with the other codes, or saves less than they do"),
    "too_many_codes": N_("there are too many codes"),
}

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
    "stamps.added": (N_("{card}: {stamps} more, now {have} of {of}."),),
    "stamps.taken": (N_("{card}: {stamps} fewer after the return, now {have} of {of}."),),
    "redemption_captured": (N_("Redemption completed with {points}."),),
    "redemption_spent": (N_("The redemption was given back, or paid for another order."),),
    "redemption_unknown": (N_("This customer has no redemption {redemption}."),),
    "hold_expired": (
        N_("{points} set free again: the redemption was not completed in time."),
        N_("The points were not set aside any more."),
    ),
    "redemption_ended": (N_("The redemption had ended before."),),
    "redemption_of_pact": (N_("The redemption is one of two for a shared reward."),),
    "reward_used": (N_("The reward was used; its points do not come back."),),
    "code_redeemed": (N_("Code used."),),
    "code_not_redeemed": (N_("Code not used: {because}."), N_("Code not used.")),
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


def code_reason(reason: str) -> dict[str, str]:
    """Return why a code cannot be used, for a reader of either language.

    Parameters
    ----------
    reason
        Its stable name.

    Examples
    --------
    >>> code_reason("code_used_up")["en"]
    'it is used up'
    """
    message = CODE_REASONS.get(reason, reason)
    return {"en": words("en").say(message), "zh": words("zh").say(message)}
