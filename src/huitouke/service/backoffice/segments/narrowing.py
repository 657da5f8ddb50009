"""The list of customers narrowed to a segment, and its filters as conditions of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from huitouke.language import N_
from huitouke.service.backoffice.segments.grounding import ground_at
from huitouke.service.programme.people import conditions as listing
from huitouke.service.segments import queries
from huitouke.service.segments.fields import Condition, Option

__all__ = ["SEGMENT", "as_conditions", "asked"]


def _where(value: str, ground: listing.Ground) -> listing.Where:
    """Return the condition; a segment that is not there is refused, lest everybody is shown."""
    return _members(queries.conditions_of(queries.get(value)), ground)


def _members(conditions: Sequence[Condition], ground: listing.Ground) -> listing.Where:
    sql, params = queries.members(conditions, ground=ground_at(ground.now))
    return f"(customers_customer.id IN ({sql}))", params


def _options(_: listing.Ground) -> tuple[Option, ...]:
    return tuple(Option(str(each), each.name, {"zh": each.name}) for each in queries.listed())


#: The filter of the list of customers.
SEGMENT = listing.Condition("segment", N_("Segment"), "choice", _where, _options)


def asked(conditions: Sequence[Condition]) -> tuple[listing.Condition, str]:
    """Return conditions, kept or not, as a filter of the list.

    Parameters
    ----------
    conditions
        All of them must hold.
    """
    condition = listing.Condition(
        "segment", N_("Segment"), "choice", lambda _, ground: _members(conditions, ground)
    )
    return condition, "-"


def as_conditions(chosen: Mapping[str, str]) -> tuple[Condition, ...] | None:
    """Return the filters of the list as conditions; none where one cannot be said so.

    Parameters
    ----------
    chosen
        Values by the filter's key.

    Raises
    ------
    IdUnknown, SegmentUnknown
        If one of them is a segment that is not there.
    """
    made: list[Condition] = []
    for key, value in chosen.items():
        found = _SAID[key](value) if key in _SAID else None
        if found is None:
            return None
        made += found
    return tuple(made)


def _kept(value: str) -> list[Condition]:
    """Return the conditions of a segment that the list is narrowed to."""
    return list(queries.conditions_of(queries.get(value)))


def _last(value: str) -> list[Condition] | None:
    if value == "never":
        return [Condition("orders", "at_most", (0,))]
    return _period("last_order", value)


def _period(field: str, value: str) -> list[Condition] | None:
    days = value.removeprefix("older").removesuffix("d")
    if not days.isascii() or not days.isdigit():
        return None
    op = "ago" if value.startswith("older") else "within"
    return [Condition(field, op, (int(days),))]


_SAID: dict[str, Callable[[str], list[Condition] | None]] = {
    "state": lambda value: [Condition("standing", "any_of", (value,))],
    "tier": lambda value: [Condition("tier", "any_of", (value,))],
    "brand": lambda value: [Condition("brand", "any_of", (value,))],
    "points": lambda value: [Condition("points", "at_least", (int(value),))],
    "consent": lambda value: [Condition("consent_marketing", "any_of", (value,))],
    "joined": lambda value: _period("joined", value),
    "last": _last,
    "segment": _kept,
}
