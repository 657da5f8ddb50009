"""Create a programme, draft its rules, change the draft, publish it, retire it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from huitouke.language import N_
from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.ledger.units import UnitSettings, change_unit, create_unit, unit
from huitouke.service.programme.economics.catalogue import codes_of, prizes_of
from huitouke.service.programme.economics.exploits import check
from huitouke.service.programme.economics.loops.finding import Finding
from huitouke.service.programme.models.versions import Programme, Version
from huitouke.service.programme.rules.checks import (
    DefinitionInvalid,
    Problem,
    parse,
    problems,
)
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.promises import Warned, warnings
from huitouke.service.programme.versions.queries import VersionUnknown, get

__all__ = [
    "DraftChanged",
    "MoneyLoop",
    "NotADraft",
    "NotPublished",
    "Published",
    "VersionTooEarly",
    "change_draft",
    "draft",
    "publish",
    "retire",
]

_NOTE_MOST = 500


class NotADraft(ServiceError):
    """What was published never changes."""

    code = "programme.not_a_draft"
    status = 409
    says = N_("Version {number} is {state}; only a draft can be changed or published.")
    remedy = N_("Make a new draft from it.")


class NotPublished(ServiceError):
    """Only what is in force can be retired."""

    code = "programme.not_published"
    status = 409
    says = N_("Version {number} is {state}; only a published one can be retired.")
    remedy = N_("Name the version that is in force.")


class DraftChanged(ServiceError):
    """Someone else changed the draft in the meantime."""

    code = "programme.draft_changed"
    status = 409
    says = N_("The draft is at revision {revision}, not {given}: someone has changed it.")
    remedy = N_("Read it again, and make your change on top of theirs.")


class MoneyLoop(ServiceError):
    """Members could take out money without end; ``problems`` tells each way."""

    code = "programme.money_loop"
    status = 409
    says = N_("Version {number} would let members take out money: {count} ways were found.")
    remedy = N_("Mend the draft by the findings, or publish it despite them with a reason.")

    def __init__(self, findings: Sequence[Finding], *, number: int) -> None:
        self.problems = tuple(findings)
        super().__init__(number=number, count=len(findings))


class VersionTooEarly(ServiceError):
    """Versions follow one another in time."""

    code = "programme.version_too_early"
    status = 409
    says = N_("A version is in force from {since} on; the next cannot begin before that.")
    remedy = N_("Publish it as of now.")


@dataclass(frozen=True)
class Published:
    """A version that is in force now, and what members lose with it.

    Parameters
    ----------
    version
        As it was published.
    warnings
        Promises that become smaller, for new points and later reviews.
    findings
        What the exploit check found, the worst first.
    """

    version: Version
    warnings: tuple[Warned, ...]
    findings: tuple[Finding, ...] = ()


@transaction.atomic
def draft(
    programme: Programme,
    *,
    definition: Mapping[str, Any],
    at: datetime,
    actor: Actor,
    note: str = "",
) -> Version:
    """Make a draft with the next number; it may still be incomplete.

    Parameters
    ----------
    programme
        Whose.
    definition
        JSON of a :class:`Definition`; zone and currency are the programme's.
    at, actor
        When, and who.
    note
        What it is for, in the merchant's words.

    Raises
    ------
    DefinitionInvalid
        If a field is missing, strange, or of the wrong kind.
    """
    kept = _kept(definition, programme=programme)
    Programme.objects.select_for_update().get(pk=programme.pk)
    last = Version.objects.filter(programme=programme).aggregate(last=Max("number"))["last"]
    made = Version.objects.create(
        programme=programme,
        number=(last or 0) + 1,
        definition=kept,
        note=note[:_NOTE_MOST],
        created_at=at,
        created_by=str(actor),
        changed_at=at,
        changed_by=str(actor),
    )
    audit.note("programme.drafted", actor=actor, target=public_id("ver", made.id))
    return made


@transaction.atomic
def change_draft(
    version: UUID,
    *,
    definition: Mapping[str, Any],
    revision: int,
    at: datetime,
    actor: Actor,
) -> Version:
    """Change what a draft says.

    Parameters
    ----------
    version
        Id of the draft.
    definition
        All of it, as JSON.
    revision
        The one that was read; another since then is refused.
    at, actor
        When, and who.

    Raises
    ------
    VersionUnknown
        If there is none.
    NotADraft
        If it was published.
    DraftChanged
        If someone changed it in the meantime.
    DefinitionInvalid
        If a field is missing, strange, or of the wrong kind.
    """
    found = _locked(version)
    if found.state != Version.State.DRAFT:
        raise NotADraft(number=found.number, state=found.state)
    if found.revision != revision:
        raise DraftChanged(revision=found.revision, given=revision)
    found.definition = _kept(definition, programme=found.programme)
    found.revision += 1
    found.changed_at, found.changed_by = at, str(actor)
    found.save()
    target = public_id("ver", found.id)
    facts = {"revision": found.revision}
    audit.note("programme.draft_changed", actor=actor, target=target, facts=facts)
    return found


@transaction.atomic
def publish(
    version: UUID,
    *,
    at: datetime,
    actor: Actor,
    reason: str = "",
    despite: bool = False,
) -> Published:
    """Put a draft in force from a moment on; the one before it is retired at that moment.

    The units that it counts are made in the ledger, and may be used as it says. Points and
    tiers that members have keep what they were promised; what becomes smaller for new ones
    is returned as warnings.

    Parameters
    ----------
    version
        Id of the draft.
    at
        From when it is in force.
    actor, reason
        Who, and why.
    despite
        Publish it also where the exploit check finds a critical money loop.

    Raises
    ------
    VersionUnknown
        If there is none.
    NotADraft
        If it was published already.
    MoneyLoop
        If the exploit check finds a critical money loop.
    VersionTooEarly
        If another was in force at or after that moment.
    DefinitionInvalid
        If it does not hold together.
    """
    found = _locked(version)
    if found.state != Version.State.DRAFT:
        raise NotADraft(number=found.number, state=found.state)
    definition = parse(found.said, shape=Definition)
    wrong = problems(definition)
    if wrong:
        raise DefinitionInvalid(wrong)
    code = found.programme.code
    loops = tuple(check(definition, rewards=prizes_of(code), campaigns=codes_of(code)))
    if not despite and any(each.severity == "critical" for each in loops):
        raise MoneyLoop(loops, number=found.number)
    before = _retire_before(found, at=at, actor=actor)
    found.state = Version.State.PUBLISHED
    found.published_at, found.published_by = at, str(actor)
    found.save()
    _make_units(definition, programme=found.programme)
    warned = () if before is None else tuple(warnings(definition, old=before))
    audit.note(
        "programme.published",
        actor=actor,
        target=public_id("ver", found.id),
        reason=reason,
        facts={
            "number": found.number,
            "warnings": [one.code for one in warned],
            "findings": [one.kind for one in loops],
        },
    )
    return Published(found, warned, loops)


@transaction.atomic
def retire(version: UUID, *, at: datetime, actor: Actor, reason: str = "") -> Version:
    """End a published version without another in its place: nothing is earned from then on.

    Parameters
    ----------
    version
        Id of the version in force.
    at
        First moment at which it is no longer in force.
    actor, reason
        Who, and why.

    Raises
    ------
    VersionUnknown
        If there is none.
    NotPublished
        If it is a draft, or retired already.
    VersionTooEarly
        If it was published after that moment.
    """
    found = _locked(version)
    if found.state != Version.State.PUBLISHED or found.published_at is None:
        raise NotPublished(number=found.number, state=found.state)
    if at < found.published_at:
        raise VersionTooEarly(since=found.published_at.isoformat(timespec="seconds"))
    _end(found, at=at, actor=actor)
    target = public_id("ver", found.id)
    audit.note("programme.retired", actor=actor, target=target, reason=reason)
    return found


def _kept(given: Mapping[str, Any], *, programme: Programme) -> dict[str, Any]:
    """Return a definition as it is stored: checked in form, in the programme's own zone."""
    own = {"zone": programme.zone, "currency": programme.currency}
    read = parse({**own, **given}, shape=Definition)
    strange = [
        Problem(
            f"/{field}", N_("This is the programme's own, {own}, and stays."), {"own": value}
        )
        for field, value in own.items()
        if getattr(read, field) != value
    ]
    if strange:
        raise DefinitionInvalid(strange)
    return read.model_dump(mode="json")


