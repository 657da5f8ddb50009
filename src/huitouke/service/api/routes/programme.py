"""Programmes and their versions: draft, publish, retire."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from huitouke.service.api.answers import PROBLEMS, answer
from huitouke.service.api.keys import Scoped, actor_of
from huitouke.service.api.shapes.economics import FindingOut
from huitouke.service.api.shapes.fields import PathCode
from huitouke.service.api.shapes.programme import (
    DraftChange,
    DraftIn,
    ProgrammeIn,
    ProgrammeOut,
    PublishedOut,
    PublishIn,
    RetireIn,
    VersionOut,
    WarningOut,
)
from huitouke.service.core import clock
from huitouke.service.core.ids import private_id
from huitouke.service.programme.versions import commands, creating, queries

__all__ = ["router"]

router = Router(tags=["programme"])
_READ, _WRITE = Scoped("programme:read"), Scoped("programme:write")


@router.get(
    "/programmes",
    auth=_READ,
    response={200: list[ProgrammeOut], **PROBLEMS},
    operation_id="listProgrammes",
)
def programmes(request: HttpRequest) -> list[ProgrammeOut]:
    """Return all programmes."""
    return [ProgrammeOut.of(each) for each in queries.programmes()]


@router.post(
    "/programmes",
    auth=_WRITE,
    response={201: ProgrammeOut, **PROBLEMS},
    operation_id="createProgramme",
)
def create(request: HttpRequest, *, body: ProgrammeIn) -> HttpResponse:
    """Create a programme; nothing is earned until a version is published."""
    made = creating.create(body.model_dump(), at=clock.now(), actor=actor_of(request))
    return answer(ProgrammeOut.of(made), status=201)


@router.get(
    "/programmes/{code}/versions",
    auth=_READ,
    response={200: list[VersionOut], **PROBLEMS},
    operation_id="listVersions",
)
def versions(request: HttpRequest, *, code: PathCode) -> list[VersionOut]:
    """Return all versions, the newest first."""
    found = queries.versions(queries.programme(code)).select_related("programme")
    return [VersionOut.of(each) for each in found]


@router.post(
    "/programmes/{code}/versions",
    auth=_WRITE,
    response={201: VersionOut, **PROBLEMS},
    operation_id="draftVersion",
)
def draft(request: HttpRequest, *, code: PathCode, body: DraftIn) -> HttpResponse:
    """Make a draft; it may still be incomplete."""
    made = commands.draft(
        queries.programme(code),
        definition=body.definition,
        note=body.note,
        at=clock.now(),
        actor=actor_of(request),
    )
    return answer(VersionOut.of(made), status=201)


@router.patch(
    "/versions/{version_id}",
    auth=_WRITE,
    response={200: VersionOut, **PROBLEMS},
    operation_id="changeDraft",
)
def change(request: HttpRequest, *, version_id: str, body: DraftChange) -> HttpResponse:
    """Change what a draft says."""
    changed = commands.change_draft(
        private_id("ver", version_id),
        definition=body.definition,
        revision=body.revision,
        at=clock.now(),
        actor=actor_of(request),
    )
    return answer(VersionOut.of(changed))


@router.post(
    "/versions/{version_id}/publish",
    auth=_WRITE,
    response={200: PublishedOut, **PROBLEMS},
    operation_id="publishVersion",
)
def publish(
    request: HttpRequest, *, version_id: str, body: PublishIn | None = None
) -> HttpResponse:
    """Put a draft in force now; it never changes from then on.

    A draft with a critical money loop is refused with the carts that show it.
    """
    done = commands.publish(
        private_id("ver", version_id),
        at=clock.now(),
        actor=actor_of(request),
        reason=body.reason if body else "",
        despite=body.despite if body else False,
    )
    warnings = [
        WarningOut(code=each.code, messages={"zh": each.text("zh"), "en": each.text("en")})
        for each in done.warnings
    ]
    findings = [FindingOut.of(each) for each in done.findings]
    shown = VersionOut.of(done.version)
    return answer(PublishedOut(version=shown, warnings=warnings, findings=findings))


@router.post(
    "/versions/{version_id}/retire",
    auth=_WRITE,
    response={200: VersionOut, **PROBLEMS},
    operation_id="retireVersion",
)
def retire(
    request: HttpRequest, *, version_id: str, body: RetireIn | None = None
) -> HttpResponse:
    """End the version in force; nothing is earned until another is published."""
    done = commands.retire(
        private_id("ver", version_id),
        at=clock.now(),
        actor=actor_of(request),
        reason=body.reason if body else "",
    )
    return answer(VersionOut.of(done))
