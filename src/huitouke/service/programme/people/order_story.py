"""What an order brought in points, and what it did not and why. Nothing is written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from huitouke.service.orders.models import Order, Refund
from huitouke.service.programme.models.members import Fact, OrderEarning, Purchase

__all__ = ["Brought", "OrderStory", "order_story"]


@dataclass(frozen=True, slots=True)
class Brought:
    """Points of one unit that an order brought, and how many of them were taken back."""

    unit: str
    earned: int
    taken: int


@dataclass(frozen=True, slots=True)
class OrderStory:
    """What was answered when an order was told, and what is left of it.

    Parameters
    ----------
    effects, reasons
        Of the order itself: what it changed, and rules that gave nothing, as of
        ``results.FactResult``.
    brought
        Points by unit.
    back
        Effects of the returns, in the order in which they were.
    """

    effects: tuple[Mapping[str, Any], ...]
    reasons: tuple[Mapping[str, Any], ...]
    brought: tuple[Brought, ...]
    back: tuple[Mapping[str, Any], ...]


def order_story(order: Order) -> OrderStory:
    """Return what an order brought, whoever told it.

    Parameters
    ----------
    order
        With its refunds at hand.
    """
    answer = _answer(*_name(order))
    return OrderStory(
        effects=tuple(answer.get("effects", ())),
        reasons=tuple(answer.get("reasons", ())),
        brought=_brought(order),
        back=_back(sorted(order.refunds.all(), key=lambda each: (each.at, each.id))),
    )


def _name(order: Order) -> tuple[str, str]:
    """Return source and id of the fact that told an order.

    What counts for a member keeps the name; without one a till's own number is tried, which
    is the name that it gives.
    """
    kept = Purchase.objects.filter(order=order.pk).values_list("fact_key", flat=True).first()
    if kept is None:
        return order.source, order.number
    _, source, name = kept.split(":", 2)
    return source.replace("%3A", ":").replace("%25", "%"), name


def _answer(source: str, name: str) -> dict[str, Any]:
    fact = Fact.objects.filter(source=source, source_id=name).first()
    if fact is None or not fact.answer:
        return {}
    found: dict[str, Any] = json.loads(fact.answer)
    return found


def _brought(order: Order) -> tuple[Brought, ...]:
    earned: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for each in OrderEarning.objects.filter(order=order.pk):
        earned[each.unit] += each.earned
        taken[each.unit] += each.taken
    return tuple(Brought(unit, earned[unit], taken[unit]) for unit in sorted(earned))


def _back(refunds: list[Refund]) -> tuple[Mapping[str, Any], ...]:
    """Return the effects of returns, in one question for all."""
    facts = Fact.objects.filter(
        source__in={each.source for each in refunds},
        source_id__in={each.source_id for each in refunds},
    )
    answers = {(each.source, each.source_id): each.answer for each in facts}
    return tuple(
        effect
        for each in refunds
        for effect in json.loads(answers.get((each.source, each.source_id)) or "{}").get(
            "effects", ()
        )
    )
