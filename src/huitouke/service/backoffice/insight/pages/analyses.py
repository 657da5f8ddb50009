"""Past analyses, the one that runs, asking for a new one and calling it off."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huitouke.language import N_
from huitouke.service.backoffice.acts import (
    Done,
    actor_of,
    done_once,
    explain,
    failed,
    may,
    new_key,
    say,
)
from huitouke.service.backoffice.customers.naming import actor_names
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.insight.contexts import AnalysesPage
from huitouke.service.backoffice.insight.forms import AskForm
from huitouke.service.backoffice.insight.looking import reader_at, shown
from huitouke.service.backoffice.ways import way
from huitouke.service.core import clock
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import private_id
from huitouke.service.core.shop import shop
from huitouke.service.loop import commands, queries
from huitouke.service.ui.frame import Frame
from huitouke.service.ui.pages import fragment, show

__all__ = ["analyses", "ask", "cancel", "state"]


def _page(request: HttpRequest, *, frame: Frame, form: AskForm | None = None) -> AnalysesPage:
    reader = reader_at(frame)
    found = queries.analyses()
    names = actor_names(each.asked_by for each in found)
    # Of one day the newest counts: what an older one said of it is shown nowhere.
    counts = queries.shown_of({each.as_of for each in found if each.as_of is not None})
    made = [
        shown(
            each,
            reader=reader,
            who=names[each.asked_by],
            url=way("insight", as_of=f"{each.as_of}") if each.id in counts else "",
        )
        for each in found
    ]
    now = next((each for each in made if each.ended_at is None), None)
    runs = may(request, "insight.run")
    return AnalysesPage(
        now=now,
        past=tuple(each for each in made if each is not now),
        form=(form or AskForm.of(shop())) if runs else None,
        key=new_key(),
        runs=runs,
    )


@needs("insight.read")
@require_safe
def analyses(request: HttpRequest) -> HttpResponse:
    """Show past analyses and the one that runs.

    Parameters
    ----------
    request
        ``GET``.
    """
    frame = frame_of(request, here="insight_analyses")
    page = _page(request, frame=frame)
    return show(request, template="backoffice/insight/analyses.html", page=page, frame=frame)


@needs("insight.read")
@require_safe
def state(request: HttpRequest, key: str) -> HttpResponse:
    """Show how far an analysis is; its page asks again until it has ended.

    Parameters
    ----------
    request
        ``GET``.
    key
        Public id.
    """
    frame = frame_of(request, here="insight_analyses")
    found = shown(queries.analysis(private_id("ana", key)), reader=reader_at(frame))
    return fragment(
        request,
        component="backoffice.analysis",
        frame=frame,
        one=found,
        runs=may(request, "insight.run"),
    )


@needs("insight.run")
@require_http_methods(["POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for an analysis; the one that is open with the same conditions is that one.

    Parameters
    ----------
    request
        ``POST`` with the conditions; none: those of the shop.
    """
    form = AskForm(request.POST)

    def act() -> Done:
        commands.ask(at=clock.now(), actor=actor_of(request), **form.wish())
        said = say(N_("The analysis is on its way. You can go on meanwhile."))
        return Done(reverse("insight_analyses"), said)

    if form.is_valid():
        try:
            return done_once(request, act)
        except ServiceError as error:
            failed(form, error)
    frame = frame_of(request, here="insight_analyses")
    page = _page(request, frame=frame, form=form)
    template = "backoffice/insight/analyses.html"
    return show(request, template=template, page=page, frame=frame, status=422)


@needs("insight.run")
@require_POST
def cancel(request: HttpRequest, key: str) -> HttpResponse:
    """Call an analysis off.

    Parameters
    ----------
    request
        ``POST``.
    key
        Public id.
    """

    def act() -> Done:
        to = reverse("insight_analyses")
        try:
            commands.cancel(private_id("ana", key), at=clock.now(), actor=actor_of(request))
        except ServiceError as error:
            return Done(to, explain(error), tone="error")
        said = say(
            N_("The analysis is called off and ends within seconds. Nothing of it is kept.")
        )
        return Done(to, said, tone="info")

    return done_once(request, act)
