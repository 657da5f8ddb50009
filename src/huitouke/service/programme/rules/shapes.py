"""Small shapes that every part of a programme's definition is made of.

A definition is JSON that a merchant edits: unknown fields are refused, numbers are whole
(``"3"``, ``3.0`` and ``true`` are not numbers of points), and a value once made never changes.
"""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from huitouke.language import N_, Language, one_of
from huitouke.service.core.bounds import LARGEST
from huitouke.service.core.places import is_zone

__all__ = [
    "CODE_PATTERN",
    "Cap",
    "Code",
    "Condition",
    "Currency",
    "Days",
    "Expiry",
    "FixedDay",
    "Inactivity",
    "Minor",
    "MonthDay",
    "Months",
    "Name",
    "Never",
    "Op",
    "Per",
    "Points",
    "Rolling",
    "Scope",
    "Selection",
    "Shape",
    "ShortText",
    "StrictBool",
    "Value",
    "Weekday",
    "Whole",
    "Window",
    "Word",
    "Zone",
    "known_zone",
]

CODE_PATTERN = r"^[a-z][a-z0-9_.-]{0,59}$"

Code = Annotated[str, Field(pattern=CODE_PATTERN)]
Whole = Annotated[int, Field(strict=True, ge=-LARGEST, le=LARGEST)]
Points = Annotated[int, Field(strict=True, ge=1, le=LARGEST)]
Minor = Annotated[int, Field(strict=True, ge=0, le=LARGEST)]
Days = Annotated[int, Field(strict=True, ge=0, le=3650)]
Months = Annotated[int, Field(strict=True, ge=1, le=1200)]
Weekday = Annotated[int, Field(strict=True, ge=1, le=7)]
MonthDay = Annotated[int, Field(strict=True, ge=1, le=31)]
ShortText = Annotated[str, Field(max_length=200)]
Word = Annotated[str, Field(min_length=1, max_length=200)]
StrictBool = Annotated[bool, Field(strict=True)]
Value = StrictBool | Whole | ShortText | tuple[ShortText | Whole, ...]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Op = Literal["eq", "ne", "gte", "gt", "lte", "lt", "in", "not_in", "has", "has_none"]
Per = Literal["order", "day", "week", "month", "year", "ever"]


def known_zone(given: str) -> str:
    """Return the name of a time zone if it is known.

    Parameters
    ----------
    given
        An IANA name.

    Raises
    ------
    ValueError
        If it is not known; a shape makes a problem of it.
    """
    if not is_zone(given):
        message = N_("This is not an IANA time zone, such as Asia/Shanghai.")
        raise ValueError(message)
    return given


Zone = Annotated[str, Field(max_length=60), AfterValidator(known_zone)]


