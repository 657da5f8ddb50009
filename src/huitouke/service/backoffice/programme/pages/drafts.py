"""A draft and its parts: read, changed one part at a time, tried on a sample cart."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from huitouke.language import N_
from huitouke.service.backoffice.acts import actor_of, at_most_once, may, new_key
from huitouke.service.backoffice.programme import reading
from huitouke.service.backoffice.programme.acts import (
    goes,
    names_of_staff,
    page_frame,
    shown,
    tell,
    tell_error,
)
from huitouke.service.backoffice.programme.contexts import DraftPage, PartPage
from huitouke.service.backoffice.programme.forms.base import Context, PartForm
from huitouke.service.backoffice.programme.forms.units import UnitCounted, counted_units
from huitouke.service.backoffice.programme.parts import NEW, PARTS, Part, PartUnknown
from huitouke.service.backoffice.programme.trial import Trial, trial_of
from huitouke.service.core import clock
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import private_id, public_id
from huitouke.service.programme.models.versions import Version
from huitouke.service.programme.rules.benefits import one_breath
from huitouke.service.programme.rules.checks import DefinitionInvalid, parse, problems
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.differences import differences
from huitouke.service.programme.rules.told import said_of_rule
from huitouke.service.programme.versions import commands, queries
from huitouke.service.ui.pages import fragment
from huitouke.service.ui.reader import current

__all__ = ["begin", "draft", "part", "remove", "try_cart"]

_BEGUN = N_(
    "Draft {number} begins as a copy. Nothing changes for members until it is published."
)
_SPANS = {
    "half": N_("the last half year"),
    "year": N_("the last year"),
    "all": N_("all time"),
}
_KEPT = N_("Kept in the draft. Members notice nothing until it is published.")
_GONE = N_("Taken out of the draft. Members notice nothing until it is published.")


def _draft(version: str) -> tuple[Version, Definition]:
    found = queries.record(private_id("ver", version))
    return found, parse(found.said, shape=Definition)


def _in_force(found: Version, *, at: datetime) -> Definition | None:
    force = queries.in_force(found.programme, at=at)
    return None if force is None else force[1]


@require_POST
def begin(request: HttpRequest, *, version: str) -> HttpResponse:
    """Begin a draft as a copy of a version.

    Parameters
    ----------
    request
        Of who drafts.
    version
        Public id of what is copied.
    """
    source, _ = _draft(version)

    def act(_: str) -> str:
        made = commands.draft(
            source.programme,
            definition=source.said,
            note=request.POST.get("note", "").strip(),
            at=clock.now(),
            actor=actor_of(request),
        )
        return reverse("programme_draft", args=[public_id("ver", made.id)])

    try:
        address = at_most_once(request, act)
    except ServiceError as error:
        tell_error(request, error)
        return goes(reverse("programme_home"))
    tell(
        request,
        _BEGUN,
        number=queries.record(private_id("ver", address.rpartition("/")[2])).number,
    )
    return goes(address)


@require_safe
def draft(request: HttpRequest, *, version: str) -> HttpResponse:
    """Show a draft.

    Parameters
    ----------
    request
        Of whoever reads.
    version
        Public id.
    """
    found, definition = _draft(version)
    if found.state != Version.State.DRAFT:
        return goes(reverse("programme_version", args=[version]))
    at = clock.now()
    force = _in_force(found, at=at)
    changes = may(request, "programme.draft")
    say = current().words.say
    page = DraftPage(
        version=reading.row(found, names=names_of_staff()),
        revision=found.revision,
        reads=reading.read(definition, draft=version if changes else ""),
        differences=()
        if force is None
        else differences(definition, old=force, language=current().language),
        broken=reading.broken(definition, draft=version),
        trial=trial_of(request.GET, draft=definition, force=force, at=at),
        changes=changes,
        spans=tuple((span, say(says)) for span, says in _SPANS.items()),
        key=new_key(),
    )
    return shown(request, name="draft", page=page, own=found.programme)


@require_safe
def try_cart(request: HttpRequest, *, version: str) -> HttpResponse:
    """Return what a sample cart earns under a draft, for htmx; without it, the whole page.

    Parameters
    ----------
    request
        With the cart.
    version
        Public id of the draft.
    """
    if not request.htmx:  # type: ignore[attr-defined]
        return draft(request, version=version)
    found, definition = _draft(version)
    at = clock.now()
    trial = trial_of(request.GET, draft=definition, force=_in_force(found, at=at), at=at)
    return _trial(request, trial, found=found)


def _trial(request: HttpRequest, trial: Trial, *, found: Version) -> HttpResponse:
    frame = page_frame(request, own=found.programme)
    return fragment(request, component="backoffice.programme.tried", frame=frame, trial=trial)


def part(
    request: HttpRequest, *, version: str, name: str, place: int | None = None, kind: str = ""
) -> HttpResponse:
    """Show one part of a draft in its form, try it, or keep it.

    Parameters
    ----------
    request
        A POST with ``act`` try: nothing is kept.
    version
        Public id of the draft.
    name
        Of the part.
    place
        In its list.
    kind
        Of a new one.
    """
    found, definition = _draft(version)
    where = _Where(found, definition, name=name, place=NEW if kind else place, kind=kind)
    if request.method != "POST":
        form = where.form(None)
        return _part_page(request, where, form=form, definition=definition)
    form = where.form(request.POST)
    tried = _changed(where, form)
    if request.POST.get("act") == "try":
        drawn = tried if isinstance(tried, Definition) else definition
        if request.htmx:  # type: ignore[attr-defined]
            at = clock.now()
            force = _in_force(found, at=at)
            trial = trial_of(request.POST, draft=drawn, force=force, at=at)
            return _trial(request, trial, found=found)
        return _part_page(request, where, form=form, definition=drawn)
    if tried is None:
        return _part_page(request, where, form=form, definition=definition, status=422)
    return _kept(request, where, form)


class _Where:
    """One part of one draft."""

    def __init__(
        self, found: Version, definition: Definition, *, name: str, place: int | None, kind: str
    ) -> None:
        known = PARTS.get(name)
        if known is None or known.many != (place is not None):
            raise Http404
        self.found, self.definition, self.part = found, definition, known
        self.place, self.kind = place or 0, kind
        self.version = public_id("ver", found.id)
        try:
            self.given = known.get(found.definition, place=self.place, kind=kind)
        except PartUnknown as error:
            raise Http404 from error
        self.is_new = self.place == NEW or not _there(known, found.definition)

    def form(self, data: Any) -> PartForm:
        """Return its form."""
        context = Context(
            self.definition, is_new=self.is_new, programme=self.found.programme.code
        )
        return self.part.make_form(data, given=self.given, context=context)

    def whole(self, form: PartForm) -> dict[str, Any]:
        """Return JSON of the draft with what was written."""
        gone = getattr(form, "gone", False)
        value = None if gone else form.written()
        return self.part.put(self.found.definition, value, place=self.place)

    @property
    def counted(self) -> bool:
        """Whether it is a unit that members have, which stays in the programme."""
        known = counted_units(self.found.programme.code) if self.part.name == "units" else {}
        return self.given.get("code") in known

    @property
    def pointer(self) -> str:
        """JSON pointer of the part."""
        place = self.place
        if place == NEW:
            place = len(self.part.listed(self.found.definition))
        return self.part.pointer(place)


def _there(known: Part, definition: dict[str, Any]) -> bool:
    here: Any = definition
    for key in known.path:
        here = here.get(key) if isinstance(here, dict) else None
    return here is not None


def _changed(where: _Where, form: PartForm) -> Definition | None:
    """Return the draft with what was written; none where the form has mistakes to show."""
    if not form.is_valid():
        return None
    try:
        definition = parse(where.whole(form), shape=Definition)
        wrong = problems(definition)
    except DefinitionInvalid as error:
        definition, wrong = None, list(error.problems)
    before = {(each.pointer, each.says) for each in problems(where.definition)}
    for each in wrong:
        inside = each.pointer.removeprefix(where.pointer)
        own = each.pointer == where.pointer or each.pointer.startswith(f"{where.pointer}/")
        known = any(inside.startswith(place) for place in form.pointers if place)
        if known or (where.part.path and own):
            form.blame(each, pointer=inside)
        elif (each.pointer, each.says) not in before or definition is None:
            form.add_error(None, each.text(current().language))
    return definition if form.is_valid() else None


def _kept(request: HttpRequest, where: _Where, form: PartForm) -> HttpResponse:
    def act(_: str) -> str:
        commands.change_draft(
            where.found.id,
            definition=where.whole(form),
            revision=_revision(request),
            at=clock.now(),
            actor=actor_of(request),
        )
        return reverse("programme_draft", args=[where.version])

    try:
        address = at_most_once(request, act)
    except ServiceError as error:
        form.add_error(None, error.text(current().language))
        return _part_page(request, where, form=form, definition=where.definition, status=422)
    tell(request, _KEPT)
    return goes(address)


def _revision(request: HttpRequest) -> int:
    given = request.POST.get("revision", "")
    return int(given) if given.isdecimal() else 0


@require_POST
def remove(request: HttpRequest, *, version: str, name: str, place: int) -> HttpResponse:
    """Take one part of a list out of a draft.

    Parameters
    ----------
    request
        Of who drafts.
    version
        Public id of the draft.
    name, place
        Which.
    """
    found, definition = _draft(version)
    where = _Where(found, definition, name=name, place=place, kind="")
    address = reverse("programme_draft", args=[version])

    def act(_: str) -> str:
        if where.counted:
            raise UnitCounted(unit=where.given["code"])
        commands.change_draft(
            found.id,
            definition=where.part.put(found.definition, None, place=place),
            revision=_revision(request),
            at=clock.now(),
            actor=actor_of(request),
        )
        return address

    try:
        at_most_once(request, act)
    except ServiceError as error:
        tell_error(request, error)
        return goes(address)
    tell(request, _GONE)
    return goes(address)


def _part_page(
    request: HttpRequest,
    where: _Where,
    *,
    form: PartForm,
    definition: Definition,
    status: int = 200,
) -> HttpResponse:
    at = clock.now()
    force = _in_force(where.found, at=at)
    many = where.part.many
    page = PartPage(
        version=reading.row(where.found, names=names_of_staff()),
        revision=where.found.revision,
        part=where.part.name,
        title=where.part.new_title if where.place == NEW else where.part.title,
        form=form,
        preview=_preview(where, definition),
        removable=many
        and where.place != NEW
        and where.part.fresh is not None
        and not where.counted,
        trial=trial_of(
            request.POST if request.method == "POST" else None,
            draft=definition,
            force=force,
            at=at,
        ),
        key=new_key(),
        here=request.path,
        remove_url=reverse(
            "programme_part_remove", args=[where.version, where.part.name, where.place]
        )
        if many and where.place != NEW
        else "",
    )
    return shown(request, name="part", page=page, own=where.found.programme, status=status)


def _preview(where: _Where, definition: Definition) -> tuple[str, ...]:
    """Return what the part says: a rule's sentence, a tier's line in one breath."""
    language, place = current().language, where.place
    if where.part.name == "rules" and 0 <= place < len(definition.rules):
        rule = definition.rules[place]
        return (said_of_rule(rule, definition=definition, language=language),)
    tiers = definition.tiers.tiers if definition.tiers else ()
    if where.part.name == "tier" and 0 <= place < len(tiers):
        return (one_breath(definition, tier=tiers[place].code, language=language),)
    if where.part.name == "benefits":
        return tuple(
            one_breath(definition, tier=tier.code, language=language) for tier in tiers
        ) or (one_breath(definition, tier=None, language=language),)
    return ()
