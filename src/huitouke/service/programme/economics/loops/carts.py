"""Carts, moments and members that make rules give as much as they can."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from huitouke.service.programme.economics.loops.case import BASE, CHEAPEST_MINOR, Case
from huitouke.service.programme.rules.calendar import is_open, period_key
from huitouke.service.programme.rules.cart import (
    Cart,
    CartLine,
    FactView,
    MemberView,
    Outcome,
    PeriodKey,
)
from huitouke.service.programme.rules.definition import EarnRule, PerSpend
from huitouke.service.programme.rules.earning import evaluate
from huitouke.service.programme.rules.shapes import Condition, Window

__all__ = ["Scenario", "amounts", "first_open", "scenarios"]

_DAYS_LOOKED = 800
_ORDERS_BEFORE = 10
_AMOUNTS_MOST = 40
_RULES_MOST = 60


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Who buys what kind of goods, when and where; only the amount is open.

    Parameters
    ----------
    case
        Whose rules.
    at
        Moment of the order.
    line
        The goods.
    member
        Who has had all that is given once only, and has bought before.
    extra
        Store, channel and coupons of the cart.
    attributes
        What the fact says beside the cart.
    least_minor
        The least amount that the rule in focus asks for.
    """

    case: Case
    at: datetime
    line: CartLine
    member: MemberView
    extra: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    least_minor: int = 0

    def cart(self, amount_minor: int, **changes: Any) -> Cart:
        """Return a cart of one line.

        Parameters
        ----------
        amount_minor
            What it costs.
        **changes
            Other fields of the cart.
        """
        line = replace(self.line, amount_minor=amount_minor)
        currency = self.case.definition.currency
        return Cart(lines=(line,), currency=currency, **{**self.extra, **changes})

    def earn(self, cart: Cart, *, uses: Mapping[PeriodKey, int] | None = None) -> Outcome:
        """Return what a cart earns, once-only presents left out.

        Parameters
        ----------
        cart
            Bought.
        uses
            What caps have counted before.
        """
        view = self.member if uses is None else replace(self.member, uses=uses)
        fact = FactView(type="order.paid", at=self.at, cart=cart, attributes=self.attributes)
        return evaluate(fact, definition=self.case.definition, member=view)

    def points(self, cart: Cart) -> int:
        """Return the points of the unit that pays.

        Parameters
        ----------
        cart
            Bought.
        """
        return self.earn(cart).points(self.case.unit)

    def rules(self, cart: Cart) -> tuple[str, ...]:
        """Return which rules give something for a cart.

        Parameters
        ----------
        cart
            Bought.
        """
        return tuple(e.rule_id for e in self.earn(cart).effects if e.value)

    @cached_property
    def once(self) -> MemberView:
        """The same member before anything was given: a new account."""
        return replace(self.member, done=frozenset(), order_count=0)


def first_open(window: Window, *, case: Case) -> datetime | None:
    """Return a moment at which a window is open; none if it never is.

    Parameters
    ----------
    window
        Of a rule.
    case
        Whose zone.
    """
    zone = case.definition.zone_info
    start = BASE.astimezone(zone).date()
    if window.from_on and window.from_on > start:
        start = window.from_on
    if window.to_on and window.to_on < start:
        start = window.from_on or window.to_on
    hour = window.from_time or (time(0, 0, 1) if window.to_time else time(10))
    for shift in range(_DAYS_LOOKED):
        local = datetime.combine(start + timedelta(days=shift), hour, tzinfo=zone)
        if is_open(window, local=local):
            return local
    return None


def scenarios(case: Case) -> Iterator[Scenario]:
    """Give situations in which rules of orders give: each rule in focus, and all together.

    Parameters
    ----------
    case
        Whose rules.
    """
    rules = [r for r in case.definition.rules if r.enabled and r.on == "order.paid"]
    moments = _busy_moments(rules, case=case)
    yield _scenario((), case=case, at=BASE)
    for rule in rules:
        own = BASE if rule.window is None else first_open(rule.window, case=case)
        # The rule in focus first; others as far as they do not contradict it.
        together = [rule, *(other for other in rules[:_RULES_MOST] if other is not rule)]
        for at in dict.fromkeys([own, *moments]):
            if at is not None and (rule.window is None or _open(rule, at, case=case)):
                yield _scenario(together, case=case, at=at)


def _open(rule: EarnRule, at: datetime, *, case: Case) -> bool:
    return rule.window is None or is_open(
        rule.window, local=at.astimezone(case.definition.zone_info)
    )


