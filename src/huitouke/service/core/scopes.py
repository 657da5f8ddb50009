"""What an API key may be allowed to do, by name."""

from __future__ import annotations

from huitouke.language import N_

__all__ = ["SCOPES"]

SCOPES: dict[str, str] = {
    "customers:read": N_("see customers, their consents and their orders"),
    "customers:write": N_("create, change, enrol, merge and erase customers"),
    "events:write": N_("send facts: orders, refunds, reviews, check-ins"),
    "points:read": N_("see balances, entries, tiers and quotes"),
    "points:write": N_("adjust and transfer points, give tiers and note bought ones"),
    "points:approve": N_("approve adjustments above the limit"),
    "redemptions:read": N_("see rewards and redemptions"),
    "redemptions:write": N_("redeem, capture, release and reverse"),
    "codes:read": N_("check coupon and referral codes"),
    "codes:write": N_("make coupon codes and campaigns"),
    "programme:read": N_("see programme versions, run back-tests and exploit checks"),
    "programme:write": N_("draft, publish and retire programme versions and rewards"),
    "liability:read": N_("see the liability report"),
    "insight:read": N_("see profiles of customers and what the analysis says of the shop"),
    "insight:write": N_("ask for an analysis of all customers, and cancel it"),
    "segments:read": N_("see segments and who is in them"),
    "webhooks:write": N_("manage webhooks and replay deliveries"),
}
