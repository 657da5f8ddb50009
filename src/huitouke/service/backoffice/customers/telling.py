"""How what happened is told in the timeline: one line each, in the reader's words."""

from __future__ import annotations

from typing import Any

from huitouke.language import N_
from huitouke.service.backoffice.acts import say
from huitouke.service.backoffice.customers.contexts import Event
from huitouke.service.backoffice.customers.naming import (
    PURPOSES,
    actor_names,
    named,
)
from huitouke.service.customers.names import CHANNELS
from huitouke.service.programme.people.timeline import Moment
from huitouke.service.programme.rules.reasons import say as say_reason
from huitouke.service.ui.reader import current

__all__ = ["told"]

#: What of a moment is told how: title, icon, tone.
_WAYS: dict[str, tuple[str, str, str]] = {
    "order": (N_("Order {number}"), "shopping-bag", "info"),
    "order.cancelled": (N_("Order {number}, called off"), "shopping-bag", ""),
    "refund": (N_("Return of order {number}"), "undo-2", "warn"),
    "redemption.held": (N_("{reward}: points set aside"), "gift", "info"),
    "redemption.captured": (N_("{reward}: redeemed"), "gift", "good"),
    "redemption.released": (N_("{reward}: not redeemed, points set free"), "gift", ""),
    "redemption.reversed": (N_("{reward}: given back"), "gift", "warn"),
    "redemption.part_reversed": (N_("{reward}: partly given back"), "gift", "warn"),
    "consent.given": (N_("Yes to {purpose} by {channel}"), "check", "good"),
    "consent.withdrawn": (N_("No to {purpose} by {channel}"), "ban", "warn"),
    "customer.created": (N_("Entered"), "user-plus", ""),
    "customer.imported": (N_("Brought in from a file"), "user-plus", ""),
    "customer.enrolled": (N_("Joined the programme"), "id-card", "good"),
    "customer.changed": (N_("Details changed"), "pencil", ""),
    "customer.identity_added": (N_("Identity added or verified"), "fingerprint-pattern", ""),
    "customer.identities_added": (N_("Identity added or verified"), "fingerprint-pattern", ""),
    "customer.identity_removed": (N_("Identity removed"), "fingerprint-pattern", "warn"),
    "customer.data_handed_over": (N_("Data handed over"), "file-down", ""),
    "member.merged": (N_("Merged with another record"), "merge", ""),
    "member.unmerged": (N_("Merge undone"), "split", ""),
    "adjustment.asked": (N_("Adjustment of {points} points: {note}"), "scale", ""),
    "adjustment.approved": (N_("Adjustment of {points} points approved"), "scale", "good"),
    "adjustment.rejected": (N_("Adjustment of {points} points rejected"), "scale", "warn"),
    "tier.granted": (N_("Tier given by staff"), "crown", "good"),
    "tier.bought": (N_("Tier bought"), "crown", "good"),
    "points.forfeited": (N_("Points given up"), "trash-2", "warn"),
    "points.transferred": (N_("Points passed on to another member"), "send", ""),
    "member.signed_in": (N_("Signed in to the own pages"), "log-in", ""),
    "member.signed_out_everywhere": (N_("Signed out on every device"), "log-out", ""),
}
_PART_PAYMENT = N_("Points as part of a payment")
_POINTS_ICONS = {
    "earn": "coins",
    "burn": "gift",
    "expire": "hourglass",
    "claw_back": "undo-2",
    "adjust": "scale",
}


def told(moments: tuple[Moment, ...]) -> tuple[Event, ...]:
    """Return moments as they are read.

    Parameters
    ----------
    moments
        A page of the timeline.
    """
    who = actor_names(each.actor for each in moments if each.actor)
    return tuple(_event(each, who=who.get(each.actor, "")) for each in moments)


def _event(moment: Moment, *, who: str) -> Event:
    about = moment.about
    if moment.kind == "points":
        return _entry(moment, who=who)
    if moment.kind == "tier":
        title = say_reason(moment.reason, current().language)
        good = moment.what in {"tier.upgraded", "tier.kept"}
        tone = "good" if good else "warn"
        return Event(title, moment.at, "crown", tone, "", str(about["note"]), who)
    title, icon, tone = _WAYS.get(moment.what, (moment.what, "circle", ""))
    values = _values(about)
    # What is not known by name is told by the name that the journal gives it.
    text = say(title, **values) if moment.what in _WAYS else moment.what
    note = str(about.get("note") or "")
    if moment.what == "adjustment.asked":
        note = ""
    if moment.kind == "rewards" and about["code"]:
        note = say(N_("Code {code}"), code=about["code"])
    if moment.kind == "consent":
        parts = [str(about[name]) for name in ("source", "wording") if about[name]]
        note = " · ".join(parts)
    return Event(text, moment.at, icon, tone, _amount(moment), note, who)


def _values(about: dict[str, Any]) -> dict[str, Any]:
    """Return what titles ask for, names in the reader's language."""
    return {
        "number": about.get("number", ""),
        "reward": named(about.get("reward")) or say(_PART_PAYMENT),
        "channel": say(CHANNELS.get(str(about.get("channel")), "")) or about.get("channel"),
        "purpose": say(PURPOSES.get(str(about.get("purpose")), "")) or about.get("purpose"),
        "points": about.get("points", ""),
        "note": about.get("note") or "–",
    }


def _amount(moment: Moment) -> str:
    about = moment.about
    if moment.kind == "orders":
        minor = about["amount_minor"]
        sign = -1 if moment.what == "refund" else 1
        return current().money(sign * minor, currency=about["currency"])
    if moment.kind == "rewards":
        return current().number(-about["points"])
    return ""


def _entry(moment: Moment, *, who: str) -> Event:
    points = moment.about["points"]
    title = say_reason(moment.reason, current().language)
    tone = "good" if points > 0 else "warn" if moment.what in {"expire", "claw_back"} else ""
    sign = "+" if points > 0 else ""
    amount = f"{sign}{current().number(points)}" if points else ""
    note = say(N_("pending")) if moment.about["pending"] else ""
    icon = _POINTS_ICONS.get(moment.what, "coins")
    return Event(title, moment.at, icon, tone, amount, note, who)
