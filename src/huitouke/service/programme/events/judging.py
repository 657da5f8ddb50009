"""What rules make of a fact of a member, and why nothing can come of it whatever they say."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from huitouke.service.programme.events.giving import miss_told, reason_told
from huitouke.service.programme.events.members import Member
from huitouke.service.programme.events.rulebook import Rules
from huitouke.service.programme.rules.cart import FactView, MemberView, Outcome
from huitouke.service.programme.rules.earning import evaluate, keys_needed

__all__ = ["evaluated", "joining", "missed", "nothing"]


def joining(at: datetime) -> FactView:
    """Return the sign-up that an order stands for, where orders make members.

    Parameters
    ----------
    at
        When the order was paid.
    """
    return FactView(type="customer.signed_up", at=at)


def evaluated(
    view: FactView, *, rules: Rules, member: Member | None
) -> tuple[MemberView, Outcome]:
    """Return what rules see of a member, and what they give.

    Parameters
    ----------
    view
        What happened.
    rules
        In force then.
    member
        With the counters that the rules ask for; none is nobody.
    """
    uses, done = keys_needed(view, definition=rules.definition)
    seen = MemberView(enrolled=False) if member is None else member.view(uses=uses, done=done)
    return seen, evaluate(view, definition=rules.definition, member=seen)


def nothing(view: FactView, *, rules: Rules, member: Member | None) -> dict[str, Any] | None:
    """Return the reason why nothing can be earned whatever the rules say; none if some can.

    Parameters
    ----------
    view
        What happened.
    rules
        In force then.
    member
        Whose fact it is; none is nobody's.
    """
    if not rules.version:
        return {"code": "no_rules", "on": rules.day(view.at).isoformat()}
    if view.cart is None or (member is not None and member.enrolled):
        return None
    return {"code": "no_customer" if member is None else "not_enrolled"}


def missed(
    view: FactView, *, outcome: Outcome, rules: Rules, member: Member | None
) -> list[dict[str, Any]]:
    """Return what was not earned and why, as the sender is told.

    Parameters
    ----------
    view, rules, member
        As for :func:`nothing`, whose reason stands first and speaks for all rules that only
        members earn by.
    outcome
        What the rules gave, and did not give.
    """
    reason = nothing(view, rules=rules, member=member)
    if reason is None:
        return [miss_told(miss) for miss in outcome.misses]
    others = [miss_told(miss) for miss in outcome.misses if miss.condition != "enrolled"]
    return [reason_told(reason), *others]
