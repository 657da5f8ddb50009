"""Members while facts are worked on: counters in memory, read and written in one go."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from huitouke.service.core.columns import columns
from huitouke.service.core.ids import new_id
from huitouke.service.programme.events.people import Person
from huitouke.service.programme.marks import marked
from huitouke.service.programme.rules.cart import MemberView, Outcome, PeriodKey
from huitouke.service.programme.rules.standing import Change

__all__ = [
    "MEMBERS",
    "SAVE",
    "Member",
    "keep_lifts",
    "load",
    "load_one",
    "peek",
    "rows_of",
    "save",
    "snapshot",
    "view_of",
]

_LOAD = """
SELECT m.customer_id, m.id, m.joined_at, m.tier, m.standing::text, m.due_on, m.order_count,
  (SELECT json_agg(json_build_array(u.rule, u.period, u.used))
     FROM programme_use u
    WHERE u.membership_id = m.id AND u.period = ANY(%b::text[]))::text,
  (SELECT json_agg(json_build_array(d.rule, d.period))
     FROM programme_done d
    WHERE d.membership_id = m.id AND d.period = ANY(%b::text[]))::text
FROM programme_membership m
WHERE m.customer_id = ANY(%b::uuid[]) AND m.programme_id = %b
"""
_LOCK = _LOAD + "ORDER BY m.id FOR NO KEY UPDATE OF m"
_LOCK_ONE = """
SELECT id, joined_at, tier, standing::text, due_on, order_count
FROM programme_membership WHERE customer_id = %b AND programme_id = %b FOR NO KEY UPDATE
"""
#: Writes members; its parameters are the programme and the columns of :func:`rows_of`.
SAVE = """
INSERT INTO programme_membership (id, programme_id, customer_id, joined_at, tier, standing,
  due_on, order_count)
SELECT id, %b, customer, joined_at, tier, standing::jsonb, due_on, order_count
FROM unnest(%b::uuid[], %b::uuid[], %b::timestamptz[], %b::text[], %b::text[], %b::date[],
  %b::integer[]) AS new(id, customer, joined_at, tier, standing, due_on, order_count)
ON CONFLICT (customer_id, programme_id) DO UPDATE SET joined_at = excluded.joined_at,
  tier = excluded.tier, standing = excluded.standing, due_on = excluded.due_on,
  order_count = excluded.order_count
"""
_LIFTS = """
INSERT INTO programme_tierchange (id, membership_id, kind, from_tier, to_tier, "on", reason,
  changed_at)
SELECT id, membership, kind, from_tier, to_tier, day, reason::jsonb, core_now()
FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::text[], %b::date[], %b::text[])
  AS new(id, membership, kind, from_tier, to_tier, day, reason)
"""
_LIFT_COLUMNS = "uuid uuid text text text date text"
#: Types of the columns of :func:`rows_of`.
MEMBERS = "uuid uuid timestamptz text text date integer"


@dataclass(slots=True)
class Member:
    """One customer in one programme, as of the fact that is being worked on.

    The customer's row is locked, so nobody else changes what is held here.
    """

    person: Person
    id: UUID
    known: bool = False
    changed: bool = False
    joined_at: datetime | None = None
    tier: str = ""
    standing: str = "{}"
    due_on: date | None = None
    order_count: int = 0
    uses: dict[PeriodKey, int] = field(default_factory=dict)
    done: set[PeriodKey] = field(default_factory=set)
    lifts: list[Change] = field(default_factory=list)

    @property
    def enrolled(self) -> bool:
        """Whether the customer is a member."""
        return self.joined_at is not None

    def view(
        self, *, uses: Iterable[PeriodKey] = (), done: Iterable[PeriodKey] = ()
    ) -> MemberView:
        """Return what rules see, with the counters they ask for.

        Parameters
        ----------
        uses, done
            Keys from ``earning.keys_needed``.
        """
        counts = self.uses
        return MemberView(
            tier=self.tier or None,
            joined_at=self.joined_at,
            birthday_on=self.person.birthday_on,
            enrolled=self.joined_at is not None,
            uses={key: counts[key] for key in uses if key in counts},
            done=frozenset(self.done.intersection(done)),
            order_count=self.order_count,
            tags=self.person.tags,
        )

    def take(self, outcome: Outcome, *, order: bool) -> None:
        """Count what rules gave.

        Parameters
        ----------
        outcome
            What they gave.
        order
            Whether it was an order.
        """
        for key, used in outcome.uses.items():
            self.uses[key] = self.uses.get(key, 0) + used
        self.done.update(outcome.done)
        if order:
            self.order_count += 1
        self.changed = True


def load(
    people: Mapping[UUID, Person],
    *,
    programme: UUID,
    uses: Iterable[PeriodKey] = (),
    done: Iterable[PeriodKey] = (),
) -> dict[UUID, Member]:
    """Lock and read members whose customers are locked, with the counters asked for.

    Parameters
    ----------
    people
        Locked customers by id.
    programme
        Which programme.
    uses, done
        Keys that will be asked for.

    Returns
    -------
    dict
        By customer; one who is not known yet gets a blank one, which is saved once it counts.
    """
    # The customers' lock was taken by the statement before: this one sees all that was
    # committed while we waited for it.
    return _read(_LOCK, people, programme=programme, uses=uses, done=done)


def load_one(person: Person, *, programme: UUID) -> Member:
    """Lock and read one member whose customer is locked, without counters.

    Parameters
    ----------
    person
        The locked customer.
    programme
        Which programme.

    Returns
    -------
    Member
        A blank one where the customer is not known in the programme yet.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_ONE, [person.id, programme])
        row = cursor.fetchone()
    if row is None:
        return Member(person, new_id())
    return Member(person, row[0], True, False, *row[1:])


