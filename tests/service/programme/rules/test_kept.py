"""What an order is still worth after refunds."""

from __future__ import annotations

from huitouke.service.programme.rules.cart import CartLine, MemberView
from huitouke.service.programme.rules.earning import kept

TIMES_TWO = {"kind": "multiplier", "num": 2}
FIFTY = {"kind": "fixed", "points": 50}


def given(outcome):
    return {effect.rule_id: effect.value for effect in outcome.effects}


def test_a_refund_never_earns(definition, rule, cart, noon, mei):
    small = rule(
        "small",
        when=[{"fact": "order.eligible_minor", "op": "lte", "value": 5_000}],
        gives=FIFTY,
    )
    rules = definition(rule(), small)

    left = kept(
        cart(8_000, 2_000),
        kept_cart=cart(0, 2_000),
        definition=rules,
        member_at_purchase=mei,
        at=noon,
    )

    assert given(left) == {"spend": 20}


def test_a_present_that_is_kept_keeps_no_points(definition, rule, cart, noon, mei):
    present = CartLine(position=2, amount_minor=0)
    rules = definition(rule(), rule("each", gives=FIFTY))

    left = kept(
        cart(8_000, present),
        kept_cart=cart(0, present),
        definition=rules,
        member_at_purchase=mei,
        at=noon,
    )

    assert left.points("points") == 0


def test_what_points_paid_does_not_earn_when_only_the_rest_came_back(
    definition, cart, noon, mei
):
    bought = cart(10_000, paid_by_points_minor=5_000)
    rest = cart(8_000, paid_by_points_minor=0)

    left = kept(
        bought, kept_cart=rest, definition=definition(), member_at_purchase=mei, at=noon
    )

    assert left.points("points") == 50
    assert sum(points for _, points in left.effects[0].lines) == 50


def test_tier_and_counters_are_those_of_the_purchase(definition, rule, cart, noon):
    rules = definition(
        rule(caps=[{"points": 100, "per": "day"}]),
        rule("gold", gives=TIMES_TWO, when=[{"fact": "member.tier", "op": "eq", "value": "g"}]),
    )
    then = MemberView(tier="g", uses={("spend", "2026-03-08"): 60})

    left = kept(
        cart(8_000, 2_000),
        kept_cart=cart(3_000, 2_000),
        definition=rules,
        member_at_purchase=then,
        at=noon,
    )

    assert given(left) == {"spend": 40, "gold": 50}
    assert left.uses == {("spend", "2026-03-08"): 40}
