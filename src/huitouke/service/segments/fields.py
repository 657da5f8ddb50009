"""What a segment can ask of a customer: each field is a few lines of data.

A field belongs to the app that owns its facts, and that app registers it; the segments know
none of them. It says in SQL what a condition means, over one row of ``customers_customer``
that is called ``c``. Null is an answer: it is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from huitouke.language import N_
from huitouke.service.core.bounds import LARGEST

__all__ = [
    "DAYS_MOST",
    "FAMILIES",
    "OPS",
    "Condition",
    "Family",
    "Field",
    "Ground",
    "Kind",
    "Option",
    "Source",
    "Sql",
    "Unit",
]

Kind = Literal["number", "moment", "day", "choice", "text", "flag"]
Unit = Literal["", "points", "orders", "money", "percent", "days"]
Family = Literal["profile", "orders", "programme", "person"]
Made = TypeVar("Made")

#: The operators of each kind. Each can be turned round by ``not``.
OPS: dict[Kind, tuple[str, ...]] = {
    "number": ("at_least", "at_most"),
    "moment": ("within", "ago"),
    "day": ("since", "before"),
    "choice": ("any_of",),
    "text": ("any_of",),
    "flag": ("is",),
}
FAMILIES: dict[Family, str] = {
    "profile": N_("Loyalty and value"),
    "orders": N_("Orders and goods"),
    "programme": N_("Programme"),
    "person": N_("Person and consent"),
}
#: The longest time that a condition looks back or ahead.
DAYS_MOST = 3_650


@dataclass(frozen=True)
class Condition:
    """One thing that is asked of a customer.

    Parameters
    ----------
    field
        Key of a registered field.
    op
        One of the operators of its kind.
    values
        What it is compared with: whole numbers (money in minor units, shares in per cent),
        days as ``2026-01-31``, or words; of several, any will do.
    negated
        Whether it must not be so.
    days
        Over how many days, for fields that have a time; none: ever.
    """

    field: str
    op: str
    values: tuple[int | str, ...] = ()
    negated: bool = False
    days: int | None = None


@dataclass(frozen=True)
class Ground:
    """What conditions may need to know beside their values.

    Parameters
    ----------
    now
        The present moment.
    zone
        In which days begin and end.
    currency
        Whose amounts count.
    kept
        What fields looked up once.
    """

    now: datetime
    zone: ZoneInfo
    currency: str
    kept: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def today(self) -> date:
        """The shop's day."""
        return self.now.astimezone(self.zone).date()

    def ago(self, days: int) -> datetime:
        """Return the moment so many days before now.

        Parameters
        ----------
        days
            How many.
        """
        return self.now - timedelta(days=days)

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """Return what was looked up before, or look it up.

        Parameters
        ----------
        name
            Of what is looked up.
        make
            Looks it up.
        """
        if name not in self.kept:
            self.kept[name] = make()
        found: Made = self.kept[name]
        return found


@dataclass(frozen=True)
class Source:
    """A table that stands beside the customers, at most one row for each.

    Parameters
    ----------
    name
        By which the SQL of conditions calls it; one source has one name.
    join
        ``LEFT JOIN … ON …``, over ``c``.
    params
        Of the join.
    """

    name: str
    join: str
    params: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Sql:
    """A condition in SQL: true, false, or null where it is not known.

    Parameters
    ----------
    text
        Over ``c`` and the sources; all values are parameters.
    params
        In their order.
    sources
        What it reads beside the customer.
    """

    text: str
    params: tuple[Any, ...] = ()
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Option:
    """One value to choose.

    Parameters
    ----------
    value
        As conditions keep it.
    label
        English message, or a name that is shown as it is where ``names`` says it.
    names
        The merchant's own name by language; none where the label is a message.
    """

    value: str
    label: str
    names: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Field:
    """Something that can be asked of a customer.

    Parameters
    ----------
    key
        Its name in stored segments and addresses; it never changes.
    family
        With which others it is shown.
    label, says
        English messages: what it is called, and what exactly it means.
    kind
        How it is asked.
    sql
        Makes SQL of a condition, ``negated`` left aside.
    unit
        Of a number.
    least, most
        Bounds of a number.
    span
        ``past``: may look at the last so many days only; ``ahead``: must look ahead; or
        neither.
    partial
        Whether there are customers of whom it is not known.
    options
        What can be chosen; of text, what may be meant.
    as_of
        The day up to which its facts are known, where that is not today.
    """

    key: str
    family: Family
    label: str
    says: str
    kind: Kind
    sql: Callable[[Condition, Ground], Sql]
    unit: Unit = ""
    least: int = 0
    most: int = LARGEST
    span: Literal["", "past", "ahead"] = ""
    partial: bool = False
    options: Callable[[Ground], tuple[Option, ...]] = lambda _: ()
    as_of: Callable[[Ground], date | None] | None = None
