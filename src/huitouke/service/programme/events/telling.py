"""What the clock did to points, told to strangers: each entry once, whatever made it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from huitouke.service.core.ids import public_id
from huitouke.service.core.outbox import Happening, tell
from huitouke.service.core.webhooks.topics import Topic
from huitouke.service.customers.following import roots
from huitouke.service.customers.models import Customer
from huitouke.service.ledger.telling import Settled, take_untold
from huitouke.service.programme.events.rulebook import Rulebook, Rules
from huitouke.service.programme.versions.queries import NothingPublished

__all__ = ["subjects", "tell_settled"]

#: Kind of an entry to its topic, and the code of its sentence.
_TOPICS: dict[str, tuple[Topic, str]] = {
    "activate": ("points.activated", "activated"),
    "release": ("points.released", "released.late"),
    "expire": ("points.expired", "expired"),
    "write_off": ("debt.written_off", "debt.written_off"),
}
_MOMENT = timedelta(microseconds=1)


def subjects(customers: Collection[UUID]) -> dict[UUID, str]:
    """Return whom to tell about records of customers; nobody about those who were erased.

    Parameters
    ----------
    customers
        Ids of records, merged or not.
    """
    found = roots(customers) if customers else {}
    there = Customer.objects.filter(id__in=set(found.values()), erased_at=None)
    alive = set(there.values_list("id", flat=True))
    return {each: public_id("cus", root) for each, root in found.items() if root in alive}


def tell_settled(*, at: datetime, limit: int = 1_000) -> int:
    """Tell what became spendable, expired, was free again or settled debts since the last time.

    Parameters
    ----------
    at
        The present moment.
    limit
        The most entries in this one transaction; call again until it returns less.

    Returns
    -------
    int
        How many entries were taken.
    """
    with transaction.atomic():
        entries = take_untold(limit=limit)
        whom = subjects({each.customer for each in entries})
        rules = _rules({each.unit for each in entries}, at=at)
        tell(
            happening
            for each in entries
            if each.customer in whom
            for happening in _told(each, subject=whom[each.customer], rules=rules)
        )
    return len(entries)


def _rules(units: Collection[str], *, at: datetime) -> dict[str, Rules]:
    found = {}
    for programme in {unit.partition(".")[0] for unit in units}:
        try:
            found[programme] = Rulebook.open(programme, at=at).now
        except NothingPublished:
            continue
    return found


def _told(one: Settled, *, subject: str, rules: dict[str, Rules]) -> Iterator[Happening]:
    programme, _, unit = one.unit.partition(".")
    known = rules.get(programme)
    base: dict[str, Any] = {
        "programme": programme,
        "unit": unit,
        "at": one.effective_at.isoformat(),
        "available": one.available_after,
        "owed": one.debt_after,
    }
    named = unit if known is None else known.named(unit)
    if one.own and one.kind in _TOPICS:
        topic, code = _TOPICS[one.kind]
        points = _points(one)
        reason: dict[str, Any] = {"code": code, "unit": named, "points": points}
        if one.reason.get("code") == "points_inactive":
            reason["code"] = "expired.inactive"
        elif one.kind == "expire" and known is not None:
            reason["valid_through"] = known.day(one.effective_at - _MOMENT).isoformat()
        yield Happening(topic, subject, {**base, "points": points, "reason": reason})
    if one.debt < 0 and one.kind != "write_off":
        reason = {"code": "debt.settled", "unit": named, "points": -one.debt}
        yield Happening(
            "debt.settled", subject, {**base, "points": -one.debt, "reason": reason}
        )


def _points(one: Settled) -> int:
    """Return how many points an entry of the ledger's own is about."""
    moved = {"activate": one.pending, "release": one.held, "write_off": one.debt}
    return -moved.get(one.kind, one.amount)
