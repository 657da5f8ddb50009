"""What a condition is compared with: as people write it, and as definitions keep it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import get_currency_precision

from huitouke.language import N_
from huitouke.service.backoffice.programme.forms.lists import typed, words_of
from huitouke.service.programme.rules.definition import Definition

__all__ = ["FACT_NAMES", "OPS", "read_value", "write_value"]

FACT_NAMES: dict[str, str] = {
    "": "",
    "order.eligible_minor": N_("the amount that counts"),
    "order.total_minor": N_("the order's amount"),
    "order.items": N_("the number of pieces"),
    "order.store": N_("the store"),
    "order.channel": N_("the channel"),
    "order.skus": N_("the list of goods"),
    "order.categories": N_("the kind of goods"),
    "order.brands": N_("the brand"),
    "order.coupons": N_("the coupon"),
    "member.tier": N_("the tier"),
    "member.order_count": N_("the number of earlier orders"),
    "member.days": N_("the number of days as a member"),
    "member.tags": N_("the member's label"),
    "member.birthday": N_("the birthday"),
}
OPS: dict[str, str] = {
    "": "",
    "eq": N_("is"),
    "ne": N_("is not"),
    "gte": N_("is at least"),
    "gt": N_("is more than"),
    "lte": N_("is at most"),
    "lt": N_("is less than"),
    "in": N_("is one of"),
    "not_in": N_("is none of"),
    "has": N_("has one of"),
    "has_none": N_("has none of"),
}
_LISTS = frozenset({"in", "not_in"})
_WORDS = {True: ("true", "yes", "是"), False: ("false", "no", "否")}


def read_value(condition: dict[str, Any], definition: Definition) -> str:
    """Return what a stored condition is compared with, as people write it.

    Parameters
    ----------
    condition
        JSON.
    definition
        Names of tiers and the currency come from it.
    """
    value = condition["value"]
    values = value if isinstance(value, list) else [value]
    return typed(_read(each, fact=condition["fact"], definition=definition) for each in values)


def _read(value: Any, *, fact: str, definition: Definition) -> str:
    if isinstance(value, bool):
        return _WORDS[value][0]
    if isinstance(value, int) and fact.endswith("_minor"):
        exact = Decimal(value).scaleb(-get_currency_precision(definition.currency))
        return f"{exact:f}".rstrip("0").rstrip(".") if "." in f"{exact:f}" else f"{exact:f}"
    return str(value)


def write_value(
    fact: str, op: str, written: str, *, before: dict[str, Any] | None, definition: Definition
) -> dict[str, Any]:
    """Return a condition as definitions keep it.

    Parameters
    ----------
    fact, op
        Chosen from the lists.
    written
        What it is compared with; several with commas between them.
    before
        The stored condition: where it says the same, its value stays as it is.
    definition
        Names of tiers and the currency come from it.
    """
    if before is not None and before["fact"] == fact and before["op"] == op:
        same = read_value(before, definition) == written.strip()
        if same:
            return before
    values = [_write(each, fact=fact, definition=definition) for each in words_of(written)]
    several = op in _LISTS or len(values) > 1
    value: Any = values if several else (values[0] if values else "")
    return {"fact": fact, "op": op, "value": value}


def _write(written: str, *, fact: str, definition: Definition) -> Any:
    if fact.endswith("_minor"):
        return _minor(written, currency=definition.currency)
    if fact == "member.tier":
        return _tier(written, definition=definition)
    if fact.startswith("fact."):
        for value, said in _WORDS.items():
            if written.lower() in said:
                return value
    counted = fact in _COUNTED or fact.startswith("fact.")
    return int(written) if counted and written.lstrip("-").isdecimal() else written


_COUNTED = frozenset({"order.items", "member.order_count", "member.days"})


def _minor(written: str, *, currency: str) -> Any:
    try:
        exact = Decimal(written).scaleb(get_currency_precision(currency))
    except InvalidOperation:
        return written
    return int(exact) if exact == exact.to_integral_value() else written


def _tier(written: str, *, definition: Definition) -> str:
    for tier in definition.tiers.tiers if definition.tiers else ():
        if written in {tier.code, tier.name.zh, tier.name.en}:
            return tier.code
    return written
