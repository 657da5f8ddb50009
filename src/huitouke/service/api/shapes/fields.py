"""Fields that many requests share: bounded, strict."""

from __future__ import annotations

from typing import Annotated

from ninja import Query, Schema
from pydantic import ConfigDict, Field, StrictInt, StringConstraints

__all__ = [
    "Amount",
    "Given",
    "Key",
    "Limit",
    "Points",
    "ProgrammeCode",
    "ShortText",
    "Text",
    "UnitCode",
]

_LARGEST = 9_000_000_000_000_000
_NO_NUL = r"^[^\x00]*$"

ShortText = Annotated[str, StringConstraints(max_length=60, pattern=_NO_NUL)]
Text = Annotated[str, StringConstraints(max_length=500, pattern=_NO_NUL)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=_NO_NUL)]
Points = Annotated[StrictInt, Field(ge=1, le=_LARGEST)]
Amount = Annotated[StrictInt, Field(ge=0, le=_LARGEST)]
# One object per name and default: ninja writes the default into it.
Limit = Annotated[int, Query(ge=1, le=200)]
UnitCode = Annotated[str, Query(min_length=1, max_length=60)]
ProgrammeCode = Annotated[str, Query(min_length=1, max_length=60)]


class Given(Schema):
    """A request's body: members that it does not know are refused."""

    model_config = ConfigDict(extra="forbid")
