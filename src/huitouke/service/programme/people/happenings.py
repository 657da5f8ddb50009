"""Sources of the timeline: orders, points, tiers, consents and acts, the newest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery

from huitouke.service.core.ids import public_id
from huitouke.service.core.models import Audit
from huitouke.service.customers.models import Consent
from huitouke.service.ledger.lists import Place, Told, accounts_of, entries_before
from huitouke.service.orders.models import Order, Refund
from huitouke.service.orders.queries import BY_CANCELLATION
from huitouke.service.programme.events.changes import topic_of
from huitouke.service.programme.events.reading import reason_of_line
from huitouke.service.programme.models.tiers import TierChange
from huitouke.service.programme.people.moments import Asked, Moment

__all__ = [
    "GIVEN_BACK",
    "acts",
    "cancellations",
    "consents",
    "entries",
    "lines",
    "orders",
    "record_of",
    "refunds",
    "tiers",
]

#: Why the ledger gives the points of a redemption back: told by its own source.
GIVEN_BACK = "redemption.reversed"
#: Setting aside, spending and setting free again are told by the redemption itself.
_BY_REDEMPTION = ("hold", "release", "capture")
#: What stands in the audit log of a customer and is told by another source.
_TOLD_ELSEWHERE = ("consent.recorded", "customer.bought")
#: What stands in the audit log as an act, and beside it as a change of tier: the change tells
#: it, with who did it and why. Both are written in one transaction, the act a moment earlier.
_ACTS_ON_TIERS = {"granted": "tier.granted", "paid": "tier.bought"}
_MOMENT = timedelta(minutes=1)
_LAST = 2**63 - 1


def orders(asked: Asked) -> Iterator[Moment]:
    """Yield orders, when they were placed.

    Parameters
    ----------
    asked
        Whose, and from where on.
    """
    rows = Order.objects.filter(asked.older("ordered_at", prefix="o"), customer=asked.customer)
    for each in rows.order_by("-ordered_at", "-id")[: asked.limit]:
        yield Moment(
            at=each.ordered_at,
            kind="orders",
            key=f"o.{each.id}",
            what="order",
            about={
                "id": public_id("ord", each.id),
                "number": each.number,
                "amount_minor": each.total_minor,
                "currency": each.currency,
                "source": each.source,
                "store": each.store,
            },
        )


def cancellations(asked: Asked) -> Iterator[Moment]:
    """Yield orders that were called off, when they were, with what came back by it.

    Parameters
    ----------
    asked
        Whose, and from where on.
    """
    back = Refund.objects.filter(BY_CANCELLATION, order=OuterRef("pk"))
    rows = Order.objects.filter(
        asked.older("cancelled_at", prefix="k"), customer=asked.customer
    ).annotate(back_minor=Subquery(back.values("amount_minor")[:1]))
    found = list(rows.order_by("-cancelled_at", "-id")[: asked.limit])
    noted = Audit.objects.filter(
        target__in=[public_id("ord", each.id) for each in found], action="order.cancelled"
    )
    actors = dict(noted.values_list("target", "actor"))
    for each in found:
        at: Any = each.cancelled_at
        yield Moment(
            at=at,
            kind="orders",
            key=f"k.{each.id}",
            what="order.cancelled",
            about={
                "id": public_id("ord", each.id),
                "number": each.number,
                "amount_minor": each.back_minor or 0,
                "currency": each.currency,
            },
            actor=actors.get(public_id("ord", each.id), ""),
        )


def refunds(asked: Asked) -> Iterator[Moment]:
    """Yield what came back, when it did; what a cancellation gave back is told by that.

    Parameters
    ----------
    asked
        Whose, and from where on.
    """
    rows = Refund.objects.filter(asked.older("at", prefix="p"), order__customer=asked.customer)
    rows = rows.exclude(BY_CANCELLATION).select_related("order")
    for each in rows.order_by("-at", "-id")[: asked.limit]:
        yield Moment(
            at=each.at,
            kind="orders",
            key=f"p.{each.id}",
            what="refund",
            about={
                "id": public_id("ord", each.order_id),
                "number": each.order.number,
                "amount_minor": each.amount_minor,
                "currency": each.order.currency,
                "note": each.reason,
            },
            actor=each.actor,
        )


def lines(
    asked: Asked, *, prefix: str, only: Sequence[str] = (), without: Sequence[str] = ()
) -> Iterator[tuple[str, Told]]:
    """Yield entries of all accounts the person ever had, each with its key in the timeline.

    Parameters
    ----------
    asked
        Whose, and from where on.
    prefix
        Of the source's keys.
    only, without
        Codes of reasons: these alone, or all but these.
    """
    book = asked.ground.rulebook
    if book is None:
        return
    mine = asked.key.partition(".")[0]
    place = Place(asked.at, 0, 0)
    if mine[:1] == prefix:
        account, _, seq = asked.key[1:].partition(".")
        place = Place(asked.at, int(account), int(seq))
    elif prefix < mine:
        place = Place(asked.at, _LAST, _LAST)
    found = entries_before(
        accounts_of(asked.records, units=book.units.values()),
        place=place,
        limit=asked.limit,
        but=_BY_REDEMPTION,
        only=only,
        without=without,
    )
    for each in found:
        yield f"{prefix}{each.account:019d}.{each.line.seq:019d}", each


def entries(asked: Asked) -> Iterator[Moment]:
    """Yield points that came and went, also of records before they were merged.

    Parameters
    ----------
    asked
        Whose, and from where on.
    """
    book = asked.ground.rulebook
    codes = {} if book is None else {unit: code for code, unit in book.units.items()}
    for key, each in lines(asked, prefix="e", without=(GIVEN_BACK,)):
        line, code = each.line, codes[each.unit]
        yield Moment(
            at=line.effective_at,
            kind="points",
            key=key,
            what=line.kind,
            about={
                "unit": code if book is None else book.now.named(code),
                "points": line.amount + line.pending + line.held - line.debt,
                "pending": line.pending > 0,
                "record": record_of(each, asked=asked),
            },
            reason=reason_of_line(line),
            actor=line.actor,
        )


def record_of(told: Told, *, asked: Asked) -> str:
    """Return under which record an entry stands; empty for the record of today.

    Parameters
    ----------
    told
        The entry.
    asked
        Whose timeline it is.
    """
    own = told.customer == asked.customer
    return "" if own else public_id("cus", told.customer)


def tiers(asked: Asked) -> Iterator[Moment]:
    """Yield changes of tier, with who gave or sold one, and why.

    Parameters
    ----------
    asked
        Whose, and from where on.
    """
    rows = TierChange.objects.filter(
        asked.older("changed_at", prefix="t"), membership__customer__in=asked.records
    )
    found = list(rows.order_by("-changed_at", "-id")[: asked.limit])
    behind = _acts_behind(found, asked=asked)
    for each in found:
        act = behind.get(each.id)
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


def _acts_behind(changes: Sequence[TierChange], *, asked: Asked) -> dict[object, Audit]:
    """Return who gave or sold tiers, by the change; others came about by themselves."""
    given = [each for each in changes if each.kind in _ACTS_ON_TIERS]
    if not given:
        return {}
    noted = Audit.objects.filter(
        target__in=asked.subjects,
        action__in=_ACTS_ON_TIERS.values(),
        created_at__lte=given[0].changed_at,
        created_at__gt=given[-1].changed_at - _MOMENT,
    )
    acts = list(noted.order_by("-id"))
    found: dict[object, Audit] = {}
    for change in given:
        for act in acts:
            since = change.changed_at - act.created_at
            fits = act.action == _ACTS_ON_TIERS[change.kind]
            if fits and timedelta(0) <= since < _MOMENT:
                found[change.id] = act
                break
    return found


def consents(asked: Asked) -> Iterator[Moment]:
    """Yield every yes and no, under whatever record it was said.

    Parameters
    ----------
    asked
        Whose, and from where on.
    """
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


def acts(asked: Asked) -> Iterator[Moment]:
    """Yield what staff and systems did, as the audit log keeps it.

    Parameters
    ----------
    asked
        Whose, and from where on.
    """
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
