"""Whether a definition holds together: what a draft may leave open, publishing refuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import ValidationError

from huitouke.language import N_, Language, words
from huitouke.service.core.errors import ServiceError
from huitouke.service.programme.rules.conditions import KNOWN_FACTS
from huitouke.service.programme.rules.definition import (
    ORDER_FACTS,
    Definition,
    Delivered,
    EarnRule,
    Fixed,
    Multiplier,
    PerSpend,
)
from huitouke.service.programme.rules.shapes import Condition, Inactivity, Never, Shape
from huitouke.service.programme.rules.tier_shapes import Tiers

__all__ = ["KNOWN_TYPES", "DefinitionInvalid", "Problem", "parse", "problems"]

#: Facts a rule may listen to, besides the merchant's own that start with ``x.``.
KNOWN_TYPES = ORDER_FACTS | {
    "birthday",
    "checkin",
    "customer.signed_up",
    "review.approved",
    "survey.answered",
}
_WHOLE_UNIT = N_("Expiry by inactivity is for a whole unit; set it there.")
_ORDERED = {"gte", "gt", "lte", "lt"}
_LISTS = {"in", "not_in"}


Described = TypeVar("Described", bound=Shape)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a definition.

    Parameters
    ----------
    pointer
        JSON pointer (RFC 6901) into the definition, e.g. ``"/rules/0/unit"``.
    says
        The English message.
    values
        What goes into its places.
    """

    pointer: str
    says: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: Language) -> str:
        """Return what is wrong, in a reader's language.

        Parameters
        ----------
        language
            ``"en"``, ``"zh"`` or ``"zh-Hant"``.
        """
        return words(language).say(self.says, **self.values)


class DefinitionInvalid(ServiceError):
    """A definition cannot be used; ``problems`` says where and why."""

    code = "programme.definition_invalid"
    says = N_("The programme's definition has {count} problems, the first at {pointer}.")
    remedy = N_("Correct every place named under errors, and send it again.")

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(count=len(self.problems), pointer=self.problems[0].pointer or "/")


def parse(given: Mapping[str, Any], *, shape: type[Described]) -> Described:
    """Return what JSON describes; references are not looked into yet.

    Parameters
    ----------
    given
        JSON, as a merchant sent it.
    shape
        What it should describe: ``Definition``, or a part of one.

    Raises
    ------
    DefinitionInvalid
        If a field is missing, strange, or of the wrong kind.
    """
    try:
        return shape.model_validate(dict(given))
    except ValidationError as error:
        raise DefinitionInvalid(
            [
                Problem(_pointer(one, given=given), *_shape_says(one))
                for one in error.errors(include_url=False, include_context=True)
            ]
        ) from None


_SHAPES: dict[str, str] = {
    "missing": N_("This field is required."),
    "extra_forbidden": N_("There is no such field."),
    "int_type": N_("This must be a whole number."),
    "bool_type": N_("This must be true or false."),
    "string_type": N_("This must be text."),
    "greater_than_equal": N_("This must be at least {ge}."),
    "less_than_equal": N_("This must be at most {le}."),
    "string_pattern_mismatch": N_("This does not have the right form: {pattern}."),
    "string_too_long": N_("This must have at most {max_length} letters."),
    "too_long": N_("This must have at most {max_length} parts."),
    "too_short": N_("This must have at least {min_length} parts."),
    "literal_error": N_("This must be one of {expected}."),
    "union_tag_invalid": N_("The kind must be one of {expected_tags}."),
    "union_tag_not_found": N_("A kind is required here."),
}


