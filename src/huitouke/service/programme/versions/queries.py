"""Which version was in force, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.programme.models.versions import Programme, Version
from huitouke.service.programme.rules.definition import Definition, Unit

__all__ = [
    "NothingPublished",
    "ProgrammeUnknown",
    "VersionUnknown",
    "VersionView",
    "before",
    "by_number",
    "current",
    "day_before",
    "definition_of",
    "get",
    "in_force",
    "programme",
    "programmes",
    "record",
    "spent_units",
    "versions",
]


class ProgrammeUnknown(ServiceError):
    """There is no such programme."""

    code = "programme.programme_unknown"
    status = 404
    says = N_("There is no programme {programme!r}.")
    remedy = N_("Create it first, or use the code of one that is there.")


class NothingPublished(ServiceError):
    """The programme had no rules in force at that moment."""

    code = "programme.nothing_published"
    status = 409
    says = N_("The programme {programme!r} had no published version at {at}.")
    remedy = N_("Publish a version, or send a moment at which one was in force.")


class VersionUnknown(ServiceError):
    """There is no such version."""

    code = "programme.version_unknown"
    status = 404
    says = N_("There is no version {version}.")
    remedy = N_("Use the id or number of a version of this programme.")


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version without its definition.

    Parameters
    ----------
    id, number
        Its id, and its number within the programme, as ledger entries carry it.
    programme_id, programme
        Id and code of the programme.
    state
        ``draft``, ``published`` or ``retired``.
    revision
        Of a draft: counts its changes.
    published_at, retired_at
        From when, and before when, it is in force.
    zone, currency
        The programme's.
    """

    id: UUID
    number: int
    programme_id: UUID
    programme: str
    state: str
    revision: int
    published_at: datetime | None
    retired_at: datetime | None
    zone: str
    currency: str

    def unit(self, code: str) -> str:
        """Return the ledger's code of one of the programme's units.

        Parameters
        ----------
        code
            Within the programme, e.g. ``"points"``.
        """
        return f"{self.programme}.{code}"


_VIEW = (
    "SELECT v.id, v.number, p.id, p.code, v.state, v.revision, v.published_at, v.retired_at,"
    " p.zone, p.currency"
    " FROM programme_version v JOIN programme_programme p ON p.id = v.programme_id"
)
_AT = " AND v.published_at <= %s AND (v.retired_at IS NULL OR v.retired_at > %s)"
_LAST = " ORDER BY v.published_at DESC LIMIT 1"

Which = Programme | UUID | str


def _named(given: Which) -> tuple[str, str | UUID]:
    """Return the condition and the value that name a programme."""
    if isinstance(given, Programme):
        return " WHERE p.id = %s", given.id
    return (" WHERE p.id = %s" if isinstance(given, UUID) else " WHERE p.code = %s"), given


def in_force(programme: Which, *, at: datetime) -> tuple[VersionView, Definition] | None:
    """Return the version in force at a moment and what it says; none before the first.

    Parameters
    ----------
    programme
        The programme, its id, or its code.
    at
        The moment.
    """
    where, value = _named(programme)
    found = _one(_VIEW + where + _AT + _LAST, values=[value, at, at])
    return None if found is None else (found, _read(found))


def spent_units(programme: Which, *, at: datetime) -> tuple[Unit, ...]:
    """Return the units that rewards may cost: those in force that are ever spent.

    Before the first version it is what a version has that says nothing of units.

    Parameters
    ----------
    programme
        The programme, its id, or its code.
    at
        The moment.
    """
    found = in_force(programme, at=at)
    return (Definition() if found is None else found[1]).spent_units


def current(programme: Which, *, at: datetime) -> tuple[VersionView, Definition]:
    """Return the version in force at a moment and what it says.

    The definition is read and made once per version and process.

    Parameters
    ----------
    programme
        The programme, its id, or its code.
    at
        The moment.

    Raises
    ------
    NothingPublished
        If none was in force then, or there is no such programme.
    """
    found = in_force(programme, at=at)
    if found is None:
        raise NothingPublished(programme=str(programme), at=at.isoformat(timespec="seconds"))
    return found


