"""Loops of gift cards: one sum of money that earns twice, points that become cash."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from huitouke.language import N_
from huitouke.service.programme.economics.loops.carts import Scenario, amounts, scenarios
from huitouke.service.programme.economics.loops.case import Case
from huitouke.service.programme.economics.loops.finding import Finding, Step
from huitouke.service.programme.rewards.part_payment import part_payment
from huitouke.service.programme.rules.cart import Cart

__all__ = ["card_for_points", "earn_twice", "points_by_card"]


def _card(scenario: Scenario, amount: int) -> Cart:
    cart = scenario.cart(amount)
    return replace(cart, lines=(replace(cart.lines[0], gift_card=True),))


def earn_twice(case: Case) -> Iterator[Finding]:
    """Find money that earns as a gift card is bought, and again as it pays.

    Parameters
    ----------
    case
        What is looked at.
    """
    best: tuple[int, Scenario, int, int, int] | None = None
    for scenario in scenarios(case):
        for amount in amounts(scenario):
            first = scenario.points(_card(scenario, amount))
            second = scenario.points(scenario.cart(amount, paid_by_gift_card_minor=amount))
            once = scenario.points(scenario.cart(amount))
            more = first + second - once
            if min(first, second) > 0 and more > 0 and (best is None or more > best[0]):
                best = (more, scenario, amount, first, second)
    if best is not None:
        yield _twice(case, best)


def _twice(case: Case, best: tuple[int, Scenario, int, int, int]) -> Finding:
    more, scenario, amount, first, second = best
    card = _card(scenario, amount)
    goods = scenario.cart(amount, paid_by_gift_card_minor=amount)
    return Finding(
        kind="gift_card_twice",
        severity="high",
        gain_minor=case.minor(more),
        rules=(*scenario.rules(goods), "eligible.gift_card", "eligible.paid_by_gift_card"),
        steps=(
            Step(
                says=N_("Buy a gift card of {paid_minor}: {points} points."),
                values={"paid_minor": amount, "points": first},
                at=scenario.at,
                cart=card,
                points=first,
                cash_minor=-amount,
            ),
            Step(
                says=N_("Pay an order of {paid_minor} with it: {points} points."),
                values={"paid_minor": amount, "points": second},
                at=scenario.at,
                cart=goods,
                points=second,
            ),
        ),
        says=N_(
            "{paid_minor} earns {first} points as a gift card is bought and {second} more as "
            "it pays: {gain_minor} too much, and again with every card."
        ),
        values={"paid_minor": amount, "first": first, "second": second},
        currency=case.definition.currency,
    )


def card_for_points(case: Case) -> Iterator[Finding]:
    """Find gift cards that points pay: limits and expiry of points end there.

    Parameters
    ----------
    case
        What is looked at.
    """
    burn = case.definition.burn
    if burn is None or not case.definition.eligible.gift_card:
        return
    for scenario in scenarios(case):
        for amount in amounts(scenario):
            card = _card(scenario, amount)
            eligible = scenario.earn(card).eligible_minor
            offered = -(-amount * burn.per_points // burn.minor)
            paid = part_payment(offered, burn=burn, order_minor=eligible)
            if not paid.points:
                continue
            values = {
                "points": paid.points,
                "off_minor": paid.worth_minor,
                "paid_minor": amount,
            }
            yield Finding(
                kind="card_for_points",
                severity="medium",
                gain_minor=paid.worth_minor,
                rules=("eligible.gift_card", "burn"),
                steps=(
                    Step(
                        says=N_(
                            "Pay {off_minor} of a gift card of {paid_minor} with {points} "
                            "points."
                        ),
                        values=values,
                        cart=card,
                        points=-paid.points,
                        cash_minor=paid.worth_minor - amount,
                    ),
                ),
                says=N_(
                    "{points} points pay {off_minor} of a gift card of {paid_minor}: points "
                    "become money that does not expire and buys anything."
                ),
                values=values,
                currency=case.definition.currency,
            )
            return


def points_by_card(case: Case) -> Iterator[Finding]:
    """Find gift cards had for points that earn points as they pay.

    Parameters
    ----------
    case
        What is looked at.
    """
    if not case.definition.eligible.paid_by_gift_card:
        return
    for prize in case.prizes:
        if prize.kind != "gift_card":
            continue
        for scenario in scenarios(case):
            amount = prize.worth_minor
            cart = scenario.cart(amount, paid_by_gift_card_minor=amount)
            points = scenario.points(cart)
            if not points:
                continue
            values = {"code": prize.code, "used": prize.cost_points, "worth_minor": amount}
            yield Finding(
                kind="points_by_card",
                severity="critical" if points >= prize.cost_points else "medium",
                gain_minor=case.minor(points),
                rules=(prize.code, "eligible.paid_by_gift_card"),
                steps=(
                    Step(
                        says=N_("Get {code}, a gift card of {worth_minor}, for {used} points."),
                        values=values,
                        points=-prize.cost_points,
                    ),
                    Step(
                        says=N_("Pay an order of {paid_minor} with it: {points} points."),
                        values={"paid_minor": amount, "points": points},
                        at=scenario.at,
                        cart=cart,
                        points=points,
                    ),
                ),
                says=N_(
                    "The gift card {code} for {used} points earns {points} points again as it "
                    "pays, worth {gain_minor}: points make points."
                ),
                values={**values, "points": points},
                currency=case.definition.currency,
            )
            return