class Shape(BaseModel):
    """Ground of every part of a definition: frozen, and strange to unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Name(Shape):
    """What something is called, in Chinese, English or both.

    Parameters
    ----------
    zh, en
        At least one of the two; a reader of the other language gets the one there is.

    Examples
    --------
    >>> Name(zh="金卡").said("en")
    '金卡'
    """

    zh: ShortText = ""
    en: ShortText = ""

    @model_validator(mode="after")
    def _said_somehow(self) -> Self:
        if not (self.zh or self.en):
            message = N_("A name needs zh or en.")
            raise ValueError(message)
        return self

    def said(self, language: Language) -> str:
        """Return the name for a reader.

        Parameters
        ----------
        language
            The reader's; both scripts of Chinese read ``zh``.
        """
        return one_of({"zh": self.zh, "en": self.en}, language=language)


class Condition(Shape):
    """One test that a fact must pass.

    Parameters
    ----------
    fact
        What is looked at: ``order.eligible_minor``, ``order.total_minor``, ``order.items``
        (pieces, whole), ``order.store``, ``order.channel``, ``order.skus``,
        ``order.categories``, ``order.brands``, ``order.coupons``, ``member.tier``,
        ``member.order_count`` (orders before this one), ``member.days`` (since joining),
        ``member.tags``, ``member.birthday`` (among ``day``, ``week``, ``month``) or
        ``fact.<name>`` (an attribute of the fact itself, e.g. ``fact.has_photo``).
    op
        ``eq ne gte gt lte lt`` compare, ``in``/``not_in`` look for the fact's value in a
        list, ``has``/``has_none`` look for any of the given values in the fact's list.
    value
        What it is compared with; money in minor units. A list for ``in`` and ``not_in``.

    Examples
    --------
    >>> Condition(fact="order.eligible_minor", op="gte", value=10000).op
    'gte'
    """

    fact: Annotated[str, Field(pattern=r"^(order|member|fact)\.[a-z][a-z0-9_]{0,59}$")]
    op: Op
    value: Value


class Window(Shape):
    """When a rule is in force, by the programme's own calendar and clock.

    All that is given must hold together; nothing given is always.

    Parameters
    ----------
    from_on, to_on
        First and last local day, both included.
    weekdays
        1 (Monday) to 7 (Sunday).
    month_days
        Days of the month, e.g. ``(8,)`` for a member day on every 8th.
    from_time, to_time
        Local time of day, first included, second excluded; a window over midnight
        (22:00 to 02:00) is allowed, and its day is the day of the moment itself.
    """

    from_on: date | None = None
    to_on: date | None = None
    weekdays: tuple[Weekday, ...] = ()
    month_days: tuple[MonthDay, ...] = ()
    from_time: time | None = None
    to_time: time | None = None

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.from_on and self.to_on and self.from_on > self.to_on:
            message = N_("The window ends before it begins.")
            raise ValueError(message)
        times = [moment for moment in (self.from_time, self.to_time) if moment]
        if any(moment.tzinfo for moment in times):
            message = N_("Times of day are local, without an offset.")
            raise ValueError(message)
        return self


class Selection(Shape):
    """Goods named by SKU, category or brand; any of them will do."""

    skus: tuple[Word, ...] = ()
    categories: tuple[Word, ...] = ()
    brands: tuple[Word, ...] = ()


class Scope(Shape):
    """Which lines of an order a rule looks at.

    Parameters
    ----------
    include
        Only these goods; nothing named is all goods.
    exclude
        But never these.
    """

    include: Selection = Selection()
    exclude: Selection = Selection()


class Cap(Shape):
    """At most so many points per period.

    Parameters
    ----------
    points
        The most that one member gets in one period.
    per
        ``order``, or ``day``, ``week`` (from Monday), ``month``, ``year`` of the local
        calendar, or ``ever``.
    pool
        Rules whose caps name the same pool share what is left; empty is the rule's own.
    """

    points: Points
    per: Per
    pool: Annotated[str, Field(max_length=60)] = ""


class Rolling(Shape):
    """Valid for so many calendar months from the day the points become available.

    Parameters
    ----------
    months
        Calendar months, held to the end of a shorter month (31 January + 1 month is
        28 or 29 February).
    round
        Rounded up to the end of that month, quarter or year; ``none`` keeps the day.
    """

    kind: Literal["rolling"] = "rolling"
    months: Months
    round: Literal["none", "month", "quarter", "year"] = "none"


class FixedDay(Shape):
    """All go on one day of the year.

    Parameters
    ----------
    month, day
        Last local day on which they are valid; 29 February is the 28th in other years.
    least_months
        Points younger than this on that day live until the next one.
    """

    kind: Literal["fixed_day"] = "fixed_day"
    month: Annotated[int, Field(strict=True, ge=1, le=12)]
    day: MonthDay
    least_months: Annotated[int, Field(strict=True, ge=0, le=12)] = 0

    @model_validator(mode="after")
    def _day_is_in_its_month(self) -> Self:
        if self.day > (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[self.month - 1]:
            message = N_("This month has no such day.")
            raise ValueError(message)
        return self


class Inactivity(Shape):
    """Valid while the member earns or burns; gone so many months after the last time."""

    kind: Literal["inactivity"] = "inactivity"
    months: Months


class Never(Shape):
    """Never expires."""

    kind: Literal["never"] = "never"


Expiry = Annotated[Rolling | FixedDay | Inactivity | Never, Field(discriminator="kind")]
