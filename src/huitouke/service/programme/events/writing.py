"""What orders and counters leave behind: purchases, earnings, qualifying entries, counts."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from msgspec.json import encode

from huitouke.service.core.columns import columns
from huitouke.service.ledger.commands import fits
from huitouke.service.programme.events.claims import ANSWER, ANSWERS
from huitouke.service.programme.events.members import MEMBERS, SAVE, Member, keep_lifts, rows_of
from huitouke.service.programme.events.standing import Gained
from huitouke.service.programme.rules.cart import Effect, Outcome

__all__ = ["Journal", "PaidBefore", "counted_by", "op_key", "purchase_row"]

# One statement: parts of it do not read what the others write.
_ROWS = """
  INSERT INTO programme_purchase (order_id, membership_id, version, tier, fact_key, member,
    attributes, counted, spend_minor, visits, points, paid_at)
  SELECT n.id, n.membership, n.version, n.tier, n.fact_key, n.member::jsonb,
    n.attributes::jsonb, n.counted::jsonb, n.spend, n.visits, n.points, n.paid_at
  FROM unnest(%b::uuid[], %b::uuid[], %b::integer[], %b::text[], %b::text[], %b::text[],
    %b::text[], %b::text[], %b::bigint[], %b::smallint[], %b::bigint[], %b::timestamptz[])
    AS n(id, membership, version, tier, fact_key, member, attributes, counted, spend, visits,
      points, paid_at)
  JOIN orders_order o ON o.id = n.id AND NOT o.history
  ON CONFLICT (order_id) DO NOTHING
  RETURNING order_id
), earning AS (
  INSERT INTO programme_orderearning (order_id, rule, unit, earned, op_key, waits_for)
  SELECT * FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::bigint[], %b::text[],
    %b::text[])
  ON CONFLICT DO NOTHING
), qualifying AS (
  INSERT INTO programme_qualifying (membership_id, "on", spend_minor, visits, points,
    unit, source, recorded_at)
  SELECT n.*, %b
  FROM unnest(%b::uuid[], %b::date[], %b::bigint[], %b::integer[], %b::bigint[],
    %b::text[], %b::text[]) AS n(membership, day, spend, visits, points, unit, source)
), used AS (
  INSERT INTO programme_use AS u (membership_id, period, rule, used)
  SELECT * FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::bigint[])
  ON CONFLICT (membership_id, period, rule) DO UPDATE SET used = u.used + excluded.used
), done AS (
  INSERT INTO programme_done (membership_id, period, rule, unit, points, op_key)
  SELECT * FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[], %b::bigint[],
    %b::text[])
  ON CONFLICT DO NOTHING
)
SELECT order_id FROM purchase
"""
_PURCHASES = "uuid uuid integer text text text text text bigint smallint bigint timestamptz"
_EARNINGS = "uuid text text bigint text text"
_QUALIFYING = "uuid date bigint integer bigint text text"
_USES = "uuid text text bigint"
_DONE = "uuid text text text bigint text"
_WRITE = "".join(
    ("WITH member AS (", SAVE, "), answered AS (", ANSWER, "), purchase AS (", _ROWS)
)


class PaidBefore(Exception):
    """Orders that another fact, or an import, has brought before; nothing may be written."""

    def __init__(self, orders: frozenset[tuple[str, str]]) -> None:
        super().__init__()
        self.orders = orders


def op_key(fact_key: str, *, rule: str) -> str:
    """Return the key under which the ledger knows what a rule gave for a fact.

    It is readable where it fits; a long name, or one with letters that cannot be seen, is
    digested. The same name always makes the same key, also after a restore.

    Parameters
    ----------
    fact_key
        ``<type>:<source>:<source_id>``.
    rule
        Id of the rule.
    """
    key = f"{fact_key}:{rule}"
    if fits(key):
        return key
    digest = hashlib.sha256(fact_key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"fact:{digest}:{rule}"


@dataclass(slots=True)
class Journal:
    """Rows that are gathered fact by fact and written together."""

    purchases: list[tuple[Any, ...]] = field(default_factory=list)
    names: dict[UUID, tuple[str, str]] = field(default_factory=dict)
    earnings: list[tuple[Any, ...]] = field(default_factory=list)
    qualifying: list[tuple[Any, ...]] = field(default_factory=list)
    uses: dict[tuple[UUID, str, str], int] = field(default_factory=dict)
    done: set[tuple[UUID, str, str, str, int, str]] = field(default_factory=set)

    def count(self, member: Member, outcome: Outcome, *, fact_key: str) -> None:
        """Note what counts against caps and once-only rules.

        Parameters
        ----------
        member
            Whose counters.
        outcome
            What rules gave.
        fact_key
            Of the fact it was given for.
        """
        for (rule, period), used in outcome.uses.items():
            if used:
                key = (member.id, period, rule)
                self.uses[key] = self.uses.get(key, 0) + used
        given = {effect.rule_id: effect for effect in outcome.effects}
        for rule, period in outcome.done:
            unit, points = given[rule].unit, given[rule].value
            made_by = op_key(fact_key, rule=rule)
            self.done.add((member.id, period, rule, unit, points, made_by))

    def earn(self, order: UUID, *, effects: Sequence[Effect], fact_key: str) -> None:
        """Note what rules gave for an order.

        Parameters
        ----------
        order
            Its id.
        effects
            What they gave.
        fact_key
            Of the fact that brought the order.
        """
        self.earnings.extend(
            (
                order,
                effect.rule_id,
                effect.unit,
                effect.value,
                op_key(fact_key, rule=effect.rule_id),
                effect.waits_for or "",
            )
            for effect in effects
            if effect.value
        )

    def qualify(
        self, member: Member, gained: Gained, *, unit: str, on: date, source: str
    ) -> None:
        """Note what counts for tiers.

        Parameters
        ----------
        member
            Whose journal.
        gained
            What is added, or taken off.
        unit
            Code of the unit that qualifies; empty if none does.
        on
            Local day on which it counts.
        source
            Key of what brought it; once per day and member.
        """
        self.qualifying.append(
            (member.id, on, gained.spend_minor, gained.visits, gained.points, unit, source)
        )

    def write(
        self,
        programme: UUID,
        *,
        members: Collection[Member],
        at: datetime,
        answers: Sequence[tuple[Any, ...]] = (),
    ) -> None:
        """Write all rows in one statement.

        Parameters
        ----------
        programme
            Which programme.
        members
            Those that changed are written.
        at
            When they are written.
        answers
            Rows of answers to facts.

        Raises
        ------
        PaidBefore
            If an order is known as a purchase, or as imported history.
        """
        saved = columns(MEMBERS, rows_of(members))
        # In order of keys: two writers that meet the same counters never deadlock.
        used = [(*key, count) for key, count in sorted(self.uses.items())]
        with connection.cursor() as cursor:
            cursor.execute(
                _WRITE,
                [
                    programme,
                    *saved,
                    *columns(ANSWERS, answers),
                    *columns(_PURCHASES, self.purchases),
                    *columns(_EARNINGS, self.earnings),
                    at,
                    *columns(_QUALIFYING, self.qualifying),
                    *columns(_USES, used),
                    *columns(_DONE, sorted(self.done)),
                ],
            )
            fresh = {row[0] for row in cursor.fetchall()}
        if len(fresh) < len(self.purchases):
            raise PaidBefore(
                frozenset(name for key, name in self.names.items() if key not in fresh)
            )
        keep_lifts(members)


def purchase_row(
    order: UUID,
    *,
    member: Member | None,
    tier: str,
    version: int,
    fact_key: str,
    seen: dict[str, Any],
    attributes: dict[str, Any],
    outcome: Outcome,
    gained: Gained,
    paid_at: datetime,
) -> tuple[Any, ...]:
    """Return the row of a purchase.

    Parameters
    ----------
    order
        Its id.
    member
        Who bought, if it counts for anybody.
    tier
        What they had before it.
    version
        Number of the version of the rules.
    fact_key
        Of the fact that brought it.
    seen
        What rules saw of the member.
    attributes
        What else the fact said.
    outcome
        What rules gave.
    gained
        What it added to the tiers' journal.
    paid_at
        When.
    """
    return (
        order,
        None if member is None else member.id,
        version,
        tier,
        fact_key,
        encode(seen).decode(),
        encode(attributes).decode(),
        encode(counted_by(outcome)).decode(),
        gained.spend_minor,
        gained.visits,
        gained.points,
        paid_at,
    )


def counted_by(outcome: Outcome) -> dict[str, Any]:
    """Return what an order counts against caps and once-only rules, JSON-able.

    Parameters
    ----------
    outcome
        Of the order, or of what is kept of it.
    """
    uses = [[*key, used] for key, used in sorted(outcome.uses.items()) if used]
    done = [list(key) for key in outcome.done]
    return {name: found for name, found in (("uses", uses), ("done", done)) if found}
