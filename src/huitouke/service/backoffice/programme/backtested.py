"""What a back-test found, read from what was kept of it, with its findings in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from huitouke.language import N_
from huitouke.service.backoffice.customers.pointing import Pointed
from huitouke.service.backoffice.programme.charts import Series, grouped, months_of
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.ui.reader import current

__all__ = ["Backtested", "Mover", "RuleRow", "RunRow", "TierRow", "movers_of", "read_backtest"]

JSON = dict[str, Any]

_MOVERS_MOST = 10


@dataclass(frozen=True)
class RunRow:
    """All orders under one set of rules.

    Parameters
    ----------
    name
        In the reader's words.
    issued, clawed_back, capped, earners
        Points, and members who got some.
    redeemed, redeemed_low, redeemed_high
        Points that will be redeemed in the end; the first none where it cannot be told.
    cost_minor, cost_low, cost_high
        What they cost.
    liability, liability_low, liability_high
        Still to be redeemed, in minor units.
    """

    name: str
    issued: int
    clawed_back: int
    capped: int
    earners: int
    redeemed: int | None
    redeemed_low: int
    redeemed_high: int
    cost_minor: int | None
    cost_low: int | None
    cost_high: int | None
    liability: int | None
    liability_low: int | None
    liability_high: int | None


@dataclass(frozen=True)
class RuleRow:
    """What one rule gave in both runs; none where it is not there."""

    name: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class TierRow:
    """Members at the end by tier, in both runs."""

    name: str
    before: int
    after: int


@dataclass(frozen=True)
class Mover:
    """One member whose points or tier change.

    Parameters
    ----------
    who
        The member.
    before, after, change
        Points of the period.
    tier_before, tier_after
        In the reader's words.
    spend_minor
        Of the period.
    """

    who: Pointed
    before: int
    after: int
    change: int
    tier_before: str
    tier_after: str
    spend_minor: int


@dataclass(frozen=True)
class Backtested:
    """A back-test as a person reads it.

    Parameters
    ----------
    orders, refunds, people, nobody
        What was replayed, and orders without a customer that were not.
    first_at, last_at, at
        The period, and when it was run.
    unit
        Name of the points that are followed.
    known
        How much is known of redemption: ``ledger``, ``given`` or ``unknown``.
    everyone
        Whether everyone who buys was taken for a member.
    runs
        The rules in force first, where there are any.
    more
        Points of the draft beyond those of the rules in force; none where nothing is in
        force.
    share
        The same as a share.
    gain, lose, same
        Members who get more, fewer, as many points.
    moves
        Tier before, tier after, members.
    losers
        Those who would get most points fewer.
    rules, tiers
        In both runs.
    silent
        Names of rules that orders do not tell of.
    months, tier_chart
        Charts.
    month_rows
        The numbers of the first: month, before, after.
    """

    orders: int
    refunds: int
    people: int
    nobody: int
    first_at: datetime | None
    last_at: datetime | None
    at: datetime
    unit: str
    known: str
    everyone: bool
    runs: tuple[RunRow, ...]
    more: int | None
    share: float | None
    gain: int
    lose: int
    same: int
    moves: tuple[tuple[str, str, int], ...]
    losers: tuple[Mover, ...]
    rules: tuple[RuleRow, ...]
    tiers: tuple[TierRow, ...]
    silent: tuple[str, ...]
    months: JSON
    tier_chart: JSON
    month_rows: tuple[tuple[date, int | None, int], ...]

    @property
    def first_day(self) -> str:
        """Day of the first order."""
        return current().day(self.first_at)

    @property
    def last_day(self) -> str:
        """Day of the last order."""
        return current().day(self.last_at)

    @property
    def headline(self) -> str:
        """The finding: how much more, or less, the draft gives."""
        reader = current()
        say = reader.words.say
        issued = reader.number(self.runs[-1].issued)
        if self.more is None:
            return say(N_("The draft would have given {n} {unit}"), n=issued, unit=self.unit)
        if self.more == 0:
            return say(N_("The draft gives as many {unit} as now"), unit=self.unit)
        n, share = reader.number(abs(self.more)), reader.share(abs(self.share or 0))
        says = (
            N_("The draft gives {n} {unit} more than now ({share})")
            if self.more > 0
            else N_("The draft gives {n} {unit} fewer than now ({share})")
        )
        return say(says, n=n, unit=self.unit, share=share)

    @property
    def movers_line(self) -> str:
        """Who gets more, and who gets fewer."""
        reader = current()
        values = {name: reader.number(getattr(self, name)) for name in ("gain", "lose", "same")}
        says = N_("Members who get more: {gain}; fewer: {lose}; as many: {same}")
        return reader.words.say(says, **values)

    @property
    def tier_line(self) -> str:
        """How many members end in another tier."""
        reader = current()
        n = sum(members for _, _, members in self.moves)
        if n == 0:
            return reader.words.say(N_("Nobody ends in another tier"))
        if n == 1:
            return reader.words.say(N_("1 member ends in another tier"))
        return reader.words.say(N_("{n} members end in another tier"), n=reader.number(n))

    @property
    def members(self) -> int:
        """Members who were judged."""
        return self.gain + self.lose + self.same

    @property
    def silent_listed(self) -> str:
        """Names of rules that orders do not tell of, as a list."""
        return current().listed(list(self.silent))


def movers_of(result: JSON) -> list[str]:
    """Return the public ids of the members whom a back-test names.

    Parameters
    ----------
    result
        As it was kept.
    """
    compared = (result["comparisons"] or [{}])[0]
    return [each["customer"] for each in compared.get("losers", ())[:_MOVERS_MOST]]


def read_backtest(
    result: JSON, *, definition: Definition, whom: Mapping[str, Pointed]
) -> Backtested:
    """Return what a back-test found.

    Parameters
    ----------
    result
        As it was kept.
    definition
        The draft's: names of tiers and units come from it.
    whom
        Those of :func:`movers_of`, as who reads may see them.
    """
    runs: list[JSON] = result["runs"]
    after = runs[-1]
    before = runs[0] if len(runs) > 1 else None
    compared = (result["comparisons"] or [{}])[0]
    seen = result["seen"]
    unit = definition.unit(result["unit"])
    rows = tuple(_run(each) for each in runs)
    more = None if before is None else after["issued"] - before["issued"]
    months, month_rows = months_of(before, after, unit=result["unit"])
    tiers = _tiers(before, after, definition=definition)
    return Backtested(
        orders=seen["orders"],
        refunds=seen["refunds"],
        people=seen["people"],
        nobody=result["left_out"]["nobody"],
        first_at=_moment(seen["first_at"]),
        last_at=_moment(seen["last_at"]),
        at=datetime.fromisoformat(result["at"]),
        unit="" if unit is None else unit.name.said(current().language),
        known=result["assumed"]["source"],
        everyone=result["members"] == "buyers",
        runs=rows,
        more=more,
        share=more / before["issued"]
        if before and more is not None and before["issued"]
        else None,
        gain=compared.get("gain", 0),
        lose=compared.get("lose", 0),
        same=compared.get("same", 0),
        moves=tuple(
            (
                _tier(each["before"], definition),
                _tier(each["after"], definition),
                each["members"],
            )
            for each in compared.get("moves", ())
        ),
        losers=tuple(
            _mover(each, definition, whom) for each in compared.get("losers", ())[:_MOVERS_MOST]
        ),
        rules=_rules(before, after),
        tiers=tiers,
        silent=tuple(_silent(after, definition)),
        months=months,
        tier_chart=grouped(
            [each.name for each in tiers],
            series=[
                Series(_say(N_("Now")), [each.before for each in tiers], quiet=True),
                Series(_say(N_("Draft")), [each.after for each in tiers]),
            ],
        ),
        month_rows=month_rows,
    )


def _say(message: str) -> str:
    return current().words.say(message)


def _moment(given: str | None) -> datetime | None:
    return None if given is None else datetime.fromisoformat(given)


def _run(given: JSON) -> RunRow:
    redeemed, liability = given["outlook"]["redeemed"], given["outlook"]["liability"]
    return RunRow(
        name=_say(N_("Now") if given["name"] == "current" else N_("Draft")),
        issued=given["issued"],
        clawed_back=given["clawed_back"],
        capped=given["capped"],
        earners=given["earners"],
        redeemed=redeemed["points"],
        redeemed_low=redeemed["low"],
        redeemed_high=redeemed["high"],
        cost_minor=_cost(redeemed["money"]),
        cost_low=_cost(redeemed["low_money"]),
        cost_high=_cost(redeemed["high_money"]),
        liability=_cost(liability["money"]),
        liability_low=_cost(liability["low_money"]),
        liability_high=_cost(liability["high_money"]),
    )


def _cost(money: JSON | None) -> int | None:
    return None if money is None else money["cost_minor"]


def _tier(code: str | None, definition: Definition) -> str:
    tier = definition.tiers and definition.tiers.tier(code)
    if tier:
        return tier.name.said(current().language)
    return code or _say(N_("no tier"))


def _mover(given: JSON, definition: Definition, whom: Mapping[str, Pointed]) -> Mover:
    return Mover(
        who=whom[given["customer"]],
        before=given["before"],
        after=given["after"],
        change=given["after"] - given["before"],
        tier_before=_tier(given["tier_before"], definition),
        tier_after=_tier(given["tier_after"], definition),
        spend_minor=given["spend_minor"],
    )


def _rules(before: JSON | None, after: JSON) -> tuple[RuleRow, ...]:
    language = current().language
    found: dict[str, list[Any]] = {}
    for place, run in enumerate((before, after)):
        for rule in run["rules"] if run else ():
            name = rule["name"].get(language) or next(iter(rule["name"].values()), rule["rule"])
            pair = found.setdefault(rule["rule"], [name, None, None])
            pair[place + 1] = rule["points"]
    return tuple(RuleRow(*each) for each in found.values())


def _tiers(before: JSON | None, after: JSON, *, definition: Definition) -> tuple[TierRow, ...]:
    was = dict(before["tiers"]) if before else {}
    now = dict(after["tiers"])
    return tuple(
        TierRow(_tier(code, definition), was.get(code, 0), now.get(code, 0))
        for code in dict.fromkeys([*was, *now])
        if was.get(code) or now.get(code)
    )


def _silent(run: JSON, definition: Definition) -> list[str]:
    language, found = current().language, []
    for name in run["not_replayed"]:
        rule = definition.rule(name)
        card = next((each for each in definition.stamps if each.id == name), None)
        known = rule or card
        found.append(known.name.said(language) if known else name)
    return found
