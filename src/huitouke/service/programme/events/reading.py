"""What members ask: my tier, my points, what happened and why. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from huitouke.language import Language
from huitouke.service.customers import queries as customers
from huitouke.service.ledger import queries as ledger
from huitouke.service.ledger.contract import Balance, Line
from huitouke.service.programme.events.members import peek
from huitouke.service.programme.events.people import Person
from huitouke.service.programme.events.rulebook import Rulebook
from huitouke.service.programme.events.standing import (
    journals,
    metric_of,
    standing_of,
    touch,
)
from huitouke.service.programme.rules.benefits import one_breath
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.forecast import Progress, forecast
from huitouke.service.programme.rules.reasons import say

__all__ = [
    "HistoryLine",
    "TierView",
    "balance",
    "history",
    "reason_of_line",
    "stored_value",
    "tier",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class TierView:
    """Where a member stands.

    Parameters
    ----------
    programme
        Code of the programme.
    enrolled
        Whether the customer is a member; all else is empty if not.
    joined_at
        Since when.
    tier, name
        Code of the tier in effect, and its name in both languages; none without one.
    since, review_on, grace_until, granted_through, paid_through
        Local days: since when, when it is reviewed, until when it holds after a review that
        was not passed, and the last days of what was given or bought.
    progress
        How far it is, by when, and whether the present pace gets there; its ``reasons``
        are sentences for ``rules.reasons.say``.
    metric
        What counts: ``spend`` (minor units), ``visits`` or ``qualifying``; none without
        tiers.
    says
        What a member of this tier gets, in one breath, in both languages.
    """

    programme: str
    enrolled: bool
    joined_at: datetime | None = None
    tier: str | None = None
    name: dict[str, str] | None = None
    since: date | None = None
    review_on: date | None = None
    grace_until: date | None = None
    granted_through: date | None = None
    paid_through: date | None = None
    progress: Progress | None = None
    metric: str | None = None
    says: dict[str, str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryLine:
    """One entry of a member's history, its reason, and what that says in one sentence."""

    line: Line
    reason: dict[str, Any]
    says: str


def _person(customer: UUID) -> Person:
    found = customers.get(customer)
    return Person(found.pk, found.birthday_on, frozenset())


def tier(customer: UUID, *, now: datetime, programme: str = "main") -> TierView:
    """Return where a member stands today, whether or not a job came by.

    Parameters
    ----------
    customer
        Any id the person ever had.
    now
        The present moment.
    programme
        Code of the programme.

    Raises
    ------
    CustomerUnknown, CustomerErased
        If there is no such person, or no more.
    NothingPublished
        If the programme has no rules.
    """
    rulebook = Rulebook.open(programme, at=now)
    rules, tiers = rulebook.now, rulebook.now.definition.tiers
    member = peek(_person(customer), programme=rulebook.programme)
    if member.joined_at is None:
        return TierView(programme=programme, enrolled=False)
    day, joined_on = rules.day(now), rules.day(member.joined_at)
    progress = None
    if tiers is not None:
        days = journals([member], tiers=tiers, day=day)[member.id]
        touch(member, tiers=tiers, day=day, joined_on=joined_on, days=days)
        progress = forecast(
            standing_of(member.standing),
            definition=rules.definition,
            day=day,
            joined_on=joined_on,
            metric=metric_of(days),
        )
    standing = standing_of(member.standing)
    found = None if tiers is None else tiers.tier(standing.tier)
    languages: tuple[Language, ...] = ("zh", "en")
    return TierView(
        programme=programme,
        enrolled=True,
        joined_at=member.joined_at,
        tier=standing.tier,
        name=None if found is None else {each: found.name.said(each) for each in languages},
        since=standing.since,
        review_on=standing.review_on,
        grace_until=standing.grace_until,
        granted_through=standing.granted_through,
        paid_through=standing.paid_through,
        progress=progress,
        metric=None if tiers is None else tiers.metric,
        says={
            each: one_breath(rules.definition, tier=standing.tier, language=each)
            for each in languages
        },
    )


