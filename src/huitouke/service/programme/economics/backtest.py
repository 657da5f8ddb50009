"""Back-test: the merchant's own orders replayed under rules that are not in force yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from itertools import groupby
from typing import Literal
from zoneinfo import ZoneInfo

from django.db import connection

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.ledger import issue_months
from huitouke.service.ledger.units import UnitUnknown
from huitouke.service.ledger.units import unit as ledger_unit
from huitouke.service.programme.economics.backtest_report import BacktestReport
from huitouke.service.programme.economics.backtest_run import run_of
from huitouke.service.programme.economics.breakage import Breakage, estimate
from huitouke.service.programme.economics.catalogue import worth_by_reward
from huitouke.service.programme.economics.cohorts import books, life_now, to_cohorts
from huitouke.service.programme.economics.outlook import Assumed
from huitouke.service.programme.economics.replay_reading import (
    left_out,
    members_without_orders,
    orders_before,
    orders_by_customer,
    referred_pairs,
)
from huitouke.service.programme.economics.replay_referrals import Referring
from huitouke.service.programme.economics.replay_shapes import Bought
from huitouke.service.programme.economics.scene import Scene
from huitouke.service.programme.economics.side_by_side import replay
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
#: Orders between two looks at how far it is.
_LOOK = 250


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


def backtest(  # noqa: PLR0913 - one keyword for each thing that may be asked
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
    seen: Callable[[int, int], None] | None = None,
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
    seen
        Is told now and then how many of how many orders are replayed; what it raises ends it.

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
    _refer(scenes.values(), own=own, until=end)
    orders = orders_by_customer(programme, until=end, currency=own.currency)
    if seen is not None:
        total = orders_before(end, currency=own.currency)
        orders = _watched(orders, total=total, seen=seen)
    replayed, comparisons = replay(
        orders,
        scenes=scenes,
        others=members_without_orders(programme, until=end, currency=own.currency)
        if who == "enrolled"
        else (),
        listed=listed,
    )
    rewards = worth_by_reward(programme)
    return BacktestReport(
        programme=programme,
        unit=unit,
        currency=own.currency,
        zone=own.zone,
        since=since,
        until=end,
        at=at,
        members=who,
        seen=replayed,
        left_out=left_out(since=since, until=end, currency=own.currency),
        assumed=assumed,
        breakage=breakage,
        runs=tuple(
            run_of(name, scene=scene, assumed=assumed, cost=cost, rewards=rewards)
            for name, scene in scenes.items()
        ),
        comparisons=comparisons,
    )


def _watched(
    orders: Iterable[Bought], *, total: int, seen: Callable[[int, int], None]
) -> Iterator[Bought]:
    for place, order in enumerate(orders):
        if place % _LOOK == 0:
            seen(place, total)
        yield order


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


def _refer(scenes: Iterable[Scene], *, own: Programme, until: datetime) -> None:
    """Find out in each scene what friends bring, before anybody's life is replayed.

    Both get points for what one of them buys, and limits count an advocate's friends in
    order of time: neither can be told while people are replayed one after another.
    """
    pairs = referred_pairs(own.code, until=until)
    referring = [
        Referring(scene, pairs=pairs, rules=rules)
        for scene in scenes
        if (rules := scene.definition.referral) is not None
    ]
    if not (pairs and referring):
        return
    orders = orders_by_customer(
        own.code,
        until=until,
        currency=own.currency,
        customers=[pair.friend for pair in pairs],
    )
    for _, bought in groupby(orders, key=lambda each: each.person.id):
        of_friend = list(bought)
        for each in referring:
            each.see(of_friend)
    for each in referring:
        each.done()


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
    known = books(issue_months.cohort_moves(number, until=at, zone=own.zone))
    life = life_now(known, definition=definition, unit=unit, through=through)
    return estimate(to_cohorts(known, through=through), life=life)
