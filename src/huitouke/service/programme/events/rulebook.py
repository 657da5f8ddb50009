"""Which version of a programme's rules holds for a fact, and what its units are called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from django.db import connection

from huitouke.service.ledger import units as ledger_units
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.versions.queries import (
    NothingPublished,
    VersionUnknown,
    by_number,
    definition_of,
)

__all__ = ["Rulebook", "Rules"]

_VERSIONS = """
SELECT p.id, p.zone, p.currency, v.id, v.number, v.published_at, v.retired_at
FROM programme_programme p
JOIN programme_version v ON v.programme_id = p.id AND v.published_at IS NOT NULL
WHERE p.code = %b ORDER BY v.published_at, v.number
"""


@dataclass(frozen=True, slots=True)
class Rules:
    """One version of the rules; version 0 gives nothing: none was in force."""

    version: int
    definition: Definition

    def named(self, unit: str) -> dict[str, str] | str:
        """Return what a unit is called, as reasons carry it; its code if it is not known.

        Parameters
        ----------
        unit
            Code within the programme.
        """
        found = self.definition.unit(unit)
        return unit if found is None else found.name.model_dump(exclude_defaults=True)

    def day(self, moment: datetime) -> date:
        """Return the local day of a moment.

        Parameters
        ----------
        moment
            Any, with an offset.
        """
        return moment.astimezone(self.definition.zone_info).date()


@dataclass(frozen=True, slots=True)
class _Reign:
    """A version and when it is in force."""

    zone: str
    currency: str
    id: UUID
    number: int
    begins: datetime
    ends: datetime | None

    @property
    def definition(self) -> Definition:
        """What it says."""
        return definition_of(self.id, zone=self.zone, currency=self.currency)


@lru_cache(maxsize=64)
def _nothing(zone: str, currency: str) -> Definition:
    return Definition(zone=zone, currency=currency)


@lru_cache(maxsize=256)
def _units(head: str, _version: UUID) -> dict[str, ledger_units.UnitView]:
    """Return a programme's units in the ledger.

    The id of the latest version stands for database and day: units and their settings
    change only when a version is published.
    """
    return {
        unit.code.removeprefix(head): unit
        for unit in ledger_units.units()
        if unit.code.startswith(head)
    }


@lru_cache(maxsize=256)
def _numbers(head: str, version: UUID) -> dict[str, int]:
    return {code: unit.unit for code, unit in _units(head, version).items()}


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All versions of one programme that were ever in force.

    Parameters
    ----------
    programme, code
        Id and code of the programme.
    now
        The rules in force at the moment of writing.
    units
        The ledger's number of each unit by its code within the programme.
    """

    programme: UUID
    code: str
    now: Rules
    units: dict[str, int]
    reigns: tuple[_Reign, ...]
    nothing: Rules

    @classmethod
    def open(cls, code: str, *, at: datetime) -> Rulebook:
        """Return the rules of a programme.

        Parameters
        ----------
        code
            Of the programme, e.g. ``"main"``.
        at
            The moment of writing.

        Raises
        ------
        NothingPublished
            If there is no such programme, or it never had rules.
        """
        with connection.cursor() as cursor:
            cursor.execute(_VERSIONS, [code])
            rows = cursor.fetchall()
        if not rows:
            raise NothingPublished(programme=code, at=at.isoformat(timespec="seconds"))
        programme, zone, currency = rows[0][:3]
        reigns = tuple([_Reign(*row[1:]) for row in rows])
        nothing = Rules(0, _nothing(zone, currency))
        return cls(
            programme=programme,
            code=code,
            now=_in_force(reigns, at=at) or nothing,
            units=_numbers(f"{code}.", reigns[-1].id),
            reigns=reigns,
            nothing=nothing,
        )

    def at(self, moment: datetime) -> Rules:
        """Return the rules in force at a moment; before the first there were none.

        Parameters
        ----------
        moment
            When something happened.
        """
        return _in_force(self.reigns, at=moment) or self.nothing

    def terms(self) -> Iterator[tuple[int, datetime, datetime | None, Definition]]:
        """Give each version's number, first moment in force, end of that, and rules."""
        following = [*(reign.begins for reign in self.reigns[1:]), None]
        for reign, after in zip(self.reigns, following, strict=True):
            ends = min((each for each in (reign.ends, after) if each), default=None)
            yield reign.number, reign.begins, ends, reign.definition

    @property
    def currency(self) -> str:
        """The programme's currency, an ISO 4217 code."""
        return self.nothing.definition.currency

    @property
    def refers(self) -> bool:
        """Whether members were ever rewarded for bringing friends."""
        return any(reign.definition.referral is not None for reign in self.reigns)

    def settings(self, code: str) -> ledger_units.UnitSettings:
        """Return what may be done with a unit.

        Parameters
        ----------
        code
            Within the programme, e.g. ``"points"``; one of ``units``.
        """
        return _units(f"{self.code}.", self.reigns[-1].id)[code].settings

    def unit(self, code: str) -> int:
        """Return the ledger's number of a unit.

        Parameters
        ----------
        code
            Within the programme, e.g. ``"points"``.

        Raises
        ------
        UnitUnknown
            If there is none.
        """
        found = self.units.get(code)
        if found is None:
            raise ledger_units.UnitUnknown(unit=f"{self.code}.{code}"[:120])
        return found

    def number(self, number: int) -> Rules:
        """Return the rules of a number, as purchases carry it.

        Parameters
        ----------
        number
            0 for none.

        Raises
        ------
        VersionUnknown
            If there was none.
        """
        if number == 0:
            return self.nothing
        for reign in self.reigns:
            if reign.number == number:
                return Rules(number, reign.definition)
        raise VersionUnknown(version=number)

    def any_number(self, number: int) -> Rules:
        """Return the rules of a number, of a draft as well.

        Parameters
        ----------
        number
            Within the programme.

        Raises
        ------
        VersionUnknown
            If there is none.
        """
        return Rules(number, by_number(self.programme, number=number)[1])


def _in_force(reigns: tuple[_Reign, ...], *, at: datetime) -> Rules | None:
    for reign in reversed(reigns):
        if reign.begins <= at:
            if reign.ends is not None and reign.ends <= at:
                return None
            return Rules(reign.number, reign.definition)
    return None
