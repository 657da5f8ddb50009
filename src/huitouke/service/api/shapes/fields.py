"""Fields that many requests share: bounded, strict."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from ninja import Path, Query, Schema
from pydantic import ConfigDict, Field, StrictInt, StringConstraints

from huitouke.language import N_
from huitouke.service.core.bounds import LARGEST, NO_NUL
from huitouke.service.core.errors import ServiceError

__all__ = [
    "Amount",
    "Count",
    "Given",
    "Key",
    "Limit",
    "MomentStrange",
    "Names",
    "PathCode",
    "Points",
    "ProgrammeCode",
    "ShortText",
    "Text",
    "UnitCode",
    "sensible",
]

ShortText = Annotated[str, StringConstraints(max_length=60, pattern=NO_NUL)]
Text = Annotated[str, StringConstraints(max_length=500, pattern=NO_NUL)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=NO_NUL)]
Points = Annotated[StrictInt, Field(ge=1, le=LARGEST)]
Amount = Annotated[StrictInt, Field(ge=0, le=LARGEST)]
Count = Annotated[StrictInt, Field(ge=1, le=1_000_000_000)]
Names = dict[Literal["zh", "en"], Annotated[str, Field(min_length=1, max_length=200)]]
# One object per name and default: ninja writes the default into it.
Limit = Annotated[int, Query(ge=1, le=200)]
UnitCode = Annotated[str, Query(min_length=1, max_length=60, pattern=NO_NUL)]
ProgrammeCode = Annotated[str, Query(min_length=1, max_length=60, pattern=NO_NUL)]
PathCode = Annotated[str, Path(min_length=1, max_length=60, pattern=NO_NUL)]


class Given(Schema):
    """A request's body: members that it does not know are refused."""

    model_config = ConfigDict(extra="forbid")


class MomentStrange(ServiceError):
    """The moment lies where nothing is recorded."""

    code = "api.moment_strange"
    status = 422
    says = N_("The moment lies outside the years 2000 to 2099.")
    remedy = N_("Send a moment as in 2026-03-31T12:00:00+08:00.")


def sensible(moment: datetime | None) -> datetime | None:
    """Return a moment if the database can hold it and something can be recorded then.

    Parameters
    ----------
    moment
        With its zone, or none.

    Raises
    ------
    MomentStrange
        If it lies outside the years 2000 to 2099.
    """
    if moment is None or 2000 <= moment.year < 2100:
        return moment
    raise MomentStrange
