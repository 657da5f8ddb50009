"""Writing old balances: members, tiers and lots of one part of a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from huitouke.language import N_
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.customers.commands import enrol_each
from huitouke.service.customers.owning import Pair
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger.contract import Earn
from huitouke.service.ledger.units import UnitView
from huitouke.service.programme.events.members import Member, load, save
from huitouke.service.programme.events.people import Moved, lock_people
from huitouke.service.programme.events.qualifying import count_moves
from huitouke.service.programme.events.rulebook import Rulebook
from huitouke.service.programme.events.standing import settle, standing_of
from huitouke.service.programme.models.imports import ImportedBalance
from huitouke.service.programme.rules.calendar import start_of_day
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.standing import Standing, Step, UnitMove
from huitouke.service.programme.rules.tier_shapes import Tiers
from huitouke.service.programme.rules.tier_windows import imported_review
from huitouke.service.programme.rules.tiers import begin

__all__ = [
    "ONE_POINT",
    "TIER",
    "BalanceRefused",
    "BalanceRow",
    "Imported",
    "MembersBusy",
    "keep",
    "review_of_row",
]

#: A point in the ten-thousandths in which files are read.
ONE_POINT = 10_000
#: The key under which it is kept what a file said of a tier.
TIER = "tier"
_DAY = timedelta(days=1)


class MembersBusy(ServiceError):
    """Customers were merged while their balances were being written."""

    code = "programme.members_busy"
    status = 409
    says = N_("Others are merging the same customers at this moment.")
    remedy = N_("Import the file again; it goes on where it was stopped.")


class BalanceRefused(ServiceError):
    """The ledger does not take the points."""

    code = "programme.balance_refused"
    status = 409
    says = N_("The ledger does not take the points of a row: {outcome}.")
    remedy = N_("Check the largest amounts in the file; nothing of this part was written.")


@dataclass(frozen=True, kw_only=True, slots=True)
class BalanceRow:
    """One lot, one tier, or both, as a file tells it.

    Parameters
    ----------
    source, line_number
        Its place.
    identities
        Who, as written, the best first.
    points_e4
        Ten-thousandths of a point: the file may hold fractions, which are refused.
    expires_on
        Last local day on which they are valid; None: never.
    earned_on
        Local day on which they were earned.
    tier
        Its code or its name in either language; empty: nothing is said of it.
    tier_since, tier_until
        Its first, and its last promised local day.
    joined_on
        Local day of enrolment.
    """

    source: str
    line_number: int
    identities: tuple[Pair, ...]
    points_e4: int = 0
    expires_on: date | None = None
    earned_on: date | None = None
    tier: str = ""
    tier_since: date | None = None
    tier_until: date | None = None
    joined_on: date | None = None


@dataclass(slots=True)
class Imported:
    """What a part of a file brings that was not there.

    Parameters
    ----------
    lots
        Customer, key, and the row that tells it.
    tiers
        By customer: code of the tier, and the row.
    joined
        By customer: since which local day they are a member, at the latest.
    """

    lots: list[tuple[UUID, str, BalanceRow]] = field(default_factory=list)
    tiers: dict[UUID, tuple[str, BalanceRow]] = field(default_factory=dict)
    joined: dict[UUID, date] = field(default_factory=dict)


def keep(
    part: Imported,
    *,
    said: Mapping[tuple[UUID, str], Any],
    rulebook: Rulebook,
    unit: UnitView,
    at: datetime,
    actor: Actor,
) -> int:
    """Write members, tiers and lots in the caller's transaction.

    Parameters
    ----------
    part
        What is new.
    said
        By customer and key: what is kept of it, JSON-able.
    rulebook, unit
        Of the programme, and what is counted.
    at, actor
        When and by whom.

    Returns
    -------
    int
        How many became members.

    Raises
    ------
    MembersBusy
        If customers were merged meanwhile.
    BalanceRefused
        If the ledger does not take a lot.
    """
    try:
        # Customers first, then members, then accounts: the order in which all lock them.
        people, _ = lock_people(part.joined)
    except Moved as error:
        raise MembersBusy from error
    members = load(people, programme=rulebook.programme)
    definition = rulebook.now.definition
    zone = definition.zone_info
    joined = {
        customer: min(at, start_of_day(day, zone))
        for customer, day in part.joined.items()
        if not members[customer].enrolled
    }
    for customer, moment in joined.items():
        _begin(members[customer], at=moment, day=part.joined[customer], tiers=definition.tiers)
    today = at.astimezone(zone).date()
    for customer, (tier, row) in part.tiers.items():
        _lift(members[customer], tier=tier, row=row, definition=definition, day=today)
    save(members.values(), programme=rulebook.programme)
    enrol_each(list(joined.items()), actor=actor, quiet=True)
    _keep_lots(part.lots, unit=unit, definition=definition, at=at, actor=actor)
    _count_lots(part.lots, unit=unit, rulebook=rulebook, at=at)
    ImportedBalance.objects.bulk_create(
        ImportedBalance(
            customer_id=customer, unit=unit.code, key=key, said=what, recorded_at=at,
            actor=str(actor),
        )
        for (customer, key), what in said.items()
    )  # fmt: skip
    return len(joined)


def _begin(member: Member, *, at: datetime, day: date, tiers: Tiers | None) -> None:
    member.joined_at, member.changed = at, True
    if tiers is not None and standing_of(member.standing) == Standing():
        settle(member, begin(tiers=tiers, day=day))


def _lift(
    member: Member, *, tier: str, row: BalanceRow, definition: Definition, day: date
) -> None:
    """Give a member the tier the file promises; one who has a higher one keeps it."""
    standing, joined_at = standing_of(member.standing), member.joined_at
    tiers = definition.tiers
    if tiers is None or tiers.rank(tier) < tiers.rank(standing.tier):
        return
    joined_on = day if joined_at is None else joined_at.astimezone(definition.zone_info).date()
    promised = replace(
        standing,
        tier=tier,
        since=row.tier_since or day,
        earned=tier,
        review_on=review_of_row(row, tier=tier, tiers=tiers, day=day, joined_on=joined_on),
        grace_until=None,
        lifted_on=None,
        before=None,
        before_review_on=None,
    )
    settle(member, Step(standing=promised))


def review_of_row(
    row: BalanceRow, *, tier: str, tiers: Tiers, day: date, joined_on: date
) -> date | None:
    """Return the first review of the tier that a row tells; none: there is none.

    Parameters
    ----------
    row
        It says the tier's dates.
    tier
        The tier's code.
    tiers
        The definition's.
    day
        Local day of the import.
    joined_on
        Local day of enrolment.
    """
    return imported_review(
        tier,
        tiers=tiers,
        since=row.tier_since or day,
        until=row.tier_until,
        day=day,
        joined_on=joined_on,
    )


def _keep_lots(
    lots: Iterable[tuple[UUID, str, BalanceRow]],
    *,
    unit: UnitView,
    definition: Definition,
    at: datetime,
    actor: Actor,
) -> None:
    by_customer: dict[UUID, list[tuple[str, BalanceRow]]] = defaultdict(list)
    for customer, key, row in lots:
        by_customer[customer].append((key, row))
    if not by_customer:
        return
    accounts = ledger.open_accounts(list(by_customer), unit=unit.unit)
    postings = [
        _posting(
            account, key=key, row=row, definition=definition, unit=unit, at=at, actor=actor
        )
        for account, rows in zip(accounts, by_customer.values(), strict=True)
        for key, row in rows
    ]
    for receipt in ledger.earn_batch(postings):
        if receipt.outcome != "done":
            raise BalanceRefused(outcome=receipt.outcome)


def _count_lots(
    lots: Iterable[tuple[UUID, str, BalanceRow]],
    *,
    unit: UnitView,
    rulebook: Rulebook,
    at: datetime,
) -> None:
    """Let lots of the unit that tiers rest on count on the day on which they were earned."""
    zone = rulebook.now.definition.zone_info
    moves: dict[UUID, list[UnitMove]] = defaultdict(list)
    for customer, key, row in lots:
        move = UnitMove(
            unit=unit.code.removeprefix(f"{rulebook.code}."),
            points=row.points_e4 // ONE_POINT,
            at=at if row.earned_on is None else start_of_day(row.earned_on, zone),
            source=key,
        )
        moves[customer].append(move)
    count_moves(moves, rulebook=rulebook, at=at)


def _posting(
    account: int,
    *,
    key: str,
    row: BalanceRow,
    definition: Definition,
    unit: UnitView,
    at: datetime,
    actor: Actor,
) -> Earn:
    # Stored value is money: it does not go, whatever another system said of it.
    zone, last = definition.zone_info, None if unit.kind == "stored_value" else row.expires_on
    return Earn(
        account=account,
        key=key,
        amount=row.points_e4 // ONE_POINT,
        effective_at=at if row.earned_on is None else start_of_day(row.earned_on, zone),
        # Valid through a day is gone as the next one begins.
        expires_at=None if last is None else start_of_day(last + _DAY, zone),
        kind="import",
        contra="import",
        reason={"code": "imported"},
        actor=str(actor),
    )
