"""What each role of the staff may do: permissions as data, least privilege.

A page, a fragment and a button ask for one permission by its name; nobody asks for a role.
``docs/roles.md`` is made from here.
"""

from __future__ import annotations

from dataclasses import dataclass

from huitouke.language import N_

__all__ = ["PERMISSIONS", "ROLES", "Role", "allowed", "may"]

PERMISSIONS: dict[str, str] = {
    "customers.read": N_("see customers, their orders, points and consents"),
    "customers.enrol": N_("enrol a customer as a member"),
    "customers.write": N_("change a customer's details, identities and consents"),
    "customers.merge": N_("merge two records of one person, and undo it"),
    "customers.erase": N_("hand a person their data, or erase it, when they ask"),
    "customers.export": N_("take lists of customers out as files"),
    "segments.read": N_("see segments and how many customers are in them"),
    "segments.write": N_("save, change and put away segments"),
    "points.adjust": N_("adjust points with a reason, up to the limit of the programme"),
    "points.approve": N_("approve adjustments above the limit"),
    "tiers.grant": N_("give a member a tier"),
    "programme.read": N_("see the programme: rules, tiers, rewards, coupons"),
    "programme.draft": N_("draft rules and tiers, and try them on past orders"),
    "programme.publish": N_("publish and retire versions of the programme"),
    "rewards.write": N_("change rewards and their stock"),
    "coupons.issue": N_("make and withdraw coupon codes"),
    "referrals.review": N_("decide on referrals that wait for review"),
    "liability.read": N_("see what the open points may cost"),
    "till.use": N_("serve at the counter: find a member, earn, redeem, refund"),
    "insight.read": N_("see the figures on loyalty and value, and who needs attention"),
    "insight.run": N_("start and cancel an analysis"),
    "imports.run": N_("import customers and orders"),
    "imports.balances": N_("import balances of points"),
    "settings.shop": N_("change the shop's settings"),
    "settings.staff": N_("invite staff, change their roles, switch their sign-in off"),
    "settings.keys": N_("make and revoke API keys"),
    "settings.webhooks": N_("manage webhooks and replay deliveries"),
    "settings.health": N_("see how the service runs: database, worker, checks, backups"),
    "audit.read": N_("read the audit log"),
}


@dataclass(frozen=True)
class Role:
    """A named set of permissions.

    Parameters
    ----------
    name
        What people call it.
    says
        Whom it is for, in a sentence.
    permissions
        Names of :data:`PERMISSIONS`.
    """

    name: str
    says: str
    permissions: frozenset[str]


ROLES: dict[str, Role] = {
    "owner": Role(
        N_("Owner"),
        N_("Runs the shop and answers for it; may do everything."),
        frozenset(PERMISSIONS),
    ),
    "marketer": Role(
        N_("Marketer"),
        N_("Finds out who to speak to and makes offers; what points cost is the owner's."),
        frozenset(
            {
                "customers.read",
                "customers.export",
                "segments.read",
                "segments.write",
                "tiers.grant",
                "programme.read",
                "programme.draft",
                "rewards.write",
                "coupons.issue",
                "insight.read",
            }
        ),
    ),
    "care": Role(
        N_("Care"),
        N_("Answers customers and puts right what went wrong, one person at a time."),
        frozenset(
            {
                "customers.read",
                "segments.read",
                "customers.enrol",
                "customers.write",
                "customers.merge",
                "customers.erase",
                "points.adjust",
                "programme.read",
                "referrals.review",
            }
        ),
    ),
    "front_line": Role(
        N_("Front line"),
        N_("Serves at the counter; sees the member who stands there, and no lists."),
        frozenset({"till.use", "customers.enrol"}),
    ),
    "analyst": Role(
        N_("Analyst"),
        N_("Brings data in and reads the figures; opens no customer's page."),
        frozenset(
            {
                "segments.read",
                "segments.write",
                "programme.read",
                "liability.read",
                "insight.read",
                "insight.run",
                "imports.run",
            }
        ),
    ),
    "developer": Role(
        N_("Developer"),
        N_("Connects tills and shops; sees no customers."),
        frozenset({"programme.read", "settings.health", "settings.keys", "settings.webhooks"}),
    ),
}


def allowed(role: str) -> frozenset[str]:
    """Return what a role may do; nothing for a name that is no role.

    Parameters
    ----------
    role
        One of :data:`ROLES`.
    """
    found = ROLES.get(role)
    return frozenset() if found is None else found.permissions


def may(role: str, permission: str) -> bool:
    """Say whether a role has a permission.

    Parameters
    ----------
    role
        One of :data:`ROLES`.
    permission
        One of :data:`PERMISSIONS`.

    Raises
    ------
    KeyError
        If there is no such permission: a slip of the pen must not close or open a page.

    Examples
    --------
    >>> may("care", "points.adjust"), may("care", "points.approve")
    (True, False)
    """
    if permission not in PERMISSIONS:
        raise KeyError(permission)
    return permission in allowed(role)
