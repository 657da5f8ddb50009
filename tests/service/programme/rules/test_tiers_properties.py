"""What holds of every member's years."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from huitouke.service.programme.rules.standing import Qualified
from huitouke.service.programme.rules.tiers import buy, grant

JOINED = date(2026, 1, 10)
SETTINGS = st.fixed_dictionaries(
    {
        "window": st.one_of(
            st.fixed_dictionaries({"kind": st.just("rolling"), "months": st.integers(1, 24)}),
            st.sampled_from(["calendar_year", "anniversary", "lifetime"]).map(
                lambda kind: {"kind": kind}
            ),
        ),
        "valid_months": st.integers(1, 24),
        "review": st.sampled_from(["none", "month", "quarter", "year"]),
        "grace_days": st.sampled_from([0, 10, 30, 90]),
        "landing": st.sampled_from(["one_down", "earned", "base"]),
    }
)
PURCHASES = st.lists(st.tuples(st.integers(0, 1500), st.integers(1, 5000)), max_size=12).map(
    sorted
)


@given(
    settings=SETTINGS,
    purchases=PURCHASES,
    idle=st.lists(st.integers(0, 2500), max_size=30),
    granted=st.one_of(st.none(), st.integers(0, 1200)),
    paid=st.booleans(),
)
def test_the_tier_worked_out_day_by_day_is_the_tier_worked_out_from_scratch(
    settings, purchases, idle, granted, paid, new_member
):
    bought = [Qualified(JOINED + timedelta(days=day), amount) for day, amount in purchases]
    end = JOINED + timedelta(days=2600)

    def run(days):
        member = new_member(**settings)
        member.journal = bought
        if paid:
            member.take(buy(member.standing, tiers=member.tiers, tier="black", day=JOINED))
        if granted is not None:
            member.take(
                grant(
                    member.standing,
                    tiers=member.tiers,
                    tier="gold",
                    through=JOINED + timedelta(days=granted),
                    day=JOINED,
                )
            )
        for day in sorted({*days, *(one.on for one in bought), end}):
            member.wait(day)
        return member

    from_scratch = run([])
    day_by_day = run([JOINED + timedelta(days=days) for days in idle])

    assert day_by_day.standing == from_scratch.standing
    assert day_by_day.changes == from_scratch.changes


@given(settings=SETTINGS, purchases=PURCHASES)
def test_nobody_falls_before_the_promise_is_over(settings, purchases, new_member):
    member = new_member(**settings)
    for days, amount in purchases:
        before = member.standing
        member.buy(JOINED + timedelta(days=days), amount)

        day = JOINED + timedelta(days=days)
        rank = member.tiers.rank
        if before.review_on is None or day < before.review_on:
            assert rank(member.standing.tier) >= rank(before.tier)


@given(settings=SETTINGS, purchases=PURCHASES)
def test_asking_again_changes_nothing(settings, purchases, new_member):
    member = new_member(**settings)
    for days, amount in purchases:
        day = JOINED + timedelta(days=days)
        once = member.buy(day, amount).standing
        told = len(member.changes)

        assert member.wait(day).standing == once
        assert len(member.changes) == told