def by_number(programme: Which, *, number: int) -> tuple[VersionView, Definition]:
    """Return a version by its number and what it says.

    Parameters
    ----------
    programme
        The programme, its id, or its code.
    number
        As ledger entries carry it.

    Raises
    ------
    VersionUnknown
        If there is none.
    """
    where, value = _named(programme)
    found = _one(_VIEW + where + " AND v.number = %s", values=[value, number])
    if found is None:
        raise VersionUnknown(version=number)
    return found, _read(found)


def get(version: UUID) -> tuple[VersionView, Definition]:
    """Return a version by its id and what it says.

    Parameters
    ----------
    version
        Its id.

    Raises
    ------
    VersionUnknown
        If there is none.
    """
    found = _one(_VIEW + " WHERE v.id = %s", values=[version])
    if found is None:
        raise VersionUnknown(version=version)
    return found, _read(found)


def record(version: UUID) -> Version:
    """Return a version as it is kept, with its programme: who made it, and its JSON.

    Parameters
    ----------
    version
        Its id.

    Raises
    ------
    VersionUnknown
        If there is none.
    """
    found = Version.objects.select_related("programme").filter(pk=version).first()
    if found is None:
        raise VersionUnknown(version=version)
    return found


def before(version: Version) -> Version | None:
    """Return the version that was in force before another; none for the first.

    Parameters
    ----------
    version
        One that was published.
    """
    earlier = Version.objects.filter(
        programme=version.programme_id, published_at__lt=version.published_at
    )
    return earlier.order_by("-published_at").first()


def day_before(programme: Programme, *, at: datetime, days: int | None) -> datetime | None:
    """Return the beginning of a local day so many days ago; none for no number of days.

    Parameters
    ----------
    programme
        Whose calendar.
    at
        Now.
    days
        How many.
    """
    if days is None:
        return None
    zone = ZoneInfo(programme.zone)
    return datetime.combine(at.astimezone(zone).date() - timedelta(days=days), time(), zone)


def programme(code: str) -> Programme:
    """Return a programme by its code.

    Parameters
    ----------
    code
        E.g. ``"main"``.

    Raises
    ------
    ProgrammeUnknown
        If there is none.
    """
    found = Programme.objects.filter(code=code).first()
    if found is None:
        raise ProgrammeUnknown(programme=code)
    return found


def programmes() -> QuerySet[Programme]:
    """Return all programmes, in order of their codes."""
    return Programme.objects.order_by("code")


def versions(programme: Programme) -> QuerySet[Version]:
    """Return all versions of a programme, the newest first.

    Parameters
    ----------
    programme
        Which.
    """
    return Version.objects.filter(programme=programme).order_by("-number")


@lru_cache(maxsize=256)
def definition_of(version: UUID, *, zone: str, currency: str) -> Definition:
    """Return what a published version says, for ever the same; read once per process.

    Parameters
    ----------
    version
        Id of a version that was published.
    zone, currency
        The programme's, which hold for all its versions: they may be chosen after the first
        was published, as long as nothing is counted.

    Raises
    ------
    VersionUnknown
        If there is none, or it is still a draft.
    """
    return _parsed(version, but="draft", zone=zone, currency=currency)


def _read(found: VersionView) -> Definition:
    own = {"zone": found.zone, "currency": found.currency}
    draft = found.state == Version.State.DRAFT
    return _parsed(found.id, but="", **own) if draft else definition_of(found.id, **own)


def _parsed(version: UUID, *, but: str, zone: str, currency: str) -> Definition:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (definition || jsonb_build_object('zone', %s::text, 'currency', %s::text))"
            "::text FROM programme_version WHERE id = %s AND state <> %s",
            [zone, currency, version, but],
        )
        row = cursor.fetchone()
    if row is None:
        raise VersionUnknown(version=version)
    return Definition.model_validate_json(row[0])


def _one(sql: str, *, values: Sequence[str | int | datetime | UUID]) -> VersionView | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
    return None if row is None else VersionView(*row)
