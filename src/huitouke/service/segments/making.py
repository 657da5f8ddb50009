"""How fields make SQL of conditions: what several apps need in the same way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from huitouke.service.segments.fields import Condition, Ground, Source, Sql

__all__ = ["chosen", "day", "moment", "number", "since"]

Made = Callable[[Condition, Ground], Sql]


def number(
    expression: str,
    *,
    source: Callable[[Condition, Ground], Source] | None = None,
    scale: Callable[[Ground], float] | None = None,
) -> Made:
    """Return what compares a number.

    Parameters
    ----------
    expression
        SQL of the number; ``{source}`` is the name of its source.
    source
        Makes its source.
    scale
        By what a written value is divided to be compared with the stored number.
    """

    def make(condition: Condition, ground: Ground) -> Sql:
        sources = () if source is None else (source(condition, ground),)
        left = expression.format(source=sources[0].name) if sources else expression
        sign = ">=" if condition.op == "at_least" else "<="
        value = int(condition.values[0])
        right = value if scale is None else value / scale(ground)
        return Sql(f"{left} {sign} %s", (right,), sources)

    return make


def moment(column: str, *, source: Callable[[Condition, Ground], Source] | None = None) -> Made:
    """Return what asks how long ago something was; what never was is not within any time.

    Parameters
    ----------
    column
        SQL of the moment, null where there is none.
    source
        Makes its source, where it is none of the customer's own.
    """

    def make(condition: Condition, ground: Ground) -> Sql:
        sources = () if source is None else (source(condition, ground),)
        sign = ">=" if condition.op == "within" else "<"
        bound = ground.ago(int(condition.values[0]))
        return Sql(f"({column} IS NOT NULL AND {column} {sign} %s)", (bound,), sources)

    return make


def day(column: str) -> Made:
    """Return what asks whether something was since, or before, a day of the shop.

    Parameters
    ----------
    column
        SQL of the moment, null where there is none.
    """

    def make(condition: Condition, ground: Ground) -> Sql:
        sign = ">=" if condition.op == "since" else "<"
        at = date.fromisoformat(str(condition.values[0]))
        bound = datetime(at.year, at.month, at.day, tzinfo=ground.zone)
        return Sql(f"({column} IS NOT NULL AND {column} {sign} %s)", (bound,))

    return make


def chosen(expression: str) -> Made:
    """Return what compares a word with several.

    Parameters
    ----------
    expression
        SQL of the word.
    """

    def make(condition: Condition, _: Ground) -> Sql:
        return Sql(f"{expression} = ANY(%s)", (list(condition.values),))

    return make


def since(
    column: str, condition: Condition, ground: Ground
) -> tuple[str, tuple[datetime, ...]]:
    """Return the part of a condition that looks at the last so many days only.

    Parameters
    ----------
    column
        SQL of the moment.
    condition
        Whose ``days`` count; none of them: no part.
    ground
        For the present moment.
    """
    if condition.days is None:
        return "", ()
    return f" AND {column} >= %s", (ground.ago(condition.days),)
