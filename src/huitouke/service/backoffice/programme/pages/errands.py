"""Long work: asked for, watched while it goes on, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from huitouke.language import N_, one_of
from huitouke.service.backoffice.acts import actor_of, at_most_once, may, new_key
from huitouke.service.backoffice.customers.pointing import pointed
from huitouke.service.backoffice.programme.acts import goes, page_frame, shown, tell, tell_error
from huitouke.service.backoffice.programme.backtested import (
    Backtested,
    movers_of,
    read_backtest,
)
from huitouke.service.core import clock
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import private_id, public_id
from huitouke.service.programme.errands import commands
from huitouke.service.programme.models.errands import Errand
from huitouke.service.programme.models.versions import Version
from huitouke.service.programme.rules.checks import parse
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.versions import queries
from huitouke.service.ui.pages import fragment
from huitouke.service.ui.reader import current

__all__ = ["ErrandPage", "backtest", "call_off", "errand", "progress"]

_OFF = N_("Called off. Nothing of it was kept.")
_STOP_POLLING = 286
_DAYS = {"year": 365, "half": 183, "all": None}


@dataclass(frozen=True)
class ErrandPage:
    """One piece of long work.

    Parameters
    ----------
    id, kind, state
        Which, and where it stands.
    title
        English message.
    done, total, share
        How far it is.
    asked_at, ended_at
        When.
    error
        Why it could not be done, in the reader's words.
    back_url
        Where it was asked for.
    version, revision, stale
        Number of the version that was tested, its revision then, and whether it has changed.
    found
        What the back-test found.
    result_url
        Where what came of other work is.
    may_stop
        Whether the reader may call it off.
    progress_url, stop_url
        How far it is, and where it is called off.
    key
        Of its forms.
    """

    id: str
    kind: str
    state: str
    title: str
    done: int
    total: int
    share: float
    asked_at: datetime
    ended_at: datetime | None
    error: str
    back_url: str
    version: int | None
    revision: int | None
    stale: bool
    found: Backtested | None
    result_url: str
    may_stop: bool
    progress_url: str
    stop_url: str
    key: str

    @property
    def share_machine(self) -> str:
        """How far it is, as browsers read numbers."""
        return f"{self.share:.3f}"


@require_POST
def backtest(request: HttpRequest, *, version: str) -> HttpResponse:
    """Ask for a back-test of a draft.

    Parameters
    ----------
    request
        ``over`` says how far back.
    version
        Public id of the draft.
    """
    back = reverse("programme_draft", args=[version])

    def act(key: str) -> str:
        at = clock.now()
        found = queries.record(private_id("ver", version))
        made = commands.ask_backtest(
            found.id,
            since=queries.day_before(found.programme, at=at, days=_days(request)),
            key=key,
            at=at,
            actor=actor_of(request),
        )
        return reverse("programme_errand", args=[public_id("err", made.id)])

    try:
        return goes(at_most_once(request, act))
    except ServiceError as error:
        tell_error(request, error)
        return goes(back)


def _days(request: HttpRequest) -> int | None:
    return _DAYS.get(request.POST.get("over", ""), _DAYS["year"])


@require_safe
def errand(request: HttpRequest, *, errand: str, kind: str) -> HttpResponse:
    """Show a piece of work, or what came of it.

    Parameters
    ----------
    request
        Of whoever may see it.
    errand
        Public id.
    kind
        What it is: who may see one kind may not see all.
    """
    found = _of_kind(errand, kind=kind)
    page = _page(request, found)
    own = queries.programme(found.programme_id)
    return shown(request, name=f"errand_{found.kind}", page=page, own=own)


@require_safe
def progress(request: HttpRequest, *, errand: str, kind: str) -> HttpResponse:
    """Return how far a piece of work is; once it has ended, where to go.

    Parameters
    ----------
    request
        By htmx, every second.
    errand, kind
        As for :func:`errand`.
    """
    found = _of_kind(errand, kind=kind)
    frame = page_frame(request)
    answer = fragment(
        request,
        component="backoffice.programme.progress",
        frame=frame,
        page=_page(request, found),
    )
    if found.ended_at is not None:
        answer["HX-Refresh"] = "true"
        answer.status_code = _STOP_POLLING
    return answer


@require_POST
def call_off(request: HttpRequest, *, errand: str, kind: str) -> HttpResponse:
    """Call a piece of work off.

    Parameters
    ----------
    request
        Of who may ask for such work.
    errand, kind
        As for :func:`errand`.
    """
    found = _of_kind(errand, kind=kind)
    address = _addresses(found)[0]

    def act(_: str) -> str:
        commands.cancel(found.id, at=clock.now(), actor=actor_of(request))
        return address

    try:
        at_most_once(request, act)
    except ServiceError as error:
        tell_error(request, error)
    else:
        tell(request, _OFF)
    return goes(address)


def _of_kind(errand: str, *, kind: str) -> Errand:
    found = commands.errand(private_id("err", errand))
    if found.kind != kind:
        raise commands.ErrandUnknown(errand=errand)
    return found


def _addresses(found: Errand) -> tuple[str, str, str]:
    """Return where it is shown, how far it is, and where it is called off."""
    head = "errand" if found.kind == Errand.Kind.BACKTEST else "codes"
    tails = (
        ("progress", "call_off") if head == "errand" else ("codes_progress", "codes_call_off")
    )
    which = [public_id("err", found.id)]
    names = (f"programme_{head}", *(f"programme_{tail}" for tail in tails))
    shown_at, progress_at, stop_at = (reverse(name, args=which) for name in names)
    return shown_at, progress_at, stop_at


def _page(request: HttpRequest, found: Errand) -> ErrandPage:
    is_test = found.kind == Errand.Kind.BACKTEST
    version: Version | None = queries.record(found.subject) if is_test else None
    read = None
    if version is not None and found.result is not None:
        definition = parse(version.said, shape=Definition)
        whom = pointed(request, movers_of(found.result))
        read = read_backtest(found.result, definition=definition, whom=whom)
    subject = public_id("ver" if is_test else "cpn", found.subject)
    return ErrandPage(
        id=public_id("err", found.id),
        kind=found.kind,
        state=found.state,
        title=N_("Back-test of version {n}") if is_test else N_("Codes in the making"),
        done=found.done,
        total=found.total,
        share=found.done / found.total if found.total else 0.0,
        asked_at=found.asked_at,
        ended_at=found.ended_at,
        error=one_of(found.error_says, language=current().language),
        back_url=reverse(
            "programme_draft" if is_test else "programme_campaign", args=[subject]
        ),
        version=None if version is None else version.number,
        revision=found.facts.get("revision"),
        stale=version is not None and version.revision != found.facts.get("revision"),
        found=read,
        result_url=reverse("programme_batch", args=[found.result["batch"]])
        if found.result is not None and not is_test
        else "",
        may_stop=may(request, "programme.draft" if is_test else "coupons.issue"),
        progress_url=_addresses(found)[1],
        stop_url=_addresses(found)[2],
        key=new_key(),
    )
