"""Insight: what is known of a customer and of the shop, and asking for it anew."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from huitouke.service.api.answers import (
    PROBLEMS,
    IdempotencyKey,
    answer,
    keyed,
)
from huitouke.service.api.keys import Scoped, actor_of
from huitouke.service.api.shapes.fields import Limit
from huitouke.service.api.shapes.insight import (
    AnalysisIn,
    AnalysisOut,
    ProfileOut,
    ProfilePageOut,
    SummaryOut,
)
from huitouke.service.core import clock
from huitouke.service.core.ids import private_id
from huitouke.service.core.reader import language_of
from huitouke.service.loop import commands, lists, queries

__all__ = ["router"]

router = Router(tags=["insight"])
_READ, _WRITE = Scoped("insight:read"), Scoped("insight:write")

_List = Annotated[
    Literal["slipping", "worth_a_call", "likely_loyal", "unlikely"] | None, Query(alias="list")
]
_Moved = Literal["new", "gone"]
_Group = Literal["true_friend", "butterfly", "barnacle", "stranger", "borderline"]
_Order = Literal["value", "score", "churn", "at_stake", "score_low", "spend"]


@router.get(
    "/customers/{customer_id}/profile",
    auth=_READ,
    response={200: ProfileOut, **PROBLEMS},
    operation_id="getProfile",
)
def profile(request: HttpRequest, *, customer_id: str) -> HttpResponse:
    """Return what the latest analysis says of a customer: values, intervals, reasons.

    An id that was merged leads to the person of today. Whoever was erased, or does not want
    to be profiled, has none.
    """
    return answer(ProfileOut.of(queries.profile(private_id("cus", customer_id))))


@router.get(
    "/insight/profiles",
    auth=_READ,
    response={200: ProfilePageOut, **PROBLEMS},
    operation_id="listProfiles",
)
def profiles(
    request: HttpRequest,
    *,
    listed: _List = None,
    group: Annotated[_Group | None, Query()] = None,
    moved: Annotated[_Moved | None, Query()] = None,
    order: Annotated[_Order | None, Query()] = None,
    cursor: Annotated[str, Query(max_length=80)] = "",
    limit: Limit = 50,
) -> HttpResponse:
    """Return customers by list and group, in an order, the highest first.

    ``moved`` narrows a list to who came on it since the analysis before (``new``), or gives
    those who left it since (``gone``).
    """
    asked = lists.Asked(listed or "", group or "", moved or "", order or "")
    found = lists.page(asked, cursor=cursor, limit=limit)
    return answer(ProfilePageOut.of(found))


@router.get(
    "/insight/summary",
    auth=_READ,
    response={200: SummaryOut, **PROBLEMS},
    operation_id="getInsightSummary",
)
def summary(
    request: HttpRequest, *, as_of: Annotated[date | None, Query()] = None
) -> HttpResponse:
    """Return what the latest analysis says of the shop; sentences by ``Accept-Language``.

    ``as_of`` asks for what was said as of a day: by that day's analysis, else by that of the
    last day before it that has one.
    """
    found = queries.latest(as_of=as_of)
    told = queries.summary(language=language_of(request), of=found.id)
    return answer(SummaryOut.of(told))


@router.post(
    "/insight/analyses",
    auth=_WRITE,
    response={202: AnalysisOut, **PROBLEMS},
    operation_id="askAnalysis",
)
def ask(
    request: HttpRequest, *, body: AnalysisIn | None = None, key: IdempotencyKey = None
) -> HttpResponse:
    """Ask for an analysis of all customers; it takes some minutes.

    One is open at a time: asking for the same gives the one that waits or runs.
    """
    wish = body or AnalysisIn()

    def act(_: str) -> AnalysisOut:
        asked = commands.ask(at=clock.now(), actor=actor_of(request), **wish.model_dump())
        return AnalysisOut.of(asked)

    return keyed(request, key=key, body=wish, act=act, status=202)


@router.get(
    "/insight/analyses/{analysis_id}",
    auth=_READ,
    response={200: AnalysisOut, **PROBLEMS},
    operation_id="getAnalysis",
)
def get(request: HttpRequest, *, analysis_id: str) -> HttpResponse:
    """Return where an analysis stands: its step in words, its share from 0 to 1."""
    return answer(AnalysisOut.of(queries.analysis(private_id("ana", analysis_id))))


@router.post(
    "/insight/analyses/{analysis_id}/cancel",
    auth=_WRITE,
    response={200: AnalysisOut, **PROBLEMS},
    operation_id="cancelAnalysis",
)
def cancel(request: HttpRequest, *, analysis_id: str) -> HttpResponse:
    """Call an analysis off; one that runs ends within seconds."""
    called_off = commands.cancel(
        private_id("ana", analysis_id), at=clock.now(), actor=actor_of(request)
    )
    return answer(AnalysisOut.of(called_off))
