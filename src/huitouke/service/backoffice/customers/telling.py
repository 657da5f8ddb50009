"""How what happened is told in the timeline: one line each, in the reader's words."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from huitouke.language import N_
from huitouke.service.backoffice.acts import say
from huitouke.service.backoffice.customers.contexts import Event
from huitouke.service.backoffice.customers.holding import worth_of
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
    "redemption.handed_over": (N_("{reward}: handed over"), "gift", "good"),
    "redemption.used": (N_("{reward}: used"), "gift", "good"),
    "redemption.released": (N_("{reward}: not redeemed, points set free"), "gift", ""),
    "redemption.reversed": (N_("{reward}: given back"), "gift", "warn"),
    "redemption.part_reversed": (N_("{reward}: partly given back"), "gift", "warn"),
    "coupon.issued": (N_("{coupon}: coupon given"), "ticket-percent", "good"),
    "coupon.used": (N_("{coupon}: coupon used"), "ticket-percent", "info"),
    "coupon.returned": (N_("{coupon}: coupon good again"), "ticket-percent", ""),
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
    if moment.kind in {"rewards", "coupons"} and about["code"]:
        note = say(N_("Code {code}"), code=about["code"])
    if moment.kind == "consent":
        parts = [str(about[name]) for name in ("source", "wording") if about[name]]
        note = " · ".join(parts)
    note = " · ".join([each for each in (note, *_under(moment)) if each])
    url = reverse("customer_order", args=[about["id"]]) if moment.kind == "orders" else ""
    return Event(text, moment.at, icon, tone, _amount(moment), note, who, url)


def _values(about: dict[str, Any]) -> dict[str, Any]:
    """Return what titles ask for, names in the reader's language."""
    return {
        "number": about.get("number", ""),
        "reward": named(about.get("reward")) or say(_PART_PAYMENT),
        "coupon": named(about.get("coupon")) or _worth(about),
        "channel": say(CHANNELS.get(str(about.get("channel")), "")) or about.get("channel"),
        "purpose": say(PURPOSES.get(str(about.get("purpose")), "")) or about.get("purpose"),
        "points": about.get("points", ""),
        "note": about.get("note") or "–",
    }


def _worth(about: dict[str, Any]) -> str:
    return worth_of(**about["worth"]) if "worth" in about else ""


def _amount(moment: Moment) -> str:
    about = moment.about
    if moment.kind == "rewards":
        return _signed(about["points"])
    minor = about.get("amount_minor", 0)
    if not minor and moment.what != "order":
        return ""
    return current().money(
        minor if moment.what == "order" else -minor, currency=about["currency"]
    )


def _signed(points: int) -> str:
    if not points:
        return ""
    return f"{'+' if points > 0 else ''}{current().number(points)}"


def _entry(moment: Moment, *, who: str) -> Event:
    points = moment.about["points"]
    title = say_reason(moment.reason, current().language)
    tone = "good" if points > 0 else "warn" if moment.what in {"expire", "claw_back"} else ""
    notes = [say(N_("pending"))] if moment.about["pending"] else []
    icon = _POINTS_ICONS.get(moment.what, "coins")
    note = " · ".join(notes + _under(moment))
    return Event(title, moment.at, icon, tone, _signed(points), note, who)


def _under(moment: Moment) -> list[str]:
    """Say under which record it stands; nothing for the record of today."""
    record = moment.about.get("record")
    return [say(N_("under {number}, before the merge"), number=record)] if record else []
