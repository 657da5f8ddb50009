"""Loops of earning: points worth the price, points on points, split orders, facts at will."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cache

from huitouke.language import N_
from huitouke.service.programme.economics.loops.carts import Scenario, amounts, scenarios
from huitouke.service.programme.economics.loops.case import CHEAPEST_MINOR, Case
from huitouke.service.programme.economics.loops.finding import Finding, Step
from huitouke.service.programme.rewards.part_payment import part_payment
from huitouke.service.programme.rules.cart import Cart, FactView, PeriodKey
from huitouke.service.programme.rules.definition import ORDER_FACTS
from huitouke.service.programme.rules.earning import evaluate

__all__ = ["at_will", "earn_over_price", "new_account", "points_on_points", "split_orders"]

#: Facts that come about once, or by somebody else's doing.
_RARE = frozenset({"birthday", "customer.signed_up"})
_SPLITS = (10, 5, 2)
_TIMES = 100

BUY = N_("Buy for {paid_minor}: {points} points.")
SPEND = N_("Use {points} points, worth {worth_minor}.")


def _tried(case: Case) -> Iterator[tuple[Scenario, int]]:
    for scenario in scenarios(case):
        for amount in amounts(scenario):
            yield scenario, amount


def _buy(scenario: Scenario, cart: Cart, *, points: int, paid_minor: int) -> Step:
    return Step(
        says=BUY,
        values={"paid_minor": paid_minor, "points": points},
        at=scenario.at,
        cart=cart,
        points=points,
        cash_minor=-paid_minor,
    )


def _spend(case: Case, points: int) -> Step:
    worth = case.minor(points)
    return Step(
        says=SPEND,
        values={"points": points, "worth_minor": worth},
        points=-points,
        cash_minor=worth,
    )


def earn_over_price(case: Case) -> Iterator[Finding]:
    """Find the cart whose points, which it earns every time, are worth what it costs.

    Parameters
    ----------
    case
        What is looked at.
    """
    best: tuple[Fraction, Scenario, int, int] | None = None
    for scenario, amount in _tried(case):
        points = scenario.points(scenario.cart(amount))
        share = Fraction(case.minor(points), amount)
        if share >= 1 and (best is None or share > best[0]):
            best = (share, scenario, amount, points)
    if best is None:
        return
    _, scenario, amount, points = best
    cart = scenario.cart(amount)
    yield Finding(
        kind="earn_over_price",
        severity="critical",
        gain_minor=case.minor(points) - amount,
        rules=(*scenario.rules(cart), *case.through),
        steps=(
            _buy(scenario, cart, points=points, paid_minor=amount),
            _spend(case, points),
        ),
        says=N_(
            "An order of {paid_minor} earns {points} points worth {worth_minor}: the goods are "
            "free, and {gain_minor} is left over, in every order."
        ),
        values={
            "paid_minor": amount,
            "points": points,
            "worth_minor": case.minor(points),
        },
        currency=case.definition.currency,
    )


def new_account(case: Case) -> Iterator[Finding]:
    """Find an order whose once-only presents are worth what it costs, for each new account.

    Parameters
    ----------
    case
        What is looked at.
    """
    for scenario, amount in _tried(case):
        cart = scenario.cart(amount)
        fact = FactView(type="order.paid", at=scenario.at, cart=cart)
        outcome = evaluate(fact, definition=case.definition, member=scenario.once)
        points = outcome.points(case.unit)
        often = scenario.points(cart)
        if case.minor(points) < amount or case.minor(often) >= amount:
            continue
        yield Finding(
            kind="new_account",
            severity="low",
            gain_minor=case.minor(points) - amount,
            rules=(*(e.rule_id for e in outcome.effects if e.value), *case.through),
            steps=(
                _buy(scenario, cart, points=points, paid_minor=amount),
                _spend(case, points),
            ),
            says=N_(
                "The first order of a new account for {paid_minor} earns {points} points worth "
                "{worth_minor}; every new account gains {gain_minor}."
            ),
            values={
                "paid_minor": amount,
                "points": points,
                "worth_minor": case.minor(points),
            },
            currency=case.definition.currency,
        )
        return


def points_on_points(case: Case) -> Iterator[Finding]:
    """Find an order that is paid with points and earns points on that part.

    Parameters
    ----------
    case
        What is looked at.
    """
    burn = case.definition.burn
    if burn is None:
        return
    worst: tuple[int, Scenario, int, int, int, int] | None = None
    for scenario, amount in _tried(case):
        offered = -(-amount * burn.per_points // burn.minor) + burn.step_points
        plain = scenario.cart(amount)
        eligible = scenario.earn(plain).eligible_minor
        paid = part_payment(offered, burn=burn, order_minor=eligible)
        if not paid.points:
            continue
        cart = scenario.cart(amount, paid_by_points_minor=paid.worth_minor)
        cash = amount - paid.worth_minor
        again = scenario.points(cart) - (scenario.points(scenario.cart(cash)) if cash else 0)
        gain = case.minor(again)
        if again > 0 and (worst is None or gain * worst[2] > worst[0] * amount):
            worst = (gain, scenario, amount, paid.points, paid.worth_minor, again)
    if worst is not None:
        yield _on_points(case, worst)


def _on_points(case: Case, worst: tuple[int, Scenario, int, int, int, int]) -> Finding:
    gain, scenario, amount, used, off, again = worst
    cart = scenario.cart(amount, paid_by_points_minor=off)
    return Finding(
        kind="points_on_points",
        severity="critical" if again >= used else "medium",
        gain_minor=gain,
        rules=(*scenario.rules(cart), "eligible.paid_by_points", "burn"),
        steps=(
            Step(
                says=N_("Pay {off_minor} of {paid_minor} with {used} points: {points} points."),
                values={
                    "off_minor": off,
                    "paid_minor": amount,
                    "used": used,
                    "points": scenario.points(cart),
                },
                at=scenario.at,
                cart=cart,
                points=scenario.points(cart) - used,
                cash_minor=off - amount,
            ),
        ),
        says=N_(
            "An order of {paid_minor} of which {used} points pay {off_minor} still earns "
            "{points} points on that part, worth {gain_minor}: points make points."
        ),
        values={"paid_minor": amount, "used": used, "off_minor": off, "points": again},
        currency=case.definition.currency,
    )


def split_orders(case: Case) -> Iterator[Finding]:
    """Find an amount that earns more in several orders than in one.

    Parameters
    ----------
    case
        What is looked at.
    """
    best: tuple[int, Scenario, int, int, int, int] | None = None
    for scenario in scenarios(case):
        in_parts = _in_parts(scenario)
        for amount in {n * parts for n in amounts(scenario) for parts in _SPLITS}:
            whole = scenario.points(scenario.cart(amount))
            for parts in _SPLITS:
                each = amount // parts
                if each < CHEAPEST_MINOR or amount % parts:
                    continue
                total = in_parts(each, parts)[0]
                gain = case.minor(total - whole)
                if total > whole and (best is None or gain > best[0]):
                    best = (gain, scenario, amount, parts, whole, total)
    if best is not None:
        yield _split(case, best)


def _in_parts(
    scenario: Scenario,
) -> Callable[[int, int], tuple[int, Mapping[PeriodKey, int]]]:
    """Return what says the points of so many orders on one day, and what caps counted.

    Many amounts are split into the same orders: each beginning of a day is reckoned once.
    """

    @cache
    def of(each: int, parts: int) -> tuple[int, Mapping[PeriodKey, int]]:
        if parts == 0:
            return 0, {}
        before, uses = of(each, parts - 1)
        outcome = scenario.earn(scenario.cart(each), uses=uses)
        counted = dict(uses)
        for key, used in outcome.uses.items():
            counted[key] = counted.get(key, 0) + used
        return before + outcome.points(scenario.case.unit), counted

    return of


def _split(case: Case, best: tuple[int, Scenario, int, int, int, int]) -> Finding:
    gain, scenario, amount, parts, whole, total = best
    each = amount // parts
    cart = scenario.cart(each)
    return Finding(
        kind="split_orders",
        severity="medium" if gain * 100 >= amount else "low",
        gain_minor=gain,
        rules=scenario.rules(cart),
        steps=(
            Step(
                says=N_("Buy {parts} times for {each_minor} on one day: {points} points."),
                values={"parts": parts, "each_minor": each, "points": total},
                at=scenario.at,
                cart=cart,
                points=total,
                cash_minor=-amount,
            ),
        ),
        says=N_(
            "{paid_minor} in one order earns {whole} points, in {parts} orders on one day "
            "{points}: {gain_minor} more for the same goods."
        ),
        values={"paid_minor": amount, "whole": whole, "parts": parts, "points": total},
        currency=case.definition.currency,
    )


def at_will(case: Case) -> Iterator[Finding]:
    """Find points for facts that a member brings about as often as they like.

    Parameters
    ----------
    case
        What is looked at.
    """
    for rule in case.definition.rules:
        if rule.on in ORDER_FACTS | _RARE or not rule.enabled or rule.unit != case.unit:
            continue
        if rule.once is not None or rule.caps or rule.gives.kind != "fixed":
            continue
        points = rule.gives.points * _TIMES
        yield Finding(
            kind="at_will",
            severity="high",
            gain_minor=case.minor(points),
            rules=(rule.id, *case.through),
            steps=(
                Step(
                    says=N_("Bring about {fact} {times} times on one day: {points} points."),
                    values={"fact": rule.on, "times": _TIMES, "points": points},
                    points=points,
                ),
                _spend(case, points),
            ),
            says=N_(
                "Nothing limits {fact}: {times} of them on one day earn {points} points worth "
                "{gain_minor}, without buying anything."
            ),
            values={"fact": rule.on, "times": _TIMES, "points": points},
            currency=case.definition.currency,
        )