def _locked(version: UUID) -> Version:
    """Lock the programme, then the version, so that versions change one at a time."""
    seen = Version.objects.filter(pk=version).values_list("programme_id", flat=True).first()
    if seen is None:
        raise VersionUnknown(version=version)
    own = Programme.objects.select_for_update().get(pk=seen)
    found = Version.objects.select_for_update().get(pk=version)
    found.programme = own
    return found


def _retire_before(found: Version, *, at: datetime, actor: Actor) -> Definition | None:
    """Retire the version in force, and return what it said; none for the first."""
    others = Version.objects.filter(programme=found.programme_id).exclude(published_at=None)
    last = others.order_by("-published_at").first()
    if last is None or last.published_at is None:
        return None
    since = last.retired_at or last.published_at
    if at < since:
        raise VersionTooEarly(since=since.isoformat(timespec="seconds"))
    if last.state == Version.State.PUBLISHED:
        _end(last, at=at, actor=actor)
    return get(last.id)[1]


def _end(found: Version, *, at: datetime, actor: Actor) -> None:
    found.state = Version.State.RETIRED
    found.retired_at, found.retired_by = at, str(actor)
    found.save()


def _make_units(definition: Definition, *, programme: Programme) -> None:
    """Make the units that the definition counts, with what it lets be done with them.

    A unit that it counts no more keeps what the version before said: members have it still.
    """
    for each in definition.units:
        code = f"{programme.code}.{each.code}"
        wanted = UnitSettings(
            transfers=each.transfers,
            transfer_limit=each.transfer_limit,
            transfer_wait=each.transfer_wait,
            adjust_limit=each.adjust_limit,
        )
        create_unit(code, kind=each.kind, settings=wanted)
        if unit(code).settings != wanted:
            change_unit(code, settings=wanted)
