"""The conditions of a segment: checked, kept as JSON, read again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.segments.fields import DAYS_MOST, OPS, Condition, Field, Ground
from huitouke.service.segments.register import field

__all__ = [
    "CONDITIONS_MOST",
    "VALUES_MOST",
    "ConditionInvalid",
    "ConditionsMissing",
    "TooManyConditions",
    "as_json",
    "check",
    "check_all",
    "from_json",
]

CONDITIONS_MOST = 12
VALUES_MOST = 20
_LETTERS_MOST = 100
_YEARS = (1900, 2200)


class ConditionInvalid(ServiceError):
    """A condition cannot be what it is written to be."""

    code = "segments.condition_invalid"
    says = N_("{given!r} does not fit the condition {field!r}.")
    remedy = N_("Choose or write what the field takes; docs/segments.md lists it.")


class ConditionsMissing(ServiceError):
    """A segment without a condition would be everybody."""

    code = "segments.conditions_missing"
    says = N_("A segment needs a condition; without one it would be everybody.")
    remedy = N_("Add a condition.")


class TooManyConditions(ServiceError):
    """More conditions than anybody reads."""

    code = "segments.too_many_conditions"
    says = N_("A segment has at most {most} conditions, not {given}.")
    remedy = N_("Take some out, or make two segments.")


def check_all(conditions: Sequence[Condition], *, ground: Ground) -> None:
    """Refuse conditions that cannot be a segment's.

    Parameters
    ----------
    conditions
        All of them.
    ground
        Of what can be chosen.

    Raises
    ------
    ConditionsMissing, TooManyConditions
        If there is none, or more than :data:`CONDITIONS_MOST`.
    FieldUnknown, ConditionInvalid
        As for :func:`check`.
    """
    if not conditions:
        raise ConditionsMissing
    if len(conditions) > CONDITIONS_MOST:
        raise TooManyConditions(most=CONDITIONS_MOST, given=len(conditions))
    for each in conditions:
        check(each, ground=ground)


def check(condition: Condition, *, ground: Ground) -> None:
    """Refuse a condition that its field does not take.

    Parameters
    ----------
    condition
        Which.
    ground
        Of what can be chosen.

    Raises
    ------
    FieldUnknown
        If there is no such field.
    ConditionInvalid
        If operator, values or days do not fit it.
    """
    asked = field(condition.field)
    if condition.op not in OPS[asked.kind]:
        raise ConditionInvalid(field=asked.key, given=condition.op[:40])
    _check_days(condition, asked)
    several = asked.kind in {"choice", "text"}
    least = 0 if asked.kind == "flag" else 1
    most = VALUES_MOST if several else least
    if not least <= len(condition.values) <= most:
        raise ConditionInvalid(field=asked.key, given=len(condition.values))
    known = {each.value for each in asked.options(ground)} if asked.kind == "choice" else None
    for value in condition.values:
        if not _fits(value, asked) or (known is not None and value not in known):
            raise ConditionInvalid(field=asked.key, given=str(value)[:40])


def _check_days(condition: Condition, asked: Field) -> None:
    days = condition.days
    if days is None:
        if asked.span == "ahead":
            raise ConditionInvalid(field=asked.key, given="")
    elif not asked.span or not 1 <= days <= DAYS_MOST:
        raise ConditionInvalid(field=asked.key, given=days)


def _fits(value: int | str, asked: Field) -> bool:
    if asked.kind == "number":
        return _whole(value) and asked.least <= int(value) <= asked.most
    if asked.kind == "moment":
        return _whole(value) and 1 <= int(value) <= DAYS_MOST
    if not isinstance(value, str) or not 0 < len(value) <= _LETTERS_MOST or "\x00" in value:
        return False
    return asked.kind != "day" or _is_day(value)


def _whole(value: int | str) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_day(value: str) -> bool:
    try:
        found = date.fromisoformat(value)
    except ValueError:
        return False
    return found.isoformat() == value and _YEARS[0] <= found.year <= _YEARS[1]


def as_json(conditions: Sequence[Condition]) -> list[dict[str, Any]]:
    """Return conditions as they are kept and sent; what is usual is left out.

    Parameters
    ----------
    conditions
        Which.

    Examples
    --------
    >>> as_json([Condition("last_order", "within", (30,), negated=True)])
    [{'field': 'last_order', 'op': 'within', 'values': [30], 'not': True}]
    """
    return [_one_as_json(each) for each in conditions]


def _one_as_json(condition: Condition) -> dict[str, Any]:
    found: dict[str, Any] = {"field": condition.field, "op": condition.op}
    if condition.values:
        found["values"] = list(condition.values)
    if condition.negated:
        found["not"] = True
    if condition.days is not None:
        found["days"] = condition.days
    return found


def from_json(given: Sequence[dict[str, Any]]) -> tuple[Condition, ...]:
    """Return conditions that were kept.

    Parameters
    ----------
    given
        Of :func:`as_json`.

    Examples
    --------
    >>> from_json([{"field": "tier", "op": "any_of", "values": ["gold"]}])[0].values
    ('gold',)
    """
    return tuple(
        Condition(
            field=each["field"],
            op=each["op"],
            values=tuple(each.get("values", ())),
            negated=each.get("not", False),
            days=each.get("days"),
        )
        for each in given
    )
