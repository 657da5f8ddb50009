"""Conditions: what they look at, and how they compare.

A fact that is absent, or of another kind than what it is compared with, passes no
comparison; only ``ne``, ``not_in`` and ``has_none`` are true of what is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huitouke.service.programme.rules.calendar import birthday_periods
from huitouke.service.programme.rules.cart import Cart, FactView, MemberView
from huitouke.service.programme.rules.shapes import Condition

__all__ = ["KNOWN_FACTS", "Sight", "Test", "compile_condition"]


@dataclass(slots=True)
class Sight:
    """All that a condition may look at.

    Parameters
    ----------
    fact, member
        As the rules were given them.
    local
        The moment of the fact in the programme's zone.
    eligible_minor
        Eligible amount of the whole cart.
    """

    fact: FactView
    member: MemberView
    local: datetime
    eligible_minor: int


Getter = Callable[[Sight], Any]


def _cart(read: Callable[[Cart], Any]) -> Getter:
    def look(sight: Sight) -> Any:
        return None if sight.fact.cart is None else read(sight.fact.cart)

    return look


def _days(sight: Sight) -> int | None:
    joined = sight.member.joined_at
    if joined is None:
        return None
    return (sight.local.date() - joined.astimezone(sight.local.tzinfo).date()).days


KNOWN_FACTS: dict[str, Getter] = {
    "order.eligible_minor": lambda sight: sight.eligible_minor,
    "order.total_minor": _cart(
        lambda cart: sum(line.amount_minor for line in cart.lines) + cart.shipping_minor
    ),
    "order.items": _cart(lambda cart: sum(line.quantity_e3 for line in cart.lines) // 1000),
    "order.store": _cart(lambda cart: cart.store),
    "order.channel": _cart(lambda cart: cart.channel),
    "order.skus": _cart(lambda cart: [line.sku for line in cart.lines]),
    "order.categories": _cart(lambda cart: [line.category for line in cart.lines]),
    "order.brands": _cart(lambda cart: [line.brand for line in cart.lines]),
    "order.coupons": _cart(lambda cart: cart.coupons),
    "member.tier": lambda sight: sight.member.tier,
    "member.order_count": lambda sight: sight.member.order_count,
    "member.days": _days,
    "member.tags": lambda sight: sight.member.tags,
    "member.birthday": lambda sight: birthday_periods(
        sight.member.birthday_on, day=sight.local.date()
    ),
}


def _same(actual: Any, wanted: Any) -> bool:
    return isinstance(actual, bool) == isinstance(wanted, bool) and bool(actual == wanted)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def test(actual: Any, wanted: Any) -> bool:
        alike = type(actual) is type(wanted) and type(actual) in {int, str}
        return alike and compare(actual, wanted)

    return test


def _listed(value: Any) -> Collection[Any]:
    if isinstance(value, tuple | list | frozenset | set):
        return value
    return () if value is None else (value,)


def _any_same(actual: Any, wanted: Any) -> bool:
    return any(_same(a, w) for a in _listed(actual) for w in _listed(wanted))


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": _same,
    "ne": lambda actual, wanted: not _same(actual, wanted),
    "gte": _ordered(lambda actual, wanted: actual >= wanted),
    "gt": _ordered(lambda actual, wanted: actual > wanted),
    "lte": _ordered(lambda actual, wanted: actual <= wanted),
    "lt": _ordered(lambda actual, wanted: actual < wanted),
    "in": _any_same,
    "not_in": lambda actual, wanted: not _any_same(actual, wanted),
    "has": _any_same,
    "has_none": lambda actual, wanted: not _any_same(actual, wanted),
}


@dataclass(frozen=True, slots=True)
class Test:
    """A condition made ready.

    Parameters
    ----------
    fact, op, value
        As written in the condition.
    look
        Finds the fact's value.
    passes
        Compares it with ``value``.
    """

    fact: str
    op: str
    value: Any
    look: Getter
    passes: Callable[[Any, Any], bool]


def compile_condition(condition: Condition) -> Test:
    """Return a condition made ready to be asked many times.

    Parameters
    ----------
    condition
        As the merchant wrote it; an ``order.`` or ``member.`` fact that is not known is
        found to be absent.

    Examples
    --------
    >>> test = compile_condition(Condition(fact="fact.stars", op="gte", value=4))
    >>> test.passes(5, test.value), test.passes("5", test.value), test.passes(None, test.value)
    (True, False, False)
    """
    look = KNOWN_FACTS.get(condition.fact)
    if look is None:
        kind, _, name = condition.fact.partition(".")
        if kind == "fact":
            return Test(
                condition.fact,
                condition.op,
                condition.value,
                lambda sight: sight.fact.attributes.get(name),
                _TESTS[condition.op],
            )
        look = _absent
    return Test(condition.fact, condition.op, condition.value, look, _TESTS[condition.op])


def _absent(_sight: Sight) -> None:
    return None