def _account(customer: UUID, *, unit: str, programme: str, now: datetime) -> int | None:
    rulebook = Rulebook.open(programme, at=now)
    number = rulebook.unit(unit)
    return ledger.account_of(customers.record_of(customer), unit=number)


def balance(
    customer: UUID,
    *,
    now: datetime,
    unit: str = "points",
    programme: str = "main",
    as_of: datetime | None = None,
) -> Balance:
    """Return what a member has of a unit; nothing for who never had any.

    Parameters
    ----------
    customer
        Any id the person ever had.
    now
        The present moment.
    unit
        Code within the programme.
    programme
        Code of the programme.
    as_of
        What it would have said then; none is now.

    Raises
    ------
    CustomerUnknown, CustomerErased
        If there is no such person, or no more.
    UnitUnknown
        If the programme has no such unit.
    """
    account = _account(customer, unit=unit, programme=programme, now=now)
    if account is None:
        at = as_of or now
        return Balance(active=0, pending=0, held=0, owed=0, at=at, expiring=(), activating=())
    return ledger.balance(account, as_of=as_of)


def stored_value(
    customer: UUID, *, definition: Definition, now: datetime, programme: str = "main"
) -> tuple[tuple[dict[str, str], int], ...]:
    """Return the stored value that a customer has: name by language, and minor units.

    Parameters
    ----------
    customer
        Any id the person ever had.
    definition
        The rules in force.
    now
        The present moment.
    programme
        Code of the programme.
    """
    found = (
        (unit.name, balance(customer, now=now, unit=unit.code, programme=programme).active)
        for unit in definition.units
        if unit.kind == "stored_value"
    )
    return tuple((name.model_dump(exclude_defaults=True), left) for name, left in found if left)


def history(
    customer: UUID,
    *,
    now: datetime,
    language: Language,
    unit: str = "points",
    programme: str = "main",
    before: int | None = None,
    limit: int = 50,
) -> list[HistoryLine]:
    """Return a member's entries, newest first, each with its sentence.

    Parameters
    ----------
    customer
        Any id the person ever had.
    now
        The present moment.
    language
        Of the sentences.
    unit
        Code within the programme.
    programme
        Code of the programme.
    before
        Only entries before this number; none is from the last on.
    limit
        The most to return.

    Raises
    ------
    CustomerUnknown, CustomerErased
        If there is no such person, or no more.
    UnitUnknown
        If the programme has no such unit.
    """
    account = _account(customer, unit=unit, programme=programme, now=now)
    if account is None:
        return []
    lines = ledger.entries(account, before=before, limit=limit)
    return [
        HistoryLine(line=line, reason=reason, says=say(reason, language))
        for line, reason in ((line, reason_of_line(line)) for line in lines)
    ]


#: How the ledger names what it does by itself, and what that is called in sentences.
_CODES = {
    "points_activated": "activated",
    "points_expired": "expired",
    "points_inactive": "expired.inactive",
    "hold_expired": "released.late",
    "debt_written_off": "debt.written_off",
    "accounts_merged": "merged",
    "merge_undone": "unmerged",
}


def reason_of_line(line: Line) -> dict[str, Any]:
    """Return the reason of an entry as its member reads it, for ``rules.reasons.say``.

    Parameters
    ----------
    line
        One entry of the ledger.
    """
    code = str(line.reason.get("code", ""))
    if code == "transferred":
        # One reason stands in both histories: each reads its own side.
        came = "transfer.in.later" if line.pending else "transfer.in"
        sides = {
            **line.reason,
            "code": "transfer.out" if line.amount < 0 else came,
            "points": abs(line.amount + line.pending - line.debt),
        }
        return {name: value for name, value in sides.items() if name not in {"from", "to"}}
    return {**line.reason, "code": _CODES.get(code, code)}
