"""One timeline of all that happened with a customer, newest first, page by page.

Each source gives its next few moments; they are merged by when they happened. A page ends at
a moment and a name, so the next one begins right after it, whatever came in meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.core.models import Audit
from huitouke.service.customers import queries as customers
from huitouke.service.customers.following import records
from huitouke.service.customers.models import Consent
from huitouke.service.ledger import queries as ledger
from huitouke.service.ledger.lists import entries_before
from huitouke.service.orders.models import Order, Refund
from huitouke.service.programme.events.changes import topic_of
from huitouke.service.programme.events.reading import reason_of_line
from huitouke.service.programme.models.rewards import Redemption
from huitouke.service.programme.models.tiers import TierChange
from huitouke.service.programme.people.conditions import Ground

__all__ = ["KINDS", "CursorUnknown", "Moment", "Story", "timeline"]

_END = datetime.max.replace(tzinfo=UTC)
#: Setting aside and setting free again are told by the redemption itself.
_BY_REDEMPTION = ("hold", "release", "capture")
#: What stands in the audit log of a customer and is told by another source.
_TOLD_ELSEWHERE = ("consent.recorded", "customer.bought")
#: What stands in the audit log as an act, and beside it as a change of tier: the change tells
#: it, with who did it and why. Both are written in one transaction, the act a moment earlier.
_ACTS_ON_TIERS = {"granted": "tier.granted", "paid": "tier.bought"}
_MOMENT = timedelta(minutes=1)
_KEY = re.compile(
    r"[oprct]\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?:a|e[0-9]{5})\.[0-8][0-9]{18}"
)
_LAST = 2**63 - 1


class CursorUnknown(ServiceError):
    """The address of a page of the timeline was cut off."""

    code = "programme.timeline_cursor_unknown"
    status = 404
    says = N_("This part of the timeline cannot be found.")
    remedy = N_("Begin at its newest entry.")


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened.

    Parameters
    ----------
    at
        When, in the shop.
    kind
        One of :data:`KINDS`.
    key
        Sorts what happened at one moment; unique within the customer.
    what
        What it was, e.g. ``order``, ``refund``, ``entry``, or an action of the audit log.
    about
        Its own values: numbers, amounts, points, names.
    reason
        A sentence for ``rules.reasons.say``; empty where ``what`` says it.
    actor
        Who did it, as the journals name them; empty where it is not known.
    """

    at: datetime
    kind: str
    key: str
    what: str
    about: dict[str, Any] = field(default_factory=dict)
    reason: dict[str, Any] = field(default_factory=dict)
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """A page of the timeline; ``cursor`` leads on, empty at the end."""

    moments: tuple[Moment, ...]
    cursor: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose story, and from where on."""

    customer: UUID
    records: Sequence[UUID]
    ground: Ground
    at: datetime
    key: str
    limit: int

    @property
    def subjects(self) -> list[str]:
        """What the audit log calls them."""
        return [public_id("cus", each) for each in self.records]

    def older(self, column: str, *, prefix: str) -> Q:
        """Return the filter of a source whose keys are its prefix and the row's id.

        Of one moment the larger keys come first: whether a source still has to tell what
        happened at the cursor's own moment depends on where its prefix stands.
        """
        mine, _, last = self.key.partition(".")
        older = Q(**{f"{column}__lt": self.at})
        if prefix > mine:
            return older
        until = Q(**{f"{column}__lte": self.at})
        # The bound by itself lets an index begin there; the rest sorts out one moment.
        return until & (older | Q(id__lt=last)) if prefix == mine else until


def _orders(asked: _Asked) -> Iterator[Moment]:
    rows = Order.objects.filter(asked.older("ordered_at", prefix="o"), customer=asked.customer)
    for each in rows.order_by("-ordered_at", "-id")[: asked.limit]:
        yield Moment(
            at=each.ordered_at,
            kind="orders",
            key=f"o.{each.id}",
            what="order.cancelled" if each.status == Order.Status.CANCELLED else "order",
            about={
                "id": public_id("ord", each.id),
                "number": each.number,
                "amount_minor": each.total_minor,
                "currency": each.currency,
                "source": each.source,
                "store": each.store,
            },
        )


def _refunds(asked: _Asked) -> Iterator[Moment]:
    rows = Refund.objects.filter(asked.older("at", prefix="p"), order__customer=asked.customer)
    for each in rows.select_related("order").order_by("-at", "-id")[: asked.limit]:
        yield Moment(
            at=each.at,
            kind="orders",
            key=f"p.{each.id}",
            what="refund",
            about={
                "number": each.order.number,
                "amount_minor": each.amount_minor,
                "currency": each.order.currency,
                "note": each.reason,
            },
            actor=each.actor,
        )


def _entries(asked: _Asked) -> Iterator[Moment]:
    book = asked.ground.rulebook
    if book is None:
        return
    for code, unit in sorted(book.units.items()):
        account = ledger.account_of(asked.customer, unit=unit)
        if account is None:
            continue
        prefix = f"e{unit:05d}"
        mine, _, last = asked.key.partition(".")
        # Numbers grow from 1, so the bounds let in all of the moment itself, or nothing.
        seq = int(last) if prefix == mine else _LAST if prefix < mine else 0
        lines = entries_before(
            account, at=asked.at, seq=seq, limit=asked.limit, but=_BY_REDEMPTION
        )
        for line in lines:
            yield Moment(
                at=line.effective_at,
                kind="points",
                key=f"{prefix}.{line.seq:019d}",
                what=line.kind,
                about={
                    "unit": book.now.named(code),
                    "points": line.amount + line.pending + line.held - line.debt,
                    "pending": line.pending > 0,
                },
                reason=reason_of_line(line),
                actor=line.actor,
            )


def _tiers(asked: _Asked) -> Iterator[Moment]:
    rows = TierChange.objects.filter(
        asked.older("changed_at", prefix="t"), membership__customer__in=asked.records
    )
    for each in rows.order_by("-changed_at", "-id")[: asked.limit]:
        act = _act_behind(each, subjects=asked.subjects)
        yield Moment(
            at=each.changed_at,
            kind="tier",
            key=f"t.{each.id}",
            what=topic_of(each.kind),
            about={
                "from": each.from_tier or None,
                "to": each.to_tier or None,
                "note": "" if act is None else act.reason,
            },
            reason=dict(each.reason),
            actor="" if act is None else act.actor,
        )


def _act_behind(change: TierChange, *, subjects: Sequence[str]) -> Audit | None:
    """Return who gave or sold a tier, and why; none where it came about by itself."""
    if change.kind not in _ACTS_ON_TIERS:
        return None
    acts = Audit.objects.filter(
        target__in=subjects,
        action=_ACTS_ON_TIERS[change.kind],
        created_at__lte=change.changed_at,
        created_at__gt=change.changed_at - _MOMENT,
    )
    return acts.order_by("-id").first()


def _redemptions(asked: _Asked) -> Iterator[Moment]:
    rows = Redemption.objects.filter(
        asked.older("created_at", prefix="r"), customer=asked.customer
    )
    for each in rows.select_related("reward").order_by("-created_at", "-id")[: asked.limit]:
        yield Moment(
            at=each.created_at,
            kind="rewards",
            key=f"r.{each.id}",
            what=f"redemption.{each.state}",
            about={
                "id": public_id("rdm", each.id),
                "reward": each.reward.names if each.reward else None,
                "points": each.points,
                "worth_minor": each.worth_minor,
                "code": each.code,
                "used": each.used_at is not None,
            },
            actor=each.actor,
        )


def _consents(asked: _Asked) -> Iterator[Moment]:
    rows = Consent.objects.filter(asked.older("at", prefix="c"), customer__in=asked.records)
    for each in rows.order_by("-at", "-id")[: asked.limit]:
        yield Moment(
            at=each.at,
            kind="consent",
            key=f"c.{each.id}",
            what="consent.given" if each.given else "consent.withdrawn",
            about={
                "channel": each.channel,
                "purpose": each.purpose,
                "source": each.source,
                "wording": each.wording_version,
            },
            actor=each.actor,
        )


def _acts(asked: _Asked) -> Iterator[Moment]:
    rows = Audit.objects.filter(
        asked.older("created_at", prefix="a"), target__in=asked.subjects
    )
    rows = rows.exclude(action__in=_TOLD_ELSEWHERE)
    for kind, action in _ACTS_ON_TIERS.items():
        change = TierChange.objects.filter(
            membership__customer__in=asked.records,
            kind=kind,
            changed_at__gte=OuterRef("created_at"),
            changed_at__lt=OuterRef("created_at") + _MOMENT,
        )
        rows = rows.exclude(Q(Exists(change), action=action))
    for each in rows.order_by("-created_at", "-id")[: asked.limit]:
        yield Moment(
            at=each.created_at,
            kind="staff",
            key=f"a.{each.id:019d}",
            what=each.action,
            about={**each.facts, "note": each.reason},
            actor=each.actor,
        )


_SOURCES: dict[str, tuple[Callable[[_Asked], Iterator[Moment]], ...]] = {
    "orders": (_orders, _refunds),
    "points": (_entries,),
    "tier": (_tiers,),
    "rewards": (_redemptions,),
    "consent": (_consents,),
    "staff": (_acts,),
}

#: Kinds of moments, and how they are called.
KINDS: dict[str, str] = {
    "orders": N_("Orders and returns"),
    "points": N_("Points"),
    "tier": N_("Tier"),
    "rewards": N_("Rewards"),
    "consent": N_("Consent"),
    "staff": N_("Acts of staff and systems"),
}


def timeline(
    customer: UUID, *, ground: Ground, kind: str = "", cursor: str = "", limit: int = 30
) -> Story:
    """Return what happened with a customer, newest first.

    Parameters
    ----------
    customer
        Any id the person ever had; what merged records said and did counts.
    ground
        Of ``listing.ground_of``.
    kind
        One of :data:`KINDS`; empty: all.
    cursor
        Of the page before; empty: from the newest.
    limit
        How many at most.

    Raises
    ------
    CustomerUnknown, CustomerErased
        If there is no such person, or no more.
    CursorUnknown
        If the cursor is none that a page gave.
    """
    root = customers.record_of(customer)
    at, key = _place(cursor)
    asked = _Asked(root, records([root]), ground, at, key, limit + 1)
    sources = _SOURCES.get(kind) or tuple(one for many in _SOURCES.values() for one in many)
    found = sorted(
        (moment for source in sources for moment in source(asked)),
        key=lambda each: (each.at, each.key),
        reverse=True,
    )
    shown = found[:limit]
    more = len(found) > limit
    return Story(tuple(shown), f"{shown[-1].at.isoformat()}~{shown[-1].key}" if more else "")


def _place(cursor: str) -> tuple[datetime, str]:
    """Return moment and key that a cursor names; the end of time for none."""
    if not cursor:
        return _END, "~"
    moment, _, key = cursor.partition("~")
    if not _KEY.fullmatch(key):
        raise CursorUnknown
    try:
        at = datetime.fromisoformat(moment)
    except ValueError as error:
        raise CursorUnknown from error
    if at.tzinfo is None:
        raise CursorUnknown
    return at, key
