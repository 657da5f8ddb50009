"""Old balances from a file: lots with their expiry, tiers with their dates, each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from huitouke.service.core.actor import Actor
from huitouke.service.customers.commands import NewCustomer, create_many
from huitouke.service.customers.following import records, roots
from huitouke.service.customers.imports import Difference, Identities, Refusal
from huitouke.service.customers.owning import Pair, owners
from huitouke.service.ledger.units import unit as ledger_unit
from huitouke.service.programme.events.rulebook import Rulebook
from huitouke.service.programme.imported import (
    ONE_POINT,
    TIER,
    BalanceRefused,
    BalanceRow,
    Imported,
    MembersBusy,
    keep,
    review_of_row,
)
from huitouke.service.programme.models.imports import ImportedBalance
from huitouke.service.programme.models.members import Membership
from huitouke.service.programme.rules.tier_windows import window_start
from huitouke.service.programme.versions.queries import current

__all__ = ["REVIEWS", "BalanceRefused", "BalanceRow", "BalancesImport", "MembersBusy"]

#: Begins the names of counts of reviews; the month follows, as in ``reviews:2027-05``.
REVIEWS = "reviews:"


class BalancesImport:
    """Brings balances in, part by part, or says what that would change.

    Counts beside ``new``, ``same``, ``changed`` and ``refused``: ``points_new``,
    ``tiers_new``, ``members_new``, ``customers_new``; of tiers that come up for review how
    many in each month (``reviews:2027-05``), and how many of them before a whole window of
    the metric was told (``reviews_early``).

    Parameters
    ----------
    programme, unit
        Codes of the programme, and of what is counted in it.
    at
        The present moment.
    write
        False: nothing is written.

    Raises
    ------
    NothingPublished
        If the programme has no rules in force.
    UnitUnknown
        If nothing is counted under this code.
    """

    def __init__(self, programme: str, *, unit: str, at: datetime, write: bool) -> None:
        self.difference = Difference()
        version, self._definition = current(programme, at=at)
        self._rulebook = Rulebook.open(programme, at=at)
        self._unit = ledger_unit(version.unit(unit))
        self._write = write
        self._identities = Identities()
        self._places: Counter[tuple[Any, ...]] = Counter()
        self._said: dict[UUID | Pair, dict[str, Any]] = {}
        self._members: dict[UUID | Pair, tuple[str, date | None]] = {}
        tiers = self._definition.tiers
        self._tiers = {
            name: tier.code
            for tier in (tiers.tiers if tiers else ())
            for name in (tier.name.said("zh"), tier.name.said("en"), tier.code)
        }

    def pass_over(self, rows: Sequence[BalanceRow]) -> None:
        """Take notice of a part that was brought in before the import was stopped.

        Parameters
        ----------
        rows
            The part.
        """
        good = [row for row in rows if not self._wrong(row)]
        people = self._known_people(good)
        for row in good:
            if row.points_e4 and row.line_number in people:
                self._key(people[row.line_number], row)

    def bring(self, rows: Sequence[BalanceRow], *, at: datetime, actor: Actor) -> None:
        """Bring a part of the file in, in the caller's transaction.

        Parameters
        ----------
        rows
            Some thousand.
        at
            The present moment.
        actor
            Who imports.
        """
        good = [row for row in rows if not self._refused(row)]
        people = self._known_people(good, tell=True)
        if self._write:
            self._made(good, people, at=at, actor=actor)
        self._recall({one for one in people.values() if isinstance(one, UUID)})
        part = Imported()
        for row in good:
            if row.line_number in people:
                self._take(row, people[row.line_number], part, at=at)
        if self._write:
            said = [(customer, key) for customer, key, _ in part.lots]
            said += [(customer, TIER) for customer in part.tiers]
            members = keep(
                part,
                said={name: self._said[name[0]][name[1]] for name in said},
                rulebook=self._rulebook,
                unit=self._unit,
                at=at,
                actor=actor,
            )
            self.difference.counts["members_new"] += members

    def _wrong(self, row: BalanceRow) -> str:
        """Return why a row cannot be brought in, whoever it is; empty: it can."""
        if not row.identities:
            return "identity_missing"
        for reason, wrong in (
            ("identity_invalid", any(self._identities.of(p) is None for p in row.identities)),
            ("points_not_whole", bool(row.points_e4 % ONE_POINT)),
            ("points_below_zero", row.points_e4 < 0),
            ("tier_unknown", bool(row.tier) and row.tier not in self._tiers),
        ):
            if wrong:
                return reason
        return ""

    def _refused(self, row: BalanceRow) -> bool:
        reason = self._wrong(row)
        if reason:
            self._refuse(row, reason)
        return bool(reason)

    def _refuse(self, row: BalanceRow, reason: str, *, outcome: str = "refused") -> None:
        name = row.identities[0][1] if row.identities else ""
        place = Refusal(row.source, row.line_number, reason, "", name)
        self.difference.refuse(place, outcome=outcome)

    def _made(
        self,
        rows: Sequence[BalanceRow],
        people: dict[int, UUID | Pair],
        *,
        at: datetime,
        actor: Actor,
    ) -> None:
        """Make customers of those who are not known yet."""
        new = [row for row in rows if isinstance(people.get(row.line_number), tuple)]
        asked = [NewCustomer(identities=row.identities) for row in new]
        for row, made in zip(new, create_many(asked, at=at, actor=actor), strict=True):
            if made.customer is None:
                self._refuse(row, "identities_conflict")
                del people[row.line_number]
            else:
                people[row.line_number] = made.customer

    def _known_people(
        self, rows: Sequence[BalanceRow], *, tell: bool = False
    ) -> dict[int, UUID | Pair]:
        """Return whose each line is, without writing: an identity stands for who is new."""
        pairs = {
            row.line_number: [pair for each in row.identities if (pair := self._spelt(each))]
            for row in rows
        }
        found = owners({pair for each in pairs.values() for pair in each})
        people: dict[int, UUID | Pair] = {}
        for row in rows:
            each = pairs[row.line_number]
            known = {found[pair] for pair in each if pair in found}
            if len(known) > 1:
                if tell:
                    self._refuse(row, "identities_conflict")
                continue
            people[row.line_number] = known.pop() if known else each[0]
            if tell and people[row.line_number] == each[0]:
                self._meet(each[0])
        return people

    def _meet(self, pair: Pair) -> None:
        """Count who would become a customer, once."""
        if pair not in self._said:
            self._said[pair] = {}
            self.difference.tell("customers_new")

    def _spelt(self, pair: Pair) -> Pair | None:
        return self._identities.of(pair)

    def _recall(self, customers: set[UUID]) -> None:
        """Read what files said of customers before, of all their merged records."""
        unread = customers - self._said.keys()
        owned = records(unread)
        led = roots(owned)
        for customer in unread:
            self._said[customer] = {}
        rows = ImportedBalance.objects.filter(customer_id__in=owned, unit=self._unit.code)
        for row in rows:
            self._said[led[row.customer_id]][row.key] = row.said
        for member in Membership.objects.filter(
            customer_id__in=unread, programme=self._rulebook.programme, joined_at__isnull=False
        ):
            joined_on = None if member.joined_at is None else self._today(member.joined_at)
            self._members[member.customer_id] = (member.tier, joined_on)

    def _take(self, row: BalanceRow, who: UUID | Pair, part: Imported, *, at: datetime) -> None:
        """Compare a row with what was said before, and note what is new in it."""
        outcomes = set()
        if row.points_e4:
            outcomes.add(self._take_lot(row, who, part, at=at))
        if row.tier:
            outcomes.add(self._take_tier(row, who, part, at=at))
        if isinstance(who, UUID):
            days = [part.joined.get(who), row.joined_on, row.tier_since, row.earned_on]
            told = [day for day in days if day is not None]
            part.joined[who] = min(told, default=self._today(at))
        if "new" in outcomes:
            self.difference.tell("new")
        elif outcomes <= {"same"}:
            self.difference.tell("same")

    def _today(self, at: datetime) -> date:
        return at.astimezone(self._definition.zone_info).date()

    def _key(self, who: UUID | Pair, row: BalanceRow) -> str:
        """Return the lot's name, the same in every file that tells it."""
        days = (row.expires_on, row.earned_on)
        self._places[who, *days] += 1
        until, since = ("" if day is None else day.isoformat() for day in days)
        return f"import:{until or 'never'}:{since}:{self._places[who, *days]}"

    def _take_lot(
        self, row: BalanceRow, who: UUID | Pair, part: Imported, *, at: datetime
    ) -> str:
        points = row.points_e4 // ONE_POINT
        key = self._key(who, row)
        before = self._said[who].get(key)
        if before is not None:
            if before["points"] == points:
                return "same"
            self._refuse(row, "balance_changed", outcome="changed")
            return "changed"
        if row.expires_on is not None and row.expires_on < self._today(at):
            self._refuse(row, "points_expired")
            return "refused"
        self._said[who][key] = {"points": points}
        self.difference.counts["points_new"] += points
        if isinstance(who, UUID):
            part.lots.append((who, key, row))
        return "new"

    def _take_tier(
        self, row: BalanceRow, who: UUID | Pair, part: Imported, *, at: datetime
    ) -> str:
        said = {
            "tier": self._tiers[row.tier],
            "since": row.tier_since and row.tier_since.isoformat(),
            "until": row.tier_until and row.tier_until.isoformat(),
        }
        before = self._said[who].get(TIER)
        if before == said:
            return "same"
        if before is not None:
            self._refuse(row, "tier_changed", outcome="changed")
            return "changed"
        self._said[who][TIER] = said
        self.difference.tell("tiers_new")
        self._foresee(row, who, tier=self._tiers[row.tier], day=self._today(at))
        if isinstance(who, UUID):
            part.tiers[who] = (self._tiers[row.tier], row)
        return "new"

    def _foresee(self, row: BalanceRow, who: UUID | Pair, *, tier: str, day: date) -> None:
        """Count when the tier comes up for review, if the member has no higher one."""
        tiers = self._definition.tiers
        has, joined_on = self._members.get(who, ("", None))
        if tiers is None or tiers.rank(tier) < tiers.rank(has):
            return
        if joined_on is None:
            told = (row.joined_on, row.tier_since, row.earned_on)
            joined_on = min((each for each in told if each is not None), default=day)
        review_on = review_of_row(row, tier=tier, tiers=tiers, day=day, joined_on=joined_on)
        if review_on is None:
            return
        self.difference.tell(f"{REVIEWS}{review_on:%Y-%m}")
        promised = review_on - timedelta(days=1)
        first = window_start(tiers.window, day=promised, joined_on=joined_on)
        if first is None or first < day:
            self.difference.tell("reviews_early")
