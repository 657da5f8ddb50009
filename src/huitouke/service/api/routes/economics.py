"""What the programme costs: back-test, exploit check, liability."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime

from huitouke.service.api.answers import PROBLEMS, answer
from huitouke.service.api.keys import Scoped
from huitouke.service.api.shapes.economics import (
    BacktestIn,
    CheckIn,
    FindingOut,
    FindingsOut,
)
from huitouke.service.api.shapes.fields import ProgrammeCode, UnitCode, sensible
from huitouke.service.core import clock
from huitouke.service.programme.economics.backtest import backtest
from huitouke.service.programme.economics.catalogue import codes_of, prizes_of
from huitouke.service.programme.economics.exploits import check
from huitouke.service.programme.economics.liability import liability
from huitouke.service.programme.rules.checks import DefinitionInvalid, parse, problems
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.versions import queries as versions

__all__ = ["router"]

router = Router(tags=["economics"])
_PROGRAMME = Scoped("programme:read")


def _definition(given: dict[str, Any], *, programme: str) -> Definition:
    """Return what a draft says, in the programme's zone and currency, if it holds together."""
    own = versions.programme(programme)
    found = parse({"zone": own.zone, "currency": own.currency, **given}, shape=Definition)
    wrong = problems(found)
    if wrong:
        raise DefinitionInvalid(wrong)
    return found


@router.post(
    "/programme/backtest",
    auth=_PROGRAMME,
    response={200: dict[str, Any], **PROBLEMS},
    operation_id="backtest",
)
def replay(request: HttpRequest, *, body: BacktestIn) -> HttpResponse:
    """Replay the merchant's own orders under one or two drafts, beside the rules in force.

    Points issued, cost, liability, who changes tier, who gains and who loses. A hundred
    thousand orders take some tens of seconds.
    """
    found = backtest(
        {
            name: _definition(each, programme=body.programme)
            for name, each in body.definitions.items()
        },
        programme=body.programme,
        at=clock.now(),
        since=sensible(body.since),
        until=sensible(body.until),
        unit=body.unit,
        members=body.members,
    )
    return answer(found.as_json())


@router.post(
    "/programme/check",
    auth=_PROGRAMME,
    response={200: FindingsOut, **PROBLEMS},
    operation_id="checkExploits",
)
def exploits(request: HttpRequest, *, body: CheckIn) -> HttpResponse:
    """Search a draft for money loops, each shown by a concrete cart."""
    found = check(
        _definition(body.definition, programme=body.programme),
        rewards=prizes_of(body.programme),
        campaigns=codes_of(body.programme),
    )
    return answer(FindingsOut(findings=[FindingOut.of(each) for each in found]))


@router.get(
    "/liability",
    auth=Scoped("liability:read"),
    response={200: dict[str, Any], **PROBLEMS},
    operation_id="getLiability",
)
def owed(
    request: HttpRequest,
    *,
    programme: ProgrammeCode = "main",
    unit: UnitCode = "points",
    since: Annotated[AwareDatetime | None, Query()] = None,
    until: Annotated[AwareDatetime | None, Query()] = None,
) -> HttpResponse:
    """Return opening, issued, redeemed, expired, clawed back, closing; and breakage."""
    found = liability(
        programme, at=clock.now(), unit=unit, since=sensible(since), until=sensible(until)
    )
    return answer(found.as_json())