def _shape_says(error: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    values = {name: str(value) for name, value in error.get("ctx", {}).items()}
    if error["type"] == "value_error":
        return values["error"], {}
    says = _SHAPES.get(error["type"])
    if says is not None:
        return says, values
    return N_("This cannot be used ({why})."), {"why": error["type"]}


def _pointer(error: Mapping[str, Any], *, given: Any) -> str:
    """Return where an error is; what names a union's branch is no place in the JSON."""
    steps, here, path = [], given, error["loc"]
    for place, step in enumerate(path):
        found, inner = _inside(here, step=step)
        if found:
            here = inner
        elif error["type"] != "missing" or place < len(path) - 1:
            continue
        steps.append(str(step).replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{step}" for step in steps)


def _inside(here: Any, *, step: int | str) -> tuple[bool, Any]:
    if isinstance(here, Mapping):
        return step in here, here.get(step)
    if isinstance(here, list | tuple) and isinstance(step, int) and step < len(here):
        return True, here[step]
    return False, None


def problems(definition: Definition) -> list[Problem]:
    """Return what does not hold together; nothing means it may be published.

    Parameters
    ----------
    definition
        A draft's.
    """
    found = [*_twice(definition), *_units(definition)]
    for place, rule in enumerate(definition.rules):
        found += _rule(rule, pointer=f"/rules/{place}", definition=definition)
    found += _pools(definition)
    if definition.tiers is not None:
        found += _tiers(definition.tiers, definition=definition)
    found += _beside(definition)
    return found


def _twice(definition: Definition) -> Iterator[Problem]:
    tiers = definition.tiers.tiers if definition.tiers else ()
    named: tuple[tuple[str, list[str]], ...] = (
        ("/units/{place}/code", [unit.code for unit in definition.units]),
        ("/rules/{place}/id", [rule.id for rule in definition.rules]),
        ("/tiers/tiers/{place}/code", [tier.code for tier in tiers]),
        ("/stamps/{place}/id", [card.id for card in definition.stamps]),
    )
    for pointer, names in named:
        counted = Counter(names)
        for place, name in enumerate(names):
            if counted[name] > 1 and names.index(name) < place:
                says = N_("{name} is used twice.")
                yield Problem(pointer.format(place=place), says, {"name": name})


def _units(definition: Definition) -> Iterator[Problem]:
    for place, unit in enumerate(definition.units):
        if unit.kind == "growth" and unit.transfers:
            # Tiers would be for sale.
            says = N_("Growth value cannot be given to another member.")
            yield Problem(f"/units/{place}/transfers", says)
        if unit.kind == "stored_value" and not isinstance(unit.expiry, Never | None):
            says = N_("Stored value is the member's money: it never expires.")
            yield Problem(f"/units/{place}/expiry", says)


def _unit_problem(code: str, *, pointer: str, definition: Definition) -> Iterator[Problem]:
    if definition.unit(code) is None:
        yield Problem(pointer, N_("There is no unit {name}."), {"name": code})


def _given_problem(code: str, *, pointer: str, definition: Definition) -> Iterator[Problem]:
    """Find what cannot be given for something, or be a measure of loyalty: money."""
    yield from _unit_problem(code, pointer=pointer, definition=definition)
    unit = definition.unit(code)
    if unit is not None and unit.kind == "stored_value":
        says = N_("Stored value is paid in by members and not earned; use a unit of points.")
        yield Problem(pointer, says)


def _fact_problem(name: str, *, pointer: str) -> Iterator[Problem]:
    if name.startswith("referral."):
        # Webhooks tell it under such a name; a rule on it would wait for ever.
        says = N_("No fact tells of a referral; referral says what both sides get.")
        yield Problem(pointer, says)
    elif name not in KNOWN_TYPES and not name.startswith("x."):
        says = N_("{name} is no known fact; one of your own starts with x.")
        yield Problem(pointer, says, {"name": name})


def _rule(rule: EarnRule, *, pointer: str, definition: Definition) -> Iterator[Problem]:
    yield from _given_problem(rule.unit, pointer=f"{pointer}/unit", definition=definition)
    yield from _fact_problem(rule.on, pointer=f"{pointer}/on")
    if rule.on not in ORDER_FACTS:
        yield from _without_order(rule, pointer=pointer)
    if isinstance(rule.gives, Multiplier):
        yield from _multiplier(rule, pointer=pointer, definition=definition)
    if isinstance(rule.expiry, Inactivity):
        yield Problem(f"{pointer}/expiry", _WHOLE_UNIT)
    for place, condition in enumerate(rule.when):
        where = f"{pointer}/when/{place}"
        yield from _condition(condition, rule=rule, pointer=where, definition=definition)


def _without_order(rule: EarnRule, *, pointer: str) -> Iterator[Problem]:
    if not isinstance(rule.gives, Fixed):
        says = N_("A fact without an order can only give fixed points.")
        yield Problem(f"{pointer}/gives/kind", says)
    if rule.scope is not None:
        yield Problem(f"{pointer}/scope", N_("A fact without an order has no goods."))
    if isinstance(rule.pending, Delivered):
        yield Problem(f"{pointer}/pending", N_("A fact without an order is not delivered."))


def _multiplier(rule: EarnRule, *, pointer: str, definition: Definition) -> Iterator[Problem]:
    bases = {
        one.id
        for one in definition.rules
        if isinstance(one.gives, PerSpend) and one.unit == rule.unit and one.on == rule.on
    }
    named = rule.gives.of if isinstance(rule.gives, Multiplier) else ()
    for place, name in enumerate(named):
        if name not in bases:
            says = N_("{name} is no rule per spend of the same unit.")
            yield Problem(f"{pointer}/gives/of/{place}", says, {"name": name})
    if not bases:
        yield Problem(f"{pointer}/gives", N_("There is no rule per spend to multiply."))


def _condition(
    condition: Condition, *, rule: EarnRule, pointer: str, definition: Definition
) -> Iterator[Problem]:
    kind = condition.fact.partition(".")[0]
    if kind != "fact" and condition.fact not in KNOWN_FACTS:
        yield Problem(f"{pointer}/fact", N_("There is no {name}."), {"name": condition.fact})
    if kind == "order" and rule.on not in ORDER_FACTS:
        yield Problem(f"{pointer}/fact", N_("A fact without an order has no goods."))
    listed = isinstance(condition.value, tuple)
    if condition.op in _LISTS and not listed:
        yield Problem(f"{pointer}/value", N_("A list is needed here."))
    if listed and condition.op in _ORDERED | {"eq", "ne"}:
        yield Problem(f"{pointer}/value", N_("A single value is needed here."))
    if condition.fact == "member.tier" and definition.tiers is not None:
        wanted = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        for code in wanted:
            if not isinstance(code, str) or definition.tiers.tier(code) is None:
                yield Problem(
                    f"{pointer}/value", N_("There is no tier {name}."), {"name": code}
                )


def _pools(definition: Definition) -> Iterator[Problem]:
    most: dict[tuple[str, str], int] = {}
    for place, rule in enumerate(definition.rules):
        for number, cap in enumerate(rule.caps):
            if cap.pool and most.setdefault((cap.pool, cap.per), cap.points) != cap.points:
                says = N_("Caps of the pool {name} must allow the same number of points.")
                pointer = f"/rules/{place}/caps/{number}/points"
                yield Problem(pointer, says, {"name": cap.pool})


def _tiers(tiers: Tiers, *, definition: Definition) -> Iterator[Problem]:
    if tiers.metric == "qualifying":
        code = tiers.unit or ""
        yield from _given_problem(code, pointer="/tiers/unit", definition=definition)
    last = -1
    for place, tier in enumerate(tiers.tiers):
        pointer = f"/tiers/tiers/{place}"
        if tier.reach is not None:
            if tier.reach <= last:
                says = N_("Each tier must ask for more than the one below it.")
                yield Problem(f"{pointer}/reach", says)
            last = tier.reach
        if tier.keep is not None and tier.keep > (-1 if tier.reach is None else tier.reach):
            says = N_("Keeping a tier cannot ask for more than reaching it.")
            yield Problem(f"{pointer}/keep", says)


def _beside(definition: Definition) -> Iterator[Problem]:
    if definition.burn is not None:
        code = definition.burn.unit
        yield from _unit_problem(code, pointer="/burn/unit", definition=definition)
        unit = definition.unit(code)
        if unit is not None and unit.kind == "growth":
            yield Problem("/burn/unit", N_("Growth value is never spent."))
        at_face = definition.burn.per_points == definition.burn.minor
        if unit is not None and unit.kind == "stored_value" and not at_face:
            yield Problem("/burn/minor", N_("Stored value pays what it says: one for one."))
    if definition.referral is not None:
        code = definition.referral.unit
        yield from _given_problem(code, pointer="/referral/unit", definition=definition)
        if isinstance(definition.referral.expiry, Inactivity):
            yield Problem("/referral/expiry", _WHOLE_UNIT)
    for place, card in enumerate(definition.stamps):
        pointer = f"/stamps/{place}"
        yield from _fact_problem(card.on, pointer=f"{pointer}/on")
        yield from _given_problem(card.unit, pointer=f"{pointer}/unit", definition=definition)
