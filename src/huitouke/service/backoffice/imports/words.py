"""What fields, counts and states of imports are called."""

from __future__ import annotations

from huitouke.language import N_

__all__ = ["COUNTS", "DATE_ORDERS", "FIELDS", "KINDS", "STATES"]

KINDS: dict[str, str] = {
    "orders": N_("Past orders"),
    "customers": N_("Customer records"),
    "balances": N_("Balances and tiers"),
}

#: A word and a tone for each state.
STATES: dict[str, tuple[str, str]] = {
    "looking": (N_("being read"), "info"),
    "looked": (N_("columns to check"), "warn"),
    "checking": (N_("being tried"), "info"),
    "checked": (N_("tried"), "warn"),
    "running": (N_("coming in"), "info"),
    "done": (N_("in"), "good"),
    "failed": (N_("stopped"), "bad"),
    "cancelled": (N_("cancelled"), ""),
}

FIELDS: dict[str, str] = {
    "customer_id": N_("Customer"),
    "phone": N_("Phone"),
    "email": N_("E-mail"),
    "card": N_("Card number"),
    "wechat_openid": N_("WeChat OpenID"),
    "wechat_unionid": N_("WeChat UnionID"),
    "name": N_("Name"),
    "birthday": N_("Birthday"),
    "gender": N_("Gender"),
    "language": N_("Language"),
    "brand": N_("Brand"),
    "household": N_("Household"),
    "points": N_("Points"),
    "expires_on": N_("Points expire on"),
    "earned_on": N_("Points earned on"),
    "tier": N_("Tier"),
    "tier_since": N_("Tier since"),
    "tier_until": N_("Tier until"),
    "joined_on": N_("Joined on"),
    "order_id": N_("Order number"),
    "ordered_at": N_("Ordered at"),
    "recorded_at": N_("Recorded at"),
    "amount": N_("Amount paid"),
    "list_amount": N_("Amount before discount"),
    "list_price": N_("List price"),
    "discount": N_("Discount"),
    "quantity": N_("Quantity"),
    "unit_price": N_("Unit price"),
    "refund": N_("Refund"),
    "status": N_("Status"),
    "product": N_("Product"),
    "category": N_("Category"),
    "channel": N_("Channel"),
    "store": N_("Store"),
}

DATE_ORDERS: tuple[tuple[str, str], ...] = (
    ("", N_("as the column tells")),
    ("ymd", N_("year, month, day")),
    ("dmy", N_("day, month, year")),
    ("mdy", N_("month, day, year")),
)

#: Counts beside new, same, changed and refused, in the order in which they are told.
COUNTS: tuple[tuple[str, str], ...] = (
    ("customers_new", N_("New customers")),
    ("members_new", N_("New members")),
    ("points_new", N_("Points")),
    ("tiers_new", N_("Tiers")),
    ("reviews_early", N_("Tiers reviewed before a whole period was counted here")),
    ("refunds_new", N_("New refunds")),
    ("refunds_same", N_("Refunds, known already")),
    ("refunds_changed", N_("Refunds, known with other content")),
    ("refunds_refused", N_("Refunds refused")),
    ("elsewhere", N_("Told by a till or shop before, not brought in again")),
    ("void", N_("Cancelled or never paid, passed over")),
)
