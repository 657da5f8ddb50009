"""How far to believe the analysis: every candidate, its rivals, and how they were tried."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from huitouke.language import N_
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.insight.contexts import Models
from huitouke.service.backoffice.insight.looking import day_of, nothing_yet, reader_at
from huitouke.service.backoffice.insight.reading import (
    charts_of,
    gaps_of,
    standing_of,
    tables_of,
)
from huitouke.service.loop import queries
from huitouke.service.ui.pages import show

__all__ = ["models"]


@needs("insight.read")
@require_safe
def models(request: HttpRequest) -> HttpResponse:
    """Show the evidence.

    Parameters
    ----------
    request
        ``GET``; ``as_of`` goes back to a day.
    """
    try:
        latest = queries.latest()
        said = queries.latest(as_of=day_of(request))
    except queries.NoAnalysis:
        return nothing_yet(request, title=N_("How far to believe this"), here="insight_models")
    frame = frame_of(request, here="insight_models")
    reader = reader_at(frame)
    story = queries.story(language=reader.language, of=said)
    page = Models(
        standing=standing_of(
            said, findings=story["findings"], is_open=False, is_past=said.id != latest.id
        ),
        charts=charts_of(story["evidence"]),
        # Of an analysis from before tables were told there are none.
        tables=tables_of(story.get("tables", ())),
        gaps=gaps_of(story["gaps"]),
        warnings=tuple(story["warnings"]),
        notes=tuple(story["notes"]),
        cautions=tuple(story["cautions"]),
        definitions=tuple((term, says) for term, says in story["definitions"]),
    )
    return show(request, template="backoffice/insight/models.html", page=page, frame=frame)
