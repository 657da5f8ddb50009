"""All versions of the programme, each readable for ever; the one in force may be ended."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from huitouke.language import N_
from huitouke.service.backoffice.acts import actor_of, at_most_once, new_key
from huitouke.service.backoffice.programme import reading
from huitouke.service.backoffice.programme.acts import (
    goes,
    names_of_staff,
    own_programme,
    shown,
    tell,
    tell_error,
)
from huitouke.service.backoffice.programme.contexts import Programmes, VersionRow
from huitouke.service.core import audit, clock
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import private_id
from huitouke.service.programme.models.versions import Version
from huitouke.service.programme.rules.checks import parse
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.differences import Difference, differences
from huitouke.service.programme.versions import commands, queries
from huitouke.service.ui.reader import current

__all__ = ["Happened", "History", "VersionPage", "history", "retire", "version"]

_RETIRED = N_("Version {number} has ended. Nothing is earned until another is published.")
_ACTS = {
    "programme.drafted": N_("Drafted"),
    "programme.draft_changed": N_("Draft changed"),
    "programme.published": N_("Published"),
    "programme.retired": N_("Ended"),
}


@dataclass(frozen=True)
class History:
    """All versions.

    Parameters
    ----------
    rows
        The newest first.
    key
        Of its forms.
    """

    rows: tuple[VersionRow, ...]
    key: str


@dataclass(frozen=True)
class Happened:
    """What was done to a version.

    Parameters
    ----------
    says
        English message.
    at, who, why
        When, by whom, and why.
    """

    says: str
    at: object
    who: str
    why: str


@dataclass(frozen=True)
class VersionPage:
    """A version as it will always read.

    Parameters
    ----------
    version
        Which.
    reads
        What it says.
    before
        Number of the version before it; none for the first.
    differences
        From that version.
    happened
        What was done to it, newest first.
    key
        Of its forms.
    """

    version: VersionRow
    reads: Programmes
    before: int | None
    differences: tuple[Difference, ...]
    happened: tuple[Happened, ...]
    key: str


@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """List all versions.

    Parameters
    ----------
    request
        Of whoever reads.
    """
    own, names = own_programme(request), names_of_staff()
    rows = tuple(reading.row(each, names=names) for each in queries.versions(own))
    return shown(request, name="history", page=History(rows, new_key()), own=own)


@require_safe
def version(request: HttpRequest, *, version: str) -> HttpResponse:
    """Show a version.

    Parameters
    ----------
    request
        Of whoever reads.
    version
        Public id.
    """
    found = queries.record(private_id("ver", version))
    if found.state == Version.State.DRAFT:
        return goes(reverse("programme_draft", args=[version]))
    definition, names = parse(found.said, shape=Definition), names_of_staff()
    earlier = queries.before(found)
    page = VersionPage(
        version=reading.row(found, names=names),
        reads=reading.read(definition),
        before=None if earlier is None else earlier.number,
        differences=()
        if earlier is None
        else differences(
            definition, old=queries.get(earlier.id)[1], language=current().language
        ),
        happened=tuple(
            Happened(
                _ACTS.get(line.action, line.action),
                line.at,
                names.get(line.actor, line.actor.partition(":")[2]),
                line.reason,
            )
            for line in audit.lines(target=version)
        ),
        key=new_key(),
    )
    return shown(request, name="version", page=page, own=found.programme)


@require_POST
def retire(request: HttpRequest, *, version: str) -> HttpResponse:
    """End the version in force.

    Parameters
    ----------
    request
        With a reason.
    version
        Public id.
    """
    found = queries.record(private_id("ver", version))

    def act(_: str) -> str:
        commands.retire(
            found.id,
            at=clock.now(),
            actor=actor_of(request),
            reason=request.POST.get("reason", "").strip()[:500],
        )
        return reverse("programme_version", args=[version])

    try:
        address = at_most_once(request, act)
    except ServiceError as error:
        tell_error(request, error)
        return goes(reverse("programme_version", args=[version]))
    tell(request, _RETIRED, number=found.number)
    return goes(address)
