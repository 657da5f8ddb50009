"""Conditions: what they look at, and how they compare."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from huitouke.service.programme.rules.cart import CartLine, MemberView
from huitouke.service.programme.rules.earning import evaluate

TEA = CartLine(position=1, amount_minor=5_000, category="tea", sku="t1", quantity_e3=2_000)
CUP = CartLine(position=2, amount_minor=3_000, category="cup", sku="c1", brand="kiln")


def missed(outcome):
    (found,) = outcome.misses
    return found.condition, found.actual, found.required


CONDITIONS = [
    ("order.eligible_minor", "gte", 8_000, True),
    ("order.eligible_minor", "gt", 8_000, False),
    ("order.total_minor", "lte", 9_000, True),
    ("order.total_minor", "lt", 9_000, False),
    ("order.items", "eq", 3, True),
    ("order.store", "in", ["s1", "s2"], True),
    ("order.store", "not_in", ["s1"], False),
    ("order.channel", "ne", "web", True),
    ("order.skus", "has", "t1", True),
    ("order.categories", "has", ["wine", "cup"], True),
    ("order.brands", "has_none", ["kiln"], False),
    ("order.coupons", "has", "SPRING", True),
    ("member.tier", "eq", "gold", True),
    ("member.tier", "in", ["silver"], False),
    ("member.order_count", "eq", 0, True),
    ("member.days", "gte", 30, True),
    ("member.tags", "has", "vip", True),
    ("member.birthday", "has", "day", True),
    ("member.birthday", "has", "month", True),
    ("fact.stars", "gte", 5, True),
    ("fact.stars", "gte", "5", False),
    ("fact.photo", "eq", True, True),
    ("fact.photo", "eq", 1, False),
    ("fact.missing", "gte", 1, False),
    ("fact.missing", "ne", 1, True),
]


@pytest.mark.parametrize(("fact", "op", "value", "holds"), CONDITIONS)
def test_conditions_hold_or_are_missed_with_what_was_found(
    fact, op, value, holds, paid, definition, rule, noon
):
    member = MemberView(
        tier="gold",
        joined_at=noon - timedelta(days=30),
        birthday_on=date(1990, 3, 8),
        tags=frozenset({"vip"}),
    )
    when = [{"fact": "order.items", "op": "gte", "value": 1}]
    when.append({"fact": fact, "op": op, "value": value})

    outcome = evaluate(
        paid(
            TEA,
            CUP,
            store="s1",
            coupons=("SPRING",),
            shipping_minor=1_000,
            attributes={"stars": 5, "photo": True},
        ),
        definition=definition(rule(when=when)),
        member=member,
    )

    assert bool(outcome.effects) is holds
    if not holds:
        index, _, required = missed(outcome)
        assert (index, required) == (1, value)
