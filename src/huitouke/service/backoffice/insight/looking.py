"""What all pages of insight begin with: who reads, and the face where nothing was analysed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date

from django.http import HttpRequest, HttpResponse

from huitouke.language import N_, one_of
from huitouke.service.backoffice.acts import may, new_key
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.insight.contexts import AnalysisShown, NothingYet
from huitouke.service.backoffice.percents import percent
from huitouke.service.backoffice.ways import way
from huitouke.service.core.ids import public_id
from huitouke.service.loop import queries, steps
from huitouke.service.loop.models import Analysis
from huitouke.service.orders.queries import any_paid
from huitouke.service.ui.frame import Frame
from huitouke.service.ui.pages import show
from huitouke.service.ui.reader import Reader, current

__all__ = ["STATES", "day_of", "nothing_yet", "reader_at", "shown", "unfinished"]

#: Where an analysis stands: what it is called, and its tone.
STATES: dict[str, tuple[str, str]] = {
    "queued": (N_("Waiting"), "info"),
    "running": (N_("Running"), "info"),
    "done": (N_("Done"), "good"),
    "failed": (N_("Failed"), "bad"),
    "cancelled": (N_("Cancelled"), "warn"),
}


def day_of(request: HttpRequest) -> date | None:
    """Return the day that a page is asked to go back to; None: it shows the latest analysis.

    Parameters
    ----------
    request
        ``as_of`` may name it; what is no day is none.
    """
    with suppress(ValueError):
        return date.fromisoformat(request.GET.get("as_of", ""))
    return None


def reader_at(frame: Frame) -> Reader:
    """Return who reads, with the shop's currency and zone.

    Parameters
    ----------
    frame
        Of the page.
    """
    return replace(current(), currency=frame.shop.currency, zone=frame.shop.zone)


def shown(found: Analysis, *, reader: Reader, who: str = "", url: str = "") -> AnalysisShown:
    """Return an analysis as pages show it.

    Parameters
    ----------
    found
        The record.
    reader
        Who reads.
    who
        Name of who asked for it.
    url
        Where what it said is shown.
    """
    label, tone = STATES[found.state]
    return AnalysisShown(
        key=public_id("ana", found.id),
        url=url,
        state=found.state,
        label=label,
        tone=tone,
        step=steps.said(found.step, language=reader.language),
        share=round(100 * found.share),
        as_of=found.as_of or found.asked_as_of,
        asked_at=found.asked_at,
        ended_at=found.ended_at,
        asked_by=who,
        margin=percent(found.margin, reader=reader),
        discount_rate=percent(found.discount_rate, reader=reader),
        customers=found.counts.get("customers"),
        failure=one_of(found.error_says, language=reader.language),
        cancelling=found.cancel_asked_at is not None and found.ended_at is None,
    )


def unfinished(reader: Reader) -> AnalysisShown | None:
    """Return the analysis that waits or runs, if any.

    Parameters
    ----------
    reader
        Who reads.
    """
    found = queries.open_analysis()
    return None if found is None else shown(found, reader=reader)


def nothing_yet(request: HttpRequest, *, title: str, here: str) -> HttpResponse:
    """Answer with the face that offers what is missing: orders, or an analysis of them.

    Parameters
    ----------
    request
        Of whoever reads.
    title
        English message: the page's own title.
    here
        Name of the address of the page.
    """
    frame = frame_of(request, here=here)
    reader = reader_at(frame)
    page = NothingYet(
        title=title,
        has_orders=any_paid(),
        import_url=way("imports") if may(request, "imports.run") else "",
        runs=may(request, "insight.run"),
        now=unfinished(reader),
        key=new_key(),
    )
    return show(request, template="backoffice/insight/nothing.html", page=page, frame=frame)
