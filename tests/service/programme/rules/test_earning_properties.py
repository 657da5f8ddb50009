"""What holds of every cart, rule set and refund."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from math import floor

from hypothesis import given
from hypothesis import strategies as st

from huitouke.service.programme.rules.cart import Cart, CartLine, FactView, MemberView
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.earning import evaluate, kept
from huitouke.service.programme.rules.eligible import eligible_parts

KINDS = st.sampled_from(["tea", "cup", "wine"])
AMOUNTS = st.integers(0, 300_000)
MOMENTS = st.integers(1_577_836_800, 2_051_222_400).map(
    lambda seconds: datetime.fromtimestamp(seconds, tz=UTC)
)
SCOPES = st.one_of(st.none(), KINDS.map(lambda kind: {"include": {"categories": [kind]}}))
CAPS = st.lists(
    st.builds(
        lambda points, per: {"points": points, "per": per},
        st.integers(1, 2_000),
        st.sampled_from(["order", "day", "week", "month", "year", "ever"]),
    ),
    max_size=2,
)
GIVES = st.one_of(
    st.builds(
        lambda points, per: {"kind": "per_spend", "points": points, "per_minor": per},
        st.integers(1, 20),
        st.integers(1, 2_000),
    ),
    st.builds(lambda points: {"kind": "per_item", "points": points}, st.integers(1, 9)),
    st.builds(lambda points: {"kind": "fixed", "points": points}, st.integers(1, 99)),
    st.builds(
        lambda den, more, compound: {
            "kind": "multiplier",
            "num": den + more,
            "den": den,
            "compound": compound,
        },
        st.integers(1, 5),
        st.integers(1, 9),
        st.booleans(),
    ),
)
EXPIRIES = st.one_of(
    st.builds(
        lambda months, rounded: {"kind": "rolling", "months": months, "round": rounded},
        st.integers(1, 36),
        st.sampled_from(["none", "month", "quarter", "year"]),
    ),
    st.builds(
        lambda month, day, least: {
            "kind": "fixed_day",
            "month": month,
            "day": day,
            "least_months": least,
        },
        st.integers(1, 12),
        st.integers(1, 28),
        st.integers(0, 12),
    ),
)


@st.composite
def carts(draw):
    lines = draw(
        st.lists(st.tuples(AMOUNTS, KINDS, st.integers(0, 5_000)), min_size=1, max_size=5)
    )
    return Cart(
        lines=tuple(
            CartLine(position=n, amount_minor=amount, category=kind, quantity_e3=quantity)
            for n, (amount, kind, quantity) in enumerate(lines, start=1)
        ),
        shipping_minor=draw(st.sampled_from([0, 1_000])),
        paid_by_points_minor=draw(st.sampled_from([0, 0, 777])),
    )


@st.composite
def definitions(draw):
    rules = []
    for place, gives in enumerate(draw(st.lists(GIVES, min_size=1, max_size=5))):
        least = draw(st.sampled_from([None, None, 10_000]))
        rules.append(
            {
                "id": f"r{place}",
                "name": {"en": f"Rule {place}"},
                "on": "order.paid",
                "gives": gives,
                "scope": draw(SCOPES),
                "caps": draw(CAPS),
                "expiry": draw(EXPIRIES),
                "pending": draw(st.integers(0, 30)),
                "when": []
                if least is None
                else [{"fact": "order.eligible_minor", "op": "gte", "value": least}],
            }
        )
    zones = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Africa/Cairo"]
    return Definition.model_validate(
        {
            "rules": rules,
            "zone": draw(st.sampled_from(zones)),
            "eligible": {"shipping": draw(st.booleans())},
        }
    )


def paid(cart, at):
    return FactView(type="order.paid", at=at, cart=cart)


@given(
    amounts=st.lists(AMOUNTS, min_size=1, max_size=8),
    points=st.integers(1, 50),
    per=st.integers(1, 5_000),
    num=st.integers(2, 9),
    den=st.integers(1, 8),
)
def test_points_are_the_floor_of_the_exact_amount(amounts, points, per, num, den):
    num = max(num, den + 1)
    rules = Definition.model_validate(
        {
            "rules": [
                {
                    "id": "base",
                    "name": {"en": "Base"},
                    "on": "order.paid",
                    "gives": {"kind": "per_spend", "points": points, "per_minor": per},
                },
                {
                    "id": "more",
                    "name": {"en": "More"},
                    "on": "order.paid",
                    "gives": {"kind": "multiplier", "num": num, "den": den},
                },
            ]
        }
    )
    cart = Cart(
        lines=tuple(CartLine(position=n, amount_minor=a) for n, a in enumerate(amounts, 1))
    )

    outcome = evaluate(
        paid(cart, datetime(2026, 3, 8, tzinfo=UTC)), definition=rules, member=MemberView()
    )

    exact = Fraction(sum(amounts) * points, per)
    given_points = {effect.rule_id: effect.value for effect in outcome.effects}
    assert given_points.get("base", 0) == floor(exact)
    assert given_points.get("more", 0) == floor(exact * (Fraction(num, den) - 1))


@given(cart=carts(), rules=definitions(), at=MOMENTS)
def test_lines_sum_to_the_order_and_points_live_after_they_are_available(cart, rules, at):
    outcome = evaluate(paid(cart, at), definition=rules, member=MemberView())

    assert len(outcome.effects) + len(outcome.misses) == len(rules.rules)
    for effect in outcome.effects:
        if effect.lines:
            assert sum(points for _, points in effect.lines) == effect.value
        assert at <= effect.available_at < effect.expires_at
        assert effect.value <= effect.desired
        assert (effect.value < effect.desired) == (effect.capped_by is not None)


@given(rules=definitions(), bought=st.lists(st.tuples(carts(), MOMENTS), max_size=6))
def test_no_cap_is_ever_exceeded(rules, bought):
    uses = Counter()
    for cart, at in sorted(bought, key=lambda one: one[1]):
        outcome = evaluate(paid(cart, at), definition=rules, member=MemberView(uses=dict(uses)))
        uses.update(outcome.uses)

        most = {(rule.id, cap.per): cap.points for rule in rules.rules for cap in rule.caps}
        for effect in outcome.effects:
            assert effect.value <= most.get((effect.rule_id, "order"), effect.value)

    for rule in rules.rules:
        for cap in rule.caps:
            lengths = {"day": 10, "week": 8, "month": 7, "year": 4, "ever": 4}
            for (name, period), used in uses.items():
                same = len(period) == lengths.get(cap.per) and (
                    (period == "ever") == (cap.per == "ever")
                )
                assert name != rule.id or not same or used <= cap.points


@st.composite
def refunds(draw):
    """A cart and the carts that are left of it, refund after refund, to nothing."""
    cart = draw(carts())
    left, rest = [], cart
    for _ in range(draw(st.integers(0, 4))):
        lines = tuple(
            replace(
                line,
                amount_minor=draw(st.integers(0, line.amount_minor)),
                quantity_e3=draw(st.integers(0, line.quantity_e3)),
            )
            for line in rest.lines
        )
        rest = replace(rest, lines=lines)
        left.append(rest)
    nothing = tuple(replace(line, amount_minor=0, quantity_e3=0) for line in rest.lines)
    left.append(replace(rest, lines=nothing, shipping_minor=0))
    return cart, left


@given(refunded=refunds(), rules=definitions(), at=MOMENTS)
def test_whatever_the_refunds_they_never_earn_and_land_on_zero(refunded, rules, at):
    cart, left = refunded
    member = MemberView()
    before = evaluate(paid(cart, at), definition=rules, member=member)
    worth = {effect.rule_id: effect.value for effect in before.effects}
    entitled, taken = worth, Counter()

    for rest in left:
        outcome = kept(cart, kept_cart=rest, definition=rules, member_at_purchase=member, at=at)
        now = {effect.rule_id: effect.value for effect in outcome.effects}
        assert all(value <= worth[name] for name, value in now.items())
        for effect in outcome.effects:
            if effect.lines:
                assert sum(points for _, points in effect.lines) == effect.value
        taken.update({name: entitled.get(name, 0) - now.get(name, 0) for name in worth})
        entitled = now

    assert {name: taken[name] for name in worth} == worth
    assert entitled == {}


@given(cart=carts(), rules=definitions(), at=MOMENTS)
def test_what_is_kept_whole_is_worth_the_same(cart, rules, at):
    before = evaluate(paid(cart, at), definition=rules, member=MemberView())
    if not any(line.amount_minor or line.quantity_e3 for line in cart.lines):
        return

    left = kept(cart, kept_cart=cart, definition=rules, member_at_purchase=MemberView(), at=at)

    assert left.effects == before.effects
    assert left.uses == before.uses


@given(cart=carts(), rules=definitions())
def test_eligible_parts_sum_to_the_eligible_amount(cart, rules):
    outcome = evaluate(
        paid(cart, datetime(2026, 3, 8, tzinfo=UTC)), definition=rules, member=MemberView()
    )

    assert outcome.eligible_minor == sum(eligible_parts(cart, switches=rules.eligible))
