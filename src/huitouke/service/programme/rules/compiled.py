"""A definition made ready: what does not depend on the fact is worked out once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from math import lcm
from typing import Any
from zoneinfo import ZoneInfo

from huitouke.service.programme.rules.cart import CartLine, PeriodKey
from huitouke.service.programme.rules.conditions import Test, compile_condition
from huitouke.service.programme.rules.definition import (
    Definition,
    EarnRule,
    Eligible,
    Multiplier,
    PerSpend,
)
from huitouke.service.programme.rules.expiry import Timing, timing_of
from huitouke.service.programme.rules.shapes import Scope, Selection

__all__ = ["Compiled", "Keys", "Reach", "Ready", "compile_definition"]

#: Keys of ``MemberView.uses``, and keys of ``MemberView.done``.
Keys = tuple[frozenset[PeriodKey], frozenset[PeriodKey]]

_COMPOUND = 2
_KEPT_MOST = 64
_kept: dict[int, tuple[Definition, Compiled]] = {}


@dataclass(frozen=True, slots=True)
class Reach:
    """A scope as sets.

    Parameters
    ----------
    include, exclude
        (skus, categories, brands); ``include`` is none where all goods are in.
    """

    include: tuple[frozenset[str], frozenset[str], frozenset[str]] | None
    exclude: tuple[frozenset[str], frozenset[str], frozenset[str]]

    def takes(self, line: CartLine) -> bool:
        """Return whether a line is in scope.

        Parameters
        ----------
        line
            Of a cart.
        """
        skus, categories, brands = self.exclude
        if line.sku in skus or line.category in categories or line.brand in brands:
            return False
        if self.include is None:
            return True
        skus, categories, brands = self.include
        return line.sku in skus or line.category in categories or line.brand in brands


@dataclass(frozen=True, slots=True)
class Ready:
    """A rule made ready.

    Parameters
    ----------
    rule
        As written.
    tests
        Its conditions.
    reach
        Its scope; none is everything, delivery included.
    timing
        Pending period and expiry, defaults filled in.
    caps
        (counted under, per, points) of each cap.
    bases
        Of a multiplier: id of each per-spend rule to the whole number that its eligible
        amount is multiplied with; over ``den`` that is what the rule gives.
    den
        Denominator of ``bases``.
    name
        The rule's name as reasons carry it.
    unit
        What reasons say of the unit: its name, and its scale unless 0.
    grows
        Of a multiplier: whether a compound one may come after it.
    """

    rule: EarnRule
    tests: tuple[Test, ...]
    reach: Reach | None
    timing: Timing
    caps: tuple[tuple[str, str, int], ...]
    bases: dict[str, int]
    den: int
    name: dict[str, str]
    unit: dict[str, Any]
    grows: bool


@dataclass(frozen=True, slots=True)
class Compiled:
    """A definition made ready.

    Parameters
    ----------
    zone
        The time zone.
    currency
        Of the money that earns.
    eligible
        What counts.
    tiers
        Name of each tier as reasons carry it.
    on
        Enabled rules by type of fact; multipliers last, compound ones after all others.
    keys
        Answers of ``earning.keys_needed`` so far.
    """

    zone: ZoneInfo
    currency: str
    eligible: Eligible
    tiers: dict[str, dict[str, str]]
    on: dict[str, tuple[Ready, ...]]
    keys: dict[tuple[str, date], Keys] = field(default_factory=dict)


def compile_definition(definition: Definition) -> Compiled:
    """Return a definition made ready; the same object gives the same answer at once.

    Parameters
    ----------
    definition
        Of any version, draft or published.
    """
    kept = _kept.get(id(definition))
    if kept is not None and kept[0] is definition:
        return kept[1]
    made = _compile(definition)
    if len(_kept) >= _KEPT_MOST:
        _kept.clear()
    _kept[id(definition)] = (definition, made)
    return made


def _compile(definition: Definition) -> Compiled:
    on: dict[str, list[Ready]] = {}
    timings: dict[Timing, Timing] = {}
    reaches: dict[Reach | None, Reach | None] = {}
    grows = any(_turn(rule) == _COMPOUND for rule in definition.rules)
    for rule in definition.rules:
        if rule.enabled:
            bases, den = _bases(rule, definition=definition)
            timing = timing_of(rule, definition=definition)
            reach = _reach(rule.scope)
            ready = Ready(
                rule=rule,
                tests=tuple(compile_condition(condition) for condition in rule.when),
                reach=reaches.setdefault(reach, reach),
                timing=timings.setdefault(timing, timing),
                caps=tuple((cap.pool or rule.id, cap.per, cap.points) for cap in rule.caps),
                bases=bases,
                den=den,
                name=rule.name.model_dump(exclude_defaults=True),
                unit=_unit(rule, definition=definition),
                grows=grows,
            )
            on.setdefault(rule.on, []).append(ready)
    return Compiled(
        definition.zone_info,
        definition.currency,
        definition.eligible,
        {
            tier.code: tier.name.model_dump(exclude_defaults=True)
            for tier in (definition.tiers.tiers if definition.tiers else ())
        },
        {
            fact: tuple(sorted(rules, key=lambda ready: _turn(ready.rule)))
            for fact, rules in on.items()
        },
    )


def _unit(rule: EarnRule, *, definition: Definition) -> dict[str, Any]:
    unit = definition.unit(rule.unit)
    if unit is None:
        return {}
    said: dict[str, Any] = {"unit": unit.name.model_dump(exclude_defaults=True)}
    return {**said, "scale": unit.scale} if unit.scale else said


def _turn(rule: EarnRule) -> int:
    gives = rule.gives
    return 1 + gives.compound if isinstance(gives, Multiplier) else 0


def _bases(rule: EarnRule, *, definition: Definition) -> tuple[dict[str, int], int]:
    if not isinstance(rule.gives, Multiplier):
        return {}, 1
    rates = {
        base.id: base.gives
        for base in definition.rules
        if isinstance(base.gives, PerSpend)
        and base.unit == rule.unit
        and (not rule.gives.of or base.id in rule.gives.of)
    }
    den = lcm(*(rate.per_minor for rate in rates.values()))
    return {name: rate.points * den // rate.per_minor for name, rate in rates.items()}, den


def _reach(scope: Scope | None) -> Reach | None:
    if scope is None or scope == Scope():
        return None
    include = scope.include
    return Reach(None if include == Selection() else _sets(include), _sets(scope.exclude))


def _sets(selection: Selection) -> tuple[Any, Any, Any]:
    return (
        frozenset(selection.skus),
        frozenset(selection.categories),
        frozenset(selection.brands),
    )