def peek(
    person: Person,
    *,
    programme: UUID,
    uses: Iterable[PeriodKey] = (),
    done: Iterable[PeriodKey] = (),
) -> Member:
    """Read one member without a lock, for questions.

    Parameters
    ----------
    person
        Who.
    programme
        Which programme.
    uses, done
        Keys that will be asked for.
    """
    found = _read(_LOAD, {person.id: person}, programme=programme, uses=uses, done=done)
    return found[person.id]


def _read(
    statement: str,
    people: Mapping[UUID, Person],
    *,
    programme: UUID,
    uses: Iterable[PeriodKey],
    done: Iterable[PeriodKey],
) -> dict[UUID, Member]:
    found: dict[UUID, Member] = {}
    once = set(done)
    periods = (list({key[1] for key in uses}), list({key[1] for key in once}))
    with connection.cursor() as cursor:
        cursor.execute(statement, [*periods, list(people), programme])
        for customer, key, *rest in cursor.fetchall():
            *plain, used, done_so_far = rest
            found[customer] = member = Member(people[customer], key, True, False, *plain)
            member.uses = {(r, p): n for r, p, n in json.loads(used)} if used else {}
            if done_so_far:
                member.done = {(r, p) for r, p in json.loads(done_so_far)}
    for customer, person in people.items():
        if customer not in found:
            found[customer] = Member(person, new_id())
    without = [customer for customer, each in found.items() if not once <= each.done]
    if once and without:
        for customer, had in marked(without, programme=programme, keys=once).items():
            found[customer].done |= had
    return found


def rows_of(members: Iterable[Member]) -> list[tuple[Any, ...]]:
    """Return the rows of members that changed, in order of customer.

    Parameters
    ----------
    members
        Some or all that were loaded.
    """
    return [
        (
            m.id,
            m.person.id,
            m.joined_at,
            m.tier,
            m.standing,
            m.due_on,
            m.order_count,
        )
        for m in sorted(members, key=lambda one: one.person.id)
        if m.changed
    ]


def save(members: Collection[Member], *, programme: UUID) -> None:
    """Write the members that changed.

    Parameters
    ----------
    members
        Some or all that were loaded.
    programme
        Which programme.
    """
    rows = rows_of(members)
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(SAVE, [programme, *columns(MEMBERS, rows)])
        keep_lifts(members)


def keep_lifts(members: Collection[Member]) -> None:
    """Write down what became of the tiers of members that are saved.

    Parameters
    ----------
    members
        Some or all that were loaded; what is written of them is not written again.
    """
    rows = [
        (
            new_id(),
            each.id,
            change.kind,
            change.from_tier or "",
            change.to_tier or "",
            change.on,
            json.dumps(change.reason, ensure_ascii=False),
        )
        for each in members
        for change in each.lifts
    ]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(_LIFTS, columns(_LIFT_COLUMNS, rows))
    for each in members:
        each.lifts.clear()


def snapshot(view: MemberView) -> dict[str, Any]:
    """Return what rules saw of a member, JSON-able and short, to be asked again at a refund.

    Parameters
    ----------
    view
        What they saw.
    """
    given = {
        "tier": view.tier,
        "joined_at": view.joined_at and view.joined_at.isoformat(),
        "birthday_on": view.birthday_on and view.birthday_on.isoformat(),
        "enrolled": view.enrolled,
        "uses": [[*key, used] for key, used in view.uses.items()],
        "done": [list(key) for key in view.done],
        "order_count": view.order_count,
        "tags": sorted(view.tags),
    }
    return {name: value for name, value in given.items() if value}


def view_of(kept: Mapping[str, Any]) -> MemberView:
    """Return what rules saw of a member at a purchase.

    Parameters
    ----------
    kept
        What :func:`snapshot` gave.

    Examples
    --------
    >>> seen = MemberView(tier="gold", uses={("buy", "2026-03"): 5}, order_count=2)
    >>> view_of(snapshot(seen)) == seen
    True
    """
    joined, born = kept.get("joined_at"), kept.get("birthday_on")
    return MemberView(
        tier=kept.get("tier"),
        joined_at=datetime.fromisoformat(joined) if joined else None,
        birthday_on=date.fromisoformat(born) if born else None,
        enrolled=kept.get("enrolled", False),
        uses={(rule, period): used for rule, period, used in kept.get("uses", ())},
        done=frozenset((rule, period) for rule, period in kept.get("done", ())),
        order_count=kept.get("order_count", 0),
        tags=frozenset(kept.get("tags", ())),
    )
