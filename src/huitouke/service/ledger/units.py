"""What an account counts: points, growth value, stored value; and what may be done with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from django.db import transaction
from pydantic import BaseModel, ConfigDict, Field

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.ledger.calling import ask

__all__ = [
    "UnitDiffers",
    "UnitKind",
    "UnitSettings",
    "UnitUnknown",
    "UnitView",
    "change_unit",
    "create_unit",
    "unit",
    "units",
]

#: Whoever numbers a unit holds this lock to the end of the transaction.
_NUMBERING = 4_848_201_503
UnitKind = Literal["points", "growth", "stored_value"]


class UnitUnknown(ServiceError):
    """Nothing is counted under this code."""

    code = "ledger.unit_unknown"
    status = 404
    says = N_("There is no unit {unit!r}.")
    remedy = N_("Publish the programme that defines it first.")


class UnitDiffers(ServiceError):
    """The code stands for another kind of unit."""

    code = "ledger.unit_differs"
    status = 409
    says = N_("The unit {unit!r} counts {kind} already.")
    remedy = N_("Choose another code.")


class UnitSettings(BaseModel):
    """What may be done with a unit, as the version published last says.

    Parameters
    ----------
    adjust_limit
        Points one person may adjust for one member within a day without another's approval.
    transfers
        Whether members may give points to each other.
    transfer_limit
        The most that one member may give away on a day; none is no limit.
    transfer_wait
        Days until the receiver may use them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    adjust_limit: int = Field(default=10_000, ge=0)
    transfers: bool = False
    transfer_limit: int | None = Field(default=None, ge=1)
    transfer_wait: int = Field(default=0, ge=0)


@dataclass(frozen=True)
class UnitView:
    """One unit: its number in the ledger, its code, kind and settings."""

    unit: int
    code: str
    kind: UnitKind
    settings: UnitSettings


def create_unit(code: str, *, kind: UnitKind, settings: UnitSettings | None = None) -> int:
    """Return the number of a unit, made with these settings if it is not there yet.

    Parameters
    ----------
    code
        ``"<programme>.<unit>"``, e.g. ``"main.points"``.
    kind
        What it is.
    settings
        What may be done with it; used only when it is made.

    Raises
    ------
    UnitDiffers
        If the code stands for another kind.
    """
    wanted = (settings or UnitSettings()).model_dump_json()
    with transaction.atomic():
        # One at a time, or two would reckon the same next number; the statement after the
        # lock sees what the one before has committed.
        ask("SELECT pg_advisory_xact_lock(%s)", [_NUMBERING])
        ask(
            "INSERT INTO ledger.unit (unit, code, kind, settings)"
            " SELECT coalesce(max(unit), 0) + 1, %s, %s, %s::jsonb FROM ledger.unit"
            " ON CONFLICT (code) DO NOTHING RETURNING unit",
            [code, kind, wanted],
        )
    found = unit(code)
    if found.kind != kind:
        raise UnitDiffers(unit=code, kind=found.kind)
    return found.unit


def change_unit(code: str, *, settings: UnitSettings) -> UnitView:
    """Change what may be done with a unit from now on.

    Parameters
    ----------
    code
        Its code.
    settings
        All its settings.

    Raises
    ------
    UnitUnknown
        If there is none with this code.
    """
    ask(
        "UPDATE ledger.unit SET settings = %s::jsonb WHERE code = %s RETURNING unit",
        [settings.model_dump_json(), code],
    )
    return unit(code)


def unit(code: str) -> UnitView:
    """Return the unit with a code.

    Parameters
    ----------
    code
        ``"<programme>.<unit>"``.

    Raises
    ------
    UnitUnknown
        If there is none.
    """
    for found in units():
        if found.code == code:
            return found
    raise UnitUnknown(unit=code)


def units() -> list[UnitView]:
    """Return all units in the order in which they were made."""
    return [
        UnitView(number, code, kind, _settings(kept))
        for number, code, kind, kept in ask(
            "SELECT unit, code, kind, settings::text FROM ledger.unit ORDER BY unit", []
        )
    ]


def _settings(kept: str) -> UnitSettings:
    """Return settings as they are kept, without those that no version knows any more.

    Rows made by earlier releases hold a copy of what refunds do; the definition says that.
    """
    known = {
        name: value
        for name, value in json.loads(kept).items()
        if name in UnitSettings.model_fields
    }
    return UnitSettings.model_validate(known)