def _busy_moments(rules: Iterable[EarnRule], *, case: Case) -> list[datetime]:
    """Return the moment at which most windows are open together."""
    timed = [rule for rule in rules if rule.window is not None][:_RULES_MOST]
    if len(timed) < 2:
        return []
    zone = case.definition.zone_info
    start = BASE.astimezone(zone).date()
    hours = {(rule.window and rule.window.from_time) or time(10) for rule in timed}
    tried = (
        datetime.combine(start + timedelta(days=shift), hour, tzinfo=zone)
        for shift in range(400)
        for hour in sorted(hours)
    )
    return [max(tried, key=lambda at: sum(_open(rule, at, case=case) for rule in timed))]


@dataclass
class _Draft:
    """A situation in the making; what a rule asked for first stays."""

    line: dict[str, Any] = field(default_factory=dict)
    member: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    least_minor: int = 0


def _scenario(rules: Iterable[EarnRule], *, case: Case, at: datetime) -> Scenario:
    draft = _Draft()
    for rule in rules:
        _go_for(rule, draft)
    local = at.astimezone(case.definition.zone_info).date()
    born = draft.member.pop("birthday", None)
    member = MemberView(
        joined_at=at - timedelta(days=max(400, draft.member.pop("days", 0))),
        birthday_on=date(1990, local.month, min(local.day, 28)) if born else None,
        done=_all_done(case, day=local),
        **{"order_count": _ORDERS_BEFORE, **draft.member},
    )
    return Scenario(
        case=case,
        at=at,
        line=CartLine(position=1, amount_minor=0, **draft.line),
        member=member,
        extra=draft.extra,
        attributes=draft.attributes,
        least_minor=draft.least_minor,
    )


def _all_done(case: Case, *, day: date) -> frozenset[PeriodKey]:
    return frozenset(
        (rule.id, period_key(rule.once, day=day))
        for rule in case.definition.rules
        if rule.once is not None
    )


def _go_for(rule: EarnRule, draft: _Draft) -> None:
    """Choose goods, place and member as a rule likes them."""
    if rule.scope is not None:
        include = rule.scope.include
        for name, values in (
            ("sku", include.skus),
            ("category", include.categories),
            ("brand", include.brands),
        ):
            if values:
                draft.line.setdefault(name, values[0])
                break
    for condition in rule.when:
        _meet(condition, draft)


_LINE = {"skus": "sku", "categories": "category", "brands": "brand"}


def _meet(condition: Condition, draft: _Draft) -> None:
    """Make a condition true, if nothing stands against it."""
    if condition.op in {"ne", "not_in", "has_none"}:
        return
    value: Any = condition.value
    first = value[0] if isinstance(value, tuple) and value else value
    if isinstance(first, int) and condition.op == "gt":
        first += 1
    kind, _, name = condition.fact.partition(".")
    if kind == "order":
        _meet_order(name, first, draft)
    elif kind == "member":
        _meet_member(name, first, draft)
    else:
        draft.attributes.setdefault(name, first)


def _meet_order(name: str, value: Any, draft: _Draft) -> None:
    if name in _LINE:
        draft.line.setdefault(_LINE[name], value)
    elif name in {"store", "channel"}:
        draft.extra.setdefault(name, value)
    elif name == "coupons":
        draft.extra.setdefault(name, (value,))
    elif name == "items" and isinstance(value, int):
        pieces = max(value, 1) * 1000
        draft.line["quantity_e3"] = max(pieces, draft.line.get("quantity_e3", 0))
    elif isinstance(value, int):
        draft.least_minor = max(draft.least_minor, value)


def _meet_member(name: str, value: Any, draft: _Draft) -> None:
    if name == "tags":
        draft.member["tags"] = draft.member.get("tags", frozenset()) | {value}
    elif name == "order_count" and isinstance(value, int):
        draft.member["order_count"] = max(_ORDERS_BEFORE, value + 1)
    elif name in {"tier", "birthday", "days"}:
        draft.member.setdefault(name, value)


def amounts(scenario: Scenario) -> list[int]:
    """Return amounts at which something changes: thresholds, a first point, a full cap.

    Parameters
    ----------
    scenario
        Its least amount comes first.
    """
    case = scenario.case
    found = {scenario.least_minor, CHEAPEST_MINOR, 1_000, 10_000, 100_000}
    if case.definition.burn is not None:
        found.add(case.definition.burn.least_order_minor)
    for rule in case.definition.rules[:_RULES_MOST]:
        found.update(
            condition.value
            for condition in rule.when
            if condition.fact.endswith("_minor") and isinstance(condition.value, int)
        )
        if isinstance(rule.gives, PerSpend):
            one = -(-rule.gives.per_minor // rule.gives.points)
            found.add(one)
            found.update(
                cap.points * rule.gives.per_minor // rule.gives.points for cap in rule.caps
            )
    usable = sorted(amount for amount in found if CHEAPEST_MINOR <= amount <= 10**9)
    return usable[:_AMOUNTS_MOST]
