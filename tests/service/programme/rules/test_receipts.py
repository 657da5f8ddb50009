"""Many random receipts: points are floored once, lines sum to them, and nothing drifts."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime
from fractions import Fraction
from math import floor

from huitouke.service.programme.rules.cart import Cart, CartLine, FactView, MemberView
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.earning import evaluate

#: In a nightly run: HUITOUKE_RECEIPTS=1000000.
RECEIPTS = int(os.environ.get("HUITOUKE_RECEIPTS", "5000"))
SEED = int(os.environ.get("HUITOUKE_SEED", "1"))
AT = datetime(2026, 3, 1, 4, tzinfo=UTC)
#: Points for so many minor units; awkward ones among them.
RATES = ((1, 100), (3, 100), (7, 333), (1, 9_973), (20, 7), (113, 1_009))


def definition_of(points, per_minor):
    return Definition.model_validate(
        {
            "zone": "Asia/Shanghai",
            "currency": "CNY",
            "units": [{"code": "points", "name": {"en": "Points"}}],
            "rules": [
                {
                    "id": "spend",
                    "name": {"en": "Spend"},
                    "on": "order.paid",
                    "unit": "points",
                    "gives": {"kind": "per_spend", "points": points, "per_minor": per_minor},
                }
            ],
        }
    )


def test_no_receipt_gains_or_loses_a_point():
    chance = random.Random(SEED)  # noqa: S311 - a seed, not a secret
    programmes = [(Fraction(*rate), definition_of(*rate)) for rate in RATES]
    given, exact = 0, Fraction(0)
    for _ in range(RECEIPTS):
        rate, definition = chance.choice(programmes)
        amounts = [chance.randint(0, 99_999) for _ in range(chance.randint(1, 6))]
        cart = Cart(
            lines=tuple(
                CartLine(position=n, amount_minor=each) for n, each in enumerate(amounts, 1)
            ),
            currency="CNY",
        )
        fact = FactView(type="order.paid", at=AT, cart=cart)

        outcome = evaluate(fact, definition=definition, member=MemberView())

        worth = rate * sum(amounts)
        value = outcome.points("points")
        assert value == floor(worth), f"seed {SEED}: {amounts} at {rate}"
        lines = dict(outcome.effects[0].lines) if outcome.effects else {}
        assert sum(lines.values()) == value
        for place, amount in enumerate(amounts, 1):
            share = Fraction(value * amount, sum(amounts) or 1)
            assert abs(lines.get(place, 0) - share) < 1
        given += value
        exact += worth
    assert 0 <= exact - given < RECEIPTS
