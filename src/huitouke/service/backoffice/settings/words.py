"""What the acts of the audit log are called."""

from __future__ import annotations

from huitouke.language import N_

__all__ = ["ACTIONS", "FAMILIES"]

FAMILIES: tuple[tuple[str, str], ...] = (
    ("customer", N_("Customer records")),
    ("points", N_("Changes of points")),
    ("tier", N_("Tiers")),
    ("reward", N_("Rewards")),
    ("redemption", N_("Redemptions")),
    ("code", N_("Codes")),
    ("referral", N_("Referrals")),
    ("programme", N_("Programme")),
    ("order", N_("Acts on orders")),
    ("import", N_("Imports")),
    ("analysis", N_("Analyses")),
    ("staff", N_("Staff")),
    ("api_key", N_("API keys")),
    ("webhook", N_("Webhooks")),
    ("shop", N_("Shop")),
    ("ledger", N_("Ledger")),
    ("backup", N_("Backups")),
    ("audit", N_("Audit log")),
)

#: What was done, in words; what is not listed shows its verb.
ACTIONS: dict[str, str] = {
    "analysis.asked": N_("asked for an analysis"),
    "analysis.cancelled": N_("cancelled an analysis"),
    "api_key.created": N_("made an API key"),
    "api_key.revoked": N_("revoked an API key"),
    "audit.exported": N_("took the audit log out as a file"),
    "backup.made": N_("made a backup"),
    "customer.bought": N_("an order named a new customer"),
    "customer.changed": N_("changed a customer"),
    "customer.created": N_("entered a customer"),
    "customer.erased": N_("erased a customer"),
    "customer.merged": N_("merged two customers"),
    "customer.unmerged": N_("undid a merge"),
    "import.cancelled": N_("cancelled an import"),
    "import.finished": N_("an import came to its end"),
    "import.handed_in": N_("handed a file in"),
    "import.quarantine_taken": N_("took out rows that were set aside"),
    "import.started": N_("started an import"),
    "ledger.broken": N_("the check of the ledger found broken rows"),
    "ledger.checked": N_("the ledger was checked and is whole"),
    "order.sums_mended": N_("sums of orders were not right and were made anew"),
    "points.adjusted": N_("adjusted points"),
    "programme.published": N_("published a version of the programme"),
    "programme.retired": N_("retired a version of the programme"),
    "shop.described": N_("changed what the shop is called"),
    "staff.disabled": N_("switched a sign-in off"),
    "staff.enabled": N_("switched a sign-in on"),
    "staff.invited": N_("invited somebody"),
    "staff.locked_out": N_("a sign-in was locked after failures"),
    "staff.role_changed": N_("changed a role"),
    "staff.signed_in": N_("signed in"),
    "staff.signed_out": N_("signed out"),
    "staff.sign_in_failed": N_("a sign-in failed"),
    "webhook.changed": N_("changed a webhook"),
    "webhook.removed": N_("ended a webhook"),
    "webhook.replayed": N_("sent a delivery again"),
    "webhook.rotated": N_("gave a webhook a new secret"),
    "webhook.subscribed": N_("added a webhook"),
}
