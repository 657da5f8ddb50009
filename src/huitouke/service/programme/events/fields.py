"""What a field of a fact may hold: strict whole numbers, bounded text, moments with a zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
)

from huitouke.service.core.bounds import LARGEST, NO_NUL

__all__ = [
    "Attributes",
    "Code",
    "Currency",
    "Day",
    "FactPart",
    "Minor",
    "Moment",
    "Name",
    "Quantity",
    "Source",
    "SourceId",
    "quantity_e3",
]

_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
_LAST = datetime(2100, 1, 1, tzinfo=UTC)
_NO_CONTROL = r"^[^\x00-\x1f\x7f]*$"
_ATTRIBUTES_MOST = 50
_QUANTITY = r"^[0-9]{1,9}(\.[0-9]{1,3})?$"


class FactPart(BaseModel):
    """A frozen piece of a fact; members it does not know are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _written(given: Any) -> Any:
    """Refuse numbers as moments: nobody can tell seconds from milliseconds in them."""
    if not isinstance(given, str | date) or (isinstance(given, str) and _numeric(given)):
        message = "a moment is written as in 2026-03-31T12:00:00+08:00"
        raise ValueError(message)
    return given


def _numeric(text: str) -> bool:
    return text.strip().lstrip("+-").replace(".", "", 1).isdigit()


def _sensible(moment: datetime) -> datetime:
    if not _FIRST <= moment < _LAST:
        message = "must lie between the years 2000 and 2100"
        raise ValueError(message)
    return moment.astimezone(UTC)


def _some(quantity: int | str) -> int | str:
    if quantity_e3(quantity) <= 0:
        message = "must be more than nothing"
        raise ValueError(message)
    return quantity


def _few(given: Any) -> Any:
    """Refuse too many attributes before each of them is looked at."""
    if isinstance(given, dict) and len(given) > _ATTRIBUTES_MOST:
        message = f"at most {_ATTRIBUTES_MOST} attributes"
        raise ValueError(message)
    return given


def _ordered(given: dict[str, Any]) -> dict[str, Any]:
    """Order the members, so that equal attributes are one and the same body."""
    return dict(sorted(given.items()))


def quantity_e3(quantity: int | str) -> int:
    """Return a quantity in thousandths.

    Parameters
    ----------
    quantity
        A whole number, or a decimal text with at most three places.

    Examples
    --------
    >>> quantity_e3(2), quantity_e3("0.125")
    (2000, 125)
    """
    return quantity * 1000 if isinstance(quantity, int) else int(Decimal(quantity) * 1000)


Source = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=_NO_CONTROL)]
SourceId = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=_NO_CONTROL)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=_NO_CONTROL)]
Name = Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)]
#: ISO 4217; empty: the programme's own.
Currency = Annotated[str, StringConstraints(pattern=r"^([A-Z]{3})?$")]
Minor = Annotated[StrictInt, Field(ge=0, le=LARGEST)]
Day = Annotated[
    date, BeforeValidator(_written), Field(ge=date(1900, 1, 1), lt=date(2100, 1, 1))
]
Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_sensible)]
Quantity = Annotated[
    Annotated[StrictInt, Field(ge=1, le=1_000_000_000)]
    | Annotated[str, StringConstraints(strict=True, pattern=_QUANTITY)],
    AfterValidator(_some),
]
AttributeValue = StrictBool | Annotated[StrictInt, Field(ge=-LARGEST, le=LARGEST)] | Name
Attributes = Annotated[
    dict[Annotated[str, StringConstraints(min_length=1, max_length=60)], AttributeValue],
    BeforeValidator(_few),
    Field(max_length=_ATTRIBUTES_MOST),
    AfterValidator(_ordered),
]
