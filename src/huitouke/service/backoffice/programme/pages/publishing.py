"""Before a draft is published: who notices what, what it costs, how it is exploited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from huitouke.language import N_
from huitouke.service.backoffice.acts import actor_of, at_most_once, may, new_key
from huitouke.service.backoffice.programme import reading
from huitouke.service.backoffice.programme.acts import goes, names_of_staff, shown, tell
from huitouke.service.backoffice.programme.contexts import Broken, VersionRow
from huitouke.service.core import clock
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import private_id, public_id
from huitouke.service.programme.economics.catalogue import codes_of, prizes_of
from huitouke.service.programme.economics.exploits import LOOKED_FOR, check
from huitouke.service.programme.economics.loops.finding import Finding
from huitouke.service.programme.errands.queries import latest_backtest
from huitouke.service.programme.models.versions import Version
from huitouke.service.programme.rules.checks import parse
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.differences import Difference, differences
from huitouke.service.programme.rules.promises import warnings
from huitouke.service.programme.versions import commands, queries
from huitouke.service.ui.reader import current

__all__ = ["Found", "Publishing", "StepLine", "check_draft", "publish"]

_DONE = N_("Version {number} is in force from now on.")
_REASON = N_("Say why it is published in spite of this.")
_SEVERITIES = {
    "critical": (N_("money for nothing, again and again"), "bad"),
    "high": (N_("again and again, within bounds"), "bad"),
    "medium": (N_("more than is meant"), "warn"),
    "low": (N_("once, or against the member"), "info"),
}


@dataclass(frozen=True)
class StepLine:
    """One step of a way to exploit the draft.

    Parameters
    ----------
    says
        In words.
    points
        That the member gets or gives.
    cash_minor
        Money that the member gets or pays.
    """

    says: str
    points: int
    cash_minor: int

    @property
    def amounts(self) -> str:
        """What the member gets or gives in it, in points and money."""
        reader, found = current(), []
        if self.points:
            points = f"{'+' if self.points > 0 else ''}{reader.number(self.points)}"
            found.append(reader.words.say(N_("{points} points"), points=points))
        if self.cash_minor:
            sign = "+" if self.cash_minor > 0 else ""
            found.append(f"{sign}{reader.money(self.cash_minor)}")
        return " · ".join(found)


@dataclass(frozen=True)
class Found:
    """One way to exploit the draft.

    Parameters
    ----------
    says
        In one sentence.
    severity, tone
        English message of how bad it is, and its tone.
    gain_minor
        What the steps bring.
    steps
        The concrete cart, step by step.
    """

    says: str
    severity: str
    tone: str
    gain_minor: int
    steps: tuple[StepLine, ...]

    @property
    def gain(self) -> str:
        """What the steps bring, in money."""
        return current().money(self.gain_minor)


@dataclass(frozen=True)
class Publishing:
    """All that is to be known before a draft is published.

    Parameters
    ----------
    version
        The draft.
    force
        What it takes the place of; none: nothing is in force.
    differences, warnings
        What changes, and what becomes smaller for members.
    broken
        What must be mended first.
    findings, looked_for
        Ways to exploit it, and how many kinds were looked for.
    critical
        Whether one of them blocks it.
    tested
        Public id of the latest back-test; empty: there was none.
    tested_at, stale
        When it was, and whether the draft has changed since.
    may_publish
        Whether the reader may.
    error
        What went wrong.
    reason
        As it was typed.
    key
        Of its form.
    """

    version: VersionRow
    force: VersionRow | None
    differences: tuple[Difference, ...]
    warnings: tuple[str, ...]
    broken: tuple[Broken, ...]
    findings: tuple[Found, ...]
    looked_for: int
    critical: bool
    tested: str
    tested_at: datetime | None
    stale: bool
    may_publish: bool
    error: str
    reason: str
    key: str


@require_safe
def check_draft(request: HttpRequest, *, version: str) -> HttpResponse:
    """Show what publishing a draft would mean.

    Parameters
    ----------
    request
        Of who drafts.
    version
        Public id of the draft.
    """
    found = queries.record(private_id("ver", version))
    if found.state != Version.State.DRAFT:
        return goes(reverse("programme_version", args=[version]))
    return _page(request, found)


@require_POST
def publish(request: HttpRequest, *, version: str) -> HttpResponse:
    """Publish a draft.

    Parameters
    ----------
    request
        ``despite`` is ``yes`` where a critical finding shall not block it; then with a
        ``reason``.
    version
        Public id of the draft.
    """
    found = queries.record(private_id("ver", version))
    reason = request.POST.get("reason", "").strip()[:500]
    despite = request.POST.get("despite") == "yes"
    if despite and not reason:
        return _page(request, found, error=current().words.say(_REASON))

    def act(_: str) -> str:
        commands.publish(
            found.id, at=clock.now(), actor=actor_of(request), reason=reason, despite=despite
        )
        return reverse("programme_version", args=[version])

    try:
        address = at_most_once(request, act)
    except ServiceError as error:
        return _page(request, found, error=error.text(current().language))
    tell(request, _DONE, number=found.number)
    return goes(address)


def _page(request: HttpRequest, found: Version, *, error: str = "") -> HttpResponse:
    definition, language = parse(found.definition, shape=Definition), current().language
    draft, at = public_id("ver", found.id), clock.now()
    names = names_of_staff()
    in_force = queries.in_force(found.programme, at=at)
    wrong = reading.broken(definition, draft=draft)
    code = found.programme.code
    loops = (
        () if wrong else check(definition, rewards=prizes_of(code), campaigns=codes_of(code))
    )
    tested = latest_backtest(found.id)
    page = Publishing(
        version=reading.row(found, names=names),
        force=None
        if in_force is None
        else reading.row(queries.record(in_force[0].id), names=names),
        differences=()
        if in_force is None
        else differences(definition, old=in_force[1], language=language),
        warnings=()
        if in_force is None
        else tuple(each.text(language) for each in warnings(definition, old=in_force[1])),
        broken=wrong,
        findings=tuple(_found(each) for each in loops),
        looked_for=len(LOOKED_FOR),
        critical=any(each.severity == "critical" for each in loops),
        tested="" if tested is None else public_id("err", tested.id),
        tested_at=None if tested is None else tested.ended_at,
        stale=tested is not None and tested.facts.get("revision") != found.revision,
        may_publish=may(request, "programme.publish"),
        error=error,
        reason=request.POST.get("reason", ""),
        key=new_key(),
    )
    status = 422 if error else 200
    return shown(request, name="publish", page=page, own=found.programme, status=status)


def _found(given: Finding) -> Found:
    language = current().language
    severity, tone = _SEVERITIES[given.severity]
    steps = zip(given.told(language), given.steps, strict=True)
    return Found(
        says=given.text(language),
        severity=severity,
        tone=tone,
        gain_minor=given.gain_minor,
        steps=tuple(StepLine(says, step.points, step.cash_minor) for says, step in steps),
    )
