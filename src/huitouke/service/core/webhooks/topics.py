"""What webhooks can be told of, by family, for who subscribes."""

from __future__ import annotations

from huitouke.language import N_

__all__ = ["TOPICS"]

#: A family of topics, as a subscription names it, and what it tells.
TOPICS: dict[str, str] = {
    "customer.*": N_("customers: created, changed, signed up, merged, erased"),
    "points.*": N_("points: earned, activated, adjusted, expiring, forfeited, clawed back"),
    "debt.*": N_("points owed: created, settled, written off"),
    "tier.*": N_("tiers: upgraded, downgraded, granted, about to be lost"),
    "stamps.*": N_("stamp cards: stamps added, cards full, stamps taken back"),
    "reward.*": N_("rewards: added, changed, held, redeemed, used, released, reversed"),
    "code.*": N_("coupons and referral codes: issued, redeemed, rolled back"),
    "referral.*": N_("referrals: created, waiting for review, rewarded, refused, taken back"),
}
