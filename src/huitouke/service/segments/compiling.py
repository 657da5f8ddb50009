"""Conditions become one statement: its words are ours, all values are parameters.

What is always known narrows first, where the database can use its indexes. What may be
unknown is judged after that, by SQL's own logic of three values: all of it true is a member,
any of it false is none, the rest is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from huitouke.service.segments.fields import Condition, Ground, Source, Sql
from huitouke.service.segments.register import field

__all__ = ["Compiled", "compiled"]

_PEOPLE = "c.merged_into_id IS NULL AND c.erased_at IS NULL"


@dataclass(frozen=True)
class Compiled:
    """A segment as SQL.

    Parameters
    ----------
    tables
        What stands after ``FROM``, with its parameters.
    certain
        Conditions that are true or false.
    partial
        Conditions that may be null.
    """

    tables: Sql
    certain: Sql
    partial: Sql

    @property
    def members(self) -> tuple[str, list[Any]]:
        """The ids of those of whom all is known to be so, and the parameters."""
        text = (
            f"SELECT c.id FROM {self.tables.text}"  # noqa: S608 - the words are ours
            f" WHERE {self.certain.text} AND {self.partial.text}"
        )
        return text, [*self.tables.params, *self.certain.params, *self.partial.params]

    @property
    def count(self) -> tuple[str, list[Any]]:
        """How many are members, of how many it is not known, and how many were judged."""
        text = (
            "SELECT count(*) FILTER (WHERE ok), count(*) FILTER (WHERE ok IS NULL),"  # noqa: S608 - ours
            f" count(*) FROM (SELECT ({self.partial.text}) AS ok"
            f" FROM {self.tables.text} WHERE {self.certain.text}) AS judged"
        )
        return text, [*self.partial.params, *self.tables.params, *self.certain.params]


def compiled(conditions: Sequence[Condition], *, ground: Ground) -> Compiled:
    """Return conditions as SQL; all of them must hold.

    Parameters
    ----------
    conditions
        Which; they were checked.
    ground
        What fields need to know.

    Raises
    ------
    FieldUnknown
        If a field is not there any more.
    """
    certain, partial = [Sql(_PEOPLE)], list[Sql]()
    sources: dict[str, Source] = {}
    for each in conditions:
        asked = field(each.field)
        made = asked.sql(each, ground)
        sources.update({source.name: source for source in made.sources})
        text = f"NOT ({made.text})" if each.negated else f"({made.text})"
        (partial if asked.partial else certain).append(Sql(text, made.params))
    return Compiled(
        tables=_joined(
            [Sql("customers_customer c"), *(Sql(s.join, s.params) for s in sources.values())],
            by=" ",
        ),
        certain=_joined(certain, by=" AND "),
        partial=_joined(partial or [Sql("true")], by=" AND "),
    )


def _joined(parts: Sequence[Sql], *, by: str) -> Sql:
    return Sql(
        by.join(each.text for each in parts),
        tuple(param for each in parts for param in each.params),
    )
