"""What counts for tiers, whatever brought it: entered in their journal, and members rise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from huitouke.service.core.outbox import tell
from huitouke.service.programme.events.changes import happening_of
from huitouke.service.programme.events.members import Member, load
from huitouke.service.programme.events.people import lock_people
from huitouke.service.programme.events.rulebook import Rulebook, Rules
from huitouke.service.programme.events.standing import NOTHING, Days, Gained, journals, touch
from huitouke.service.programme.events.writing import Journal
from huitouke.service.programme.models.members import Done
from huitouke.service.programme.rules.standing import Change, UnitMove

__all__ = ["Entry", "count_moves", "enter", "entries_of", "uncount"]

# The key of what a rule gave begins with that of the fact, under which the journal has it;
# what came with joining is there under a name of its own.
_UNCOUNT = """
INSERT INTO programme_qualifying (membership_id, "on", spend_minor, visits, points, unit,
  source, recorded_at)
SELECT %b, q."on", 0, 0, %b, q.unit, %b, %b FROM programme_qualifying q
WHERE q.membership_id = %b AND q.points > 0 AND (starts_with(%b, q.source || ':')
  OR q.source LIKE '%%:joined' AND starts_with(%b, left(q.source, -length('joined'))))
ORDER BY q."on" LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is entered: how much, on which local day, and the key of what brought it."""

    gained: Gained
    on: date
    source: str


def entries_of(moves: Iterable[UnitMove], *, rules: Rules) -> list[Entry]:
    """Return what the tiers' journal has of moves: those of the unit that tiers rest on.

    Parameters
    ----------
    moves
        Of one member.
    rules
        In force today.
    """
    tiers = rules.definition.tiers
    if tiers is None or tiers.unit is None:
        return []
    return [
        Entry(Gained(points=move.points), rules.day(move.at), move.source)
        for move in moves
        if move.unit == tiers.unit and move.points
    ]


def enter(
    journal: Journal,
    member: Member,
    entries: Sequence[Entry],
    *,
    rules: Rules,
    days: Days,
    today: date,
) -> list[Change]:
    """Enter what counts for a member's tier, let them rise if it is enough, say what changed.

    Parameters
    ----------
    journal
        Takes the rows.
    member
        Locked; gets the new standing.
    entries
        What is entered.
    rules
        In force today.
    days
        The member's journal in hand; gets the entries.
    today
        The local day.
    """
    tiers = rules.definition.tiers
    for each in entries:
        if each.gained != NOTHING:
            unit = "" if tiers is None else tiers.unit or ""
            journal.qualify(member, each.gained, unit=unit, on=each.on, source=each.source)
            # The row has its member, also of a customer who has none yet.
            member.changed = True
            if tiers is not None:
                days[each.on] = days.get(each.on, 0) + each.gained.of(tiers)
    if tiers is None or member.joined_at is None:
        return []
    joined_on = rules.day(member.joined_at)
    changes: list[Change] = []
    for on in sorted({each.on for each in entries}):
        changes += touch(
            member, tiers=tiers, day=today, joined_on=joined_on, days=days, also_on=on
        )
    return changes


def count_moves(
    moves: Mapping[UUID, Iterable[UnitMove]], *, rulebook: Rulebook, at: datetime
) -> None:
    """Count points for tiers that moved outside the work on facts, and tell who rose.

    Up comes at once; what goes is seen by the next review.

    Parameters
    ----------
    moves
        By customer, who is locked.
    rulebook
        Of the programme.
    at
        The present moment.
    """
    rules = rulebook.now
    found = {who: entries_of(each, rules=rules) for who, each in moves.items()}
    entries = {who: each for who, each in found.items() if each}
    if not entries:
        return
    people, _ = lock_people(entries)
    members = load(people, programme=rulebook.programme)
    today = rules.day(at)
    first = min(one.on for each in entries.values() for one in each)
    tiers = rules.definition.tiers
    days = journals(list(members.values()), tiers=tiers, day=today, since=first)
    journal = Journal()
    told = []
    for who, member in members.items():
        changes = enter(
            journal, member, entries[who], rules=rules, days=days[member.id], today=today
        )
        told += [happening_of(change, customer=who) for change in changes]
    journal.write(rulebook.programme, members=members.values(), at=at)
    tell([each for each in told if each is not None])


def uncount(given: Done, *, points: int, of: UUID, name: str, at: datetime) -> None:
    """Take off the tiers' journal what two members that are one had both been given.

    It goes on the day on which the one who was merged had it, and comes back with the rest
    of the merge.

    Parameters
    ----------
    given
        What the one who was merged had been given.
    points
        How much of it was taken back.
    of
        The membership that stays.
    name
        Of the merge.
    at
        The present moment.
    """
    source = f"{name}:{given.rule}:{given.period}"
    mine, key = given.membership_id, given.op_key
    with connection.cursor() as cursor:
        cursor.execute(_UNCOUNT, [of, -points, source, at, mine, key, key])
