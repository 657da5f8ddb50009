"""Back-test: the merchant's own orders replayed under rules that are not in force yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Literal
from zoneinfo import ZoneInfo

from django.db import connection

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.ledger import reporting
from huitouke.service.ledger.units import UnitUnknown
from huitouke.service.ledger.units import unit as ledger_unit
from huitouke.service.programme.economics.backtest_report import (
    BacktestReport,
    RuleIssue,
    Run,
)
from huitouke.service.programme.economics.breakage import Breakage, estimate
from huitouke.service.programme.economics.cohorts import books, life_in, to_cohorts
from huitouke.service.programme.economics.outlook import Assumed, outlook
from huitouke.service.programme.economics.replay_reading import left_out, orders_by_customer
from huitouke.service.programme.economics.scene import Scene
from huitouke.service.programme.economics.side_by_side import replay
from huitouke.service.programme.economics.worth import worth_of
from huitouke.service.programme.models.versions import Programme
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.versions import queries as versions

__all__ = [
    "CURRENT",
    "DraftForeign",
    "NothingToTest",
    "backtest",
]

#: Name of the run under the rules in force.
CURRENT = "current"
#: Facts that a replay of orders makes by itself.
_REPLAYED = frozenset({"order.paid", "customer.signed_up", "birthday"})


class NothingToTest(ServiceError):
    """No rules were given."""

    code = "programme.nothing_to_test"
    says = N_("A back-test needs one draft at least, each with a name of its own.")
    remedy = N_("Send one or two definitions; the rules in force are added by themselves.")


class DraftForeign(ServiceError):
    """A draft lives in another zone or currency than the programme."""

    code = "programme.draft_foreign"
    says = N_("The draft {name!r} says {given}, but the programme has {own}.")
    remedy = N_("Leave zone and currency out of the draft, or write the programme's own.")


def backtest(
    definitions: Mapping[str, Definition],
    *,
    programme: str,
    at: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
    unit: str = "points",
    cost: Fraction | None = None,
    redemption: float | None = None,
    members: Literal["enrolled", "buyers"] | None = None,
    listed: int = 100,
) -> BacktestReport:
    """Replay the merchant's orders under drafts and, beside them, under the rules in force.

    Parameters
    ----------
    definitions
        One or two drafts by name.
    programme
        Its code.
    at
        Now: which rules are in force, and the end of the period where none is given.
    since, until
        Orders paid from (including) and to (excluding) these moments; earlier ones are
        replayed for tiers and caps.
    unit
        Code of the unit whose points are followed to their end.
    cost
        Cost of one redeemed point in minor units; none is its face value.
    redemption
        Share of points that is redeemed, in [0, 1]; none is what the ledger says.
    members
        Who earns; none is the enrolled where there are any, else everyone who buys.
    listed
        Length of the lists of members.

    Raises
    ------
    NothingToTest
        If no draft is given, or one is named like the rules in force.
    DraftForeign
        If a draft's zone or currency is not the programme's.
    ProgrammeUnknown
        If there is no such programme.
    """
    own = versions.programme(programme)
    rules = _rules(definitions, own=own, at=at)
    end = at if until is None else until
    who = members or ("enrolled" if _has_members(own) else "buyers")
    breakage = _breakage(own, unit=unit, at=at)
    assumed = Assumed.measured(breakage) if redemption is None else Assumed.given(redemption)
    scenes = {
        name: Scene(one, unit=unit, since=since, until=end, everyone=who == "buyers")
        for name, one in rules.items()
    }
    orders = orders_by_customer(programme, until=end, currency=own.currency)
    seen, comparisons = replay(orders, scenes=scenes, listed=listed)
    return BacktestReport(
        programme=programme,
        unit=unit,
        currency=own.currency,
        zone=own.zone,
        since=since,
        until=end,
        at=at,
        members=who,
        seen=seen,
        left_out=left_out(since=since, until=end, currency=own.currency),
        assumed=assumed,
        breakage=breakage,
        runs=tuple(
            _run(name, scene=scene, assumed=assumed, cost=cost)
            for name, scene in scenes.items()
        ),
        comparisons=comparisons,
    )


def _rules(
    drafts: Mapping[str, Definition], *, own: Programme, at: datetime
) -> dict[str, Definition]:
    if not drafts or CURRENT in drafts:
        raise NothingToTest
    for name, draft in drafts.items():
        for given, have in ((draft.zone, own.zone), (draft.currency, own.currency)):
            if given != have:
                raise DraftForeign(name=name, given=given, own=have)
    found = versions.in_force(own, at=at)
    current = {} if found is None else {CURRENT: found[1]}
    return {**current, **drafts}


def _has_members(own: Programme) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM programme_membership"
            " WHERE programme_id = %s AND joined_at IS NOT NULL)",
            [own.id],
        )
        found: bool = cursor.fetchone()[0]
    return found


def _breakage(own: Programme, *, unit: str, at: datetime) -> Breakage:
    """Return what the ledger says of redemption so far; nothing where there is no ledger."""
    found = versions.in_force(own, at=at)
    definition = None if found is None else found[1]
    try:
        number = ledger_unit(f"{own.code}.{unit}").unit
    except UnitUnknown:
        return estimate((), life=None)
    through = at.astimezone(ZoneInfo(own.zone)).date().replace(day=1)
    moves = reporting.cohort_moves(number, until=at, zone=own.zone)
    return estimate(
        to_cohorts(books(moves), through=through), life=life_in(definition, unit=unit)
    )


def _run(name: str, *, scene: Scene, assumed: Assumed, cost: Fraction | None) -> Run:
    definition, totals = scene.definition, scene.totals
    rules = []
    for rule in definition.rules:
        count = totals.rules.get((rule.id, rule.unit))
        if count is not None:
            rules.append(
                RuleIssue(
                    rule=rule.id,
                    unit=rule.unit,
                    name=rule.name.model_dump(exclude_defaults=True),
                    points=count.points,
                    times=count.times,
                    clawed_back=count.clawed_back,
                    capped_points=count.capped_points,
                    capped_times=count.capped_times,
                    months=tuple(sorted(count.months.items())),
                )
            )
    mine = [rule for rule in rules if rule.unit == scene.unit]
    worth = worth_of(definition, unit=scene.unit, cost=cost)
    issued = sum(rule.points for rule in mine)
    codes = (
        [None, *(tier.code for tier in definition.tiers.tiers)] if definition.tiers else [None]
    )
    return Run(
        name=name,
        issued=issued,
        clawed_back=sum(rule.clawed_back for rule in mine),
        capped=sum(rule.capped_points for rule in mine),
        earners=totals.earners,
        rules=tuple(rules),
        tiers=tuple((code, totals.tiers[code]) for code in codes if totals.tiers[code] or code),
        outlook=outlook(totals.lots, assumed=assumed, worth=worth, last_on=scene.last_on),
        issued_money=worth.money(issued),
        worth=worth,
        not_replayed=tuple(
            rule.id for rule in definition.rules if rule.enabled and rule.on not in _REPLAYED
        ),
    )
