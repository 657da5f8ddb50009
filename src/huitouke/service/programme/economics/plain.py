"""Reports as JSON: frozen values become dicts, dates text, fractions two whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

__all__ = ["plain"]


def plain(value: Any) -> Any:
    """Return a value as JSON carries it.

    Parameters
    ----------
    value
        A frozen dataclass, or anything in one.

    Examples
    --------
    >>> plain({"on": date(2026, 3, 1), "rate": Fraction(1, 3)})
    {'on': '2026-03-01', 'rate': {'num': 1, 'den': 3}}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if isinstance(value, Fraction):
        return {"num": value.numerator, "den": value.denominator}
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
