"""What webhooks can be told of: every topic, and its family for who subscribes."""

from __future__ import annotations

from typing import Literal

from huitouke.language import N_

__all__ = ["FAMILIES", "Topic"]

#: All that can be told; nothing else passes as the topic of a happening.
Topic = Literal[
    "customer.created",
    "customer.enrolled",
    "customer.changed",
    "customer.identity_added",
    "customer.identity_removed",
    "member.merged",
    "member.unmerged",
    "member.erased",
    "consent.recorded",
    "points.earned",
    "points.activated",
    "points.released",
    "points.adjusted",
    "points.transferred",
    "points.expiring",
    "points.expired",
    "points.forfeited",
    "points.clawed_back",
    "debt.created",
    "debt.settled",
    "debt.written_off",
    "tier.upgraded",
    "tier.downgraded",
    "tier.will_downgrade",
    "reward.added",
    "reward.changed",
    "reward.held",
    "reward.redeemed",
    "reward.used",
    "reward.released",
    "reward.pact_released",
    "reward.reversed",
    "reward.stamps_full",
    "reward.stamps_handed_out",
    "code.campaign_added",
    "code.campaign_changed",
    "code.generated",
    "code.issued",
    "code.held",
    "code.released",
    "code.redeemed",
    "code.rolled_back",
    "referral.created",
    "referral.review",
    "referral.approved",
    "referral.refused",
    "referral.qualified",
    "referral.rewarded",
    "referral.reversed",
    "value.topped_up",
    "value.reversed",
]

#: A family of topics, as a subscription names it, and what it tells.
FAMILIES: dict[str, str] = {
    "customer.*": N_("customers: created, signed up, changed, an identity added or removed"),
    "member.*": N_("customers: two records merged or separated again, erased"),
    "consent.*": N_("consent: given or withdrawn"),
    "points.*": N_(
        "points: earned, activated, adjusted, transferred, expiring, expired,"
        " free again, forfeited, clawed back"
    ),
    "debt.*": N_("points owed: created, settled, written off"),
    "tier.*": N_("tiers: upgraded, downgraded, about to be lost"),
    "reward.*": N_(
        "rewards: added, changed, held, redeemed, used, released, reversed;"
        " a full stamp card and its present"
    ),
    "code.*": N_("coupons and their codes: made, issued, held, redeemed, rolled back"),
    "referral.*": N_("referrals: created, waiting for review, rewarded, refused, taken back"),
    "value.*": N_("stored value: paid in, a top-up undone"),
}
