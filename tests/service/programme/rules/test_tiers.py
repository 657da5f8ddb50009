"""Up at once, down only at a review."""

from __future__ import annotations

from datetime import date

import pytest

from huitouke.service.programme.rules.cart import Effect, Outcome
from huitouke.service.programme.rules.standing import Standing
from huitouke.service.programme.rules.tier_grants import TierNotForSale, TierUnknown
from huitouke.service.programme.rules.tiers import (
    begin,
    buy,
    counted,
    grant,
)

JOINED = date(2026, 1, 10)


def test_a_new_member_has_the_tier_that_asks_for_nothing(tiers_with):
    step = begin(tiers=tiers_with(), day=JOINED)

    assert (step.standing.tier, step.standing.review_on) == ("silver", None)
    assert [change.kind for change in step.changes] == ["up"]


def test_without_such_a_tier_a_new_member_has_none(tiers_with):
    step = begin(tiers=tiers_with("gold", "diamond", "black"), day=JOINED)

    assert (step.standing.tier, step.changes) == (None, ())


def test_a_member_may_rise_by_two_at_once(new_member):
    member = new_member().buy(date(2026, 3, 6), 9000)

    assert member.standing.tier == "diamond"
    assert member.standing.review_on == date(2027, 4, 1)
    assert member.changes == ["up"]


def test_the_promise_ends_with_the_period_that_is_configured(new_member):
    reviews = {
        "none": date(2027, 3, 7),
        "month": date(2027, 4, 1),
        "quarter": date(2027, 4, 1),
        "year": date(2028, 1, 1),
    }

    found = {
        review: new_member(review=review).buy(date(2026, 3, 6), 2000).standing.review_on
        for review in reviews
    }

    assert found == reviews


def test_a_tier_is_easier_to_keep_than_to_reach(new_member):
    member = new_member().buy(date(2026, 3, 6), 2000).buy(date(2026, 5, 1), 1500)

    member.wait(date(2027, 4, 1))

    assert (member.standing.tier, member.changes) == ("gold", ["up", "kept"])
    assert member.standing.review_on == date(2028, 4, 1)


@pytest.mark.parametrize(
    ("landing", "lands"), [("one_down", "gold"), ("earned", "silver"), ("base", "silver")]
)
def test_a_member_falls_to_where_the_programme_says(landing, lands, new_member):
    member = new_member(landing=landing, grace_days=0).buy(date(2026, 3, 6), 9000)

    member.wait(date(2027, 4, 1))

    assert (member.standing.tier, member.changes) == (lands, ["up", "down"])


def test_landing_on_what_is_earned_asks_for_what_keeps_it(new_member):
    member = new_member(landing="earned", grace_days=0).buy(date(2026, 3, 6), 9000)
    member.buy(date(2026, 6, 1), 1500)

    member.wait(date(2027, 4, 1))

    assert member.standing.tier == "gold"


def test_missed_years_are_made_up_review_by_review(new_member):
    member = new_member(grace_days=0).buy(date(2026, 3, 6), 9000)

    member.wait(date(2030, 1, 1))

    assert (member.standing.tier, member.changes) == ("silver", ["up", "down", "down"])
    assert member.standing.since == date(2028, 4, 1)


def test_a_calendar_year_is_reviewed_as_it_ended(new_member):
    member = new_member(window={"kind": "calendar_year"}, review="year", grace_days=0)
    member.buy(date(2026, 5, 1), 2000).buy(date(2027, 12, 31), 1500)

    member.wait(date(2028, 1, 1))

    assert (member.standing.tier, member.standing.review_on) == ("gold", date(2029, 1, 1))


def test_a_late_order_lifts_on_its_own_day(new_member):
    member = new_member(window={"kind": "calendar_year"}, review="year")

    member.buy(date(2026, 12, 30), 2000, known_on=date(2027, 1, 2))

    assert member.standing.tier == "gold"
    assert member.standing.lifted_on == date(2026, 12, 30)


def test_a_late_order_whose_promise_would_be_over_lifts_nobody(new_member):
    member = new_member(valid_months=1, window={"kind": "calendar_year"})

    member.buy(date(2026, 3, 1), 2000, known_on=date(2027, 1, 2))

    assert member.standing.tier == "silver"


def test_a_late_refund_never_demotes_in_the_past(new_member):
    member = new_member().buy(date(2026, 3, 6), 2000).buy(date(2026, 5, 1), 1500)
    member.wait(date(2027, 4, 1))

    member.send_back(date(2026, 5, 1), 1500, day=date(2027, 4, 2))

    assert (member.standing.tier, member.standing.review_on) == ("gold", date(2028, 4, 1))


def test_a_refund_in_time_undoes_a_lift_without_ground(new_member):
    member = new_member().buy(date(2026, 3, 6), 2000)

    member.send_back(date(2026, 3, 6), 1, day=date(2026, 3, 13))

    assert (member.standing.tier, member.changes) == ("silver", ["up", "reverted"])
    assert member.standing.review_on is None


def test_a_lift_that_stands_without_what_came_back_stays(new_member):
    member = new_member().buy(date(2026, 3, 6), 2500)

    member.send_back(date(2026, 3, 6), 500, day=date(2026, 3, 8))

    assert member.standing.tier == "gold"


def test_a_lift_that_is_undone_leaves_what_the_rest_reaches(new_member):
    member = new_member().buy(date(2026, 3, 6), 9000)

    member.send_back(date(2026, 3, 6), 6000, day=date(2026, 3, 8))

    assert (member.standing.tier, member.changes) == ("gold", ["up", "reverted", "up"])


@pytest.mark.parametrize(
    ("day", "benefit_used"), [(date(2026, 3, 14), False), (date(2026, 3, 8), True)]
)
def test_a_refund_that_is_late_or_follows_a_benefit_waits_for_the_review(
    day, benefit_used, new_member
):
    member = new_member(grace_days=0).buy(date(2026, 3, 6), 2000)

    member.send_back(date(2026, 3, 6), 2000, day=day, benefit_used=benefit_used)

    assert member.standing.tier == "gold"
    assert member.wait(date(2027, 4, 1)).standing.tier == "silver"


def test_a_tier_that_the_programme_gives_up_is_kept_until_its_review(new_member, tiers_with):
    member = new_member().buy(date(2026, 3, 6), 2000)
    member.tiers = tiers_with("silver", "diamond")

    member.buy(date(2026, 6, 1), 100)
    kept = member.standing.tier
    member.wait(date(2027, 4, 1))

    assert (kept, member.standing.tier, member.changes) == ("gold", "silver", ["up", "down"])


def test_a_tier_that_the_programme_gives_up_does_not_keep_a_member_from_the_highest(
    new_member, tiers_with
):
    member = new_member().buy(date(2026, 3, 6), 2000)
    member.tiers = tiers_with("silver", "diamond")

    assert member.buy(date(2026, 6, 1), 6000).standing.tier == "diamond"


def test_a_grant_ends_with_its_last_day(new_member):
    member = new_member()
    member.take(
        grant(
            member.standing,
            tiers=member.tiers,
            tier="diamond",
            through=date(2026, 6, 30),
            day=JOINED,
        )
    )

    assert member.wait(date(2026, 6, 30)).standing.tier == "diamond"
    assert member.wait(date(2026, 7, 1)).standing.tier == "silver"
    assert member.changes == ["granted", "ended"]


def test_a_grant_that_the_metric_holds_is_kept(new_member):
    member = new_member()
    member.take(
        grant(
            member.standing,
            tiers=member.tiers,
            tier="gold",
            through=date(2026, 6, 30),
            day=JOINED,
        )
    )

    member.buy(date(2026, 5, 1), 1500).wait(date(2026, 7, 1))

    assert (member.standing.tier, member.standing.earned) == ("gold", "gold")
    assert member.standing.review_on == date(2027, 7, 1)


def test_a_grant_takes_nothing_from_what_was_earned(new_member):
    member = new_member().buy(date(2026, 3, 6), 2000)
    member.take(
        grant(
            member.standing,
            tiers=member.tiers,
            tier="diamond",
            through=date(2026, 6, 30),
            day=date(2026, 4, 1),
        )
    )

    member.wait(date(2026, 7, 1))

    assert (member.standing.tier, member.standing.review_on) == ("gold", date(2027, 4, 1))


def test_a_tier_that_was_bought_holds_for_its_months_and_a_renewal_adds_to_the_rest(new_member):
    member = new_member()
    for day in (date(2026, 3, 6), date(2027, 1, 1)):
        member.take(buy(member.standing, tiers=member.tiers, tier="black", day=day))

    assert member.standing.tier == "black"
    assert member.standing.paid_through == date(2028, 3, 5)
    assert member.wait(date(2028, 3, 6)).standing.tier == "silver"


def test_what_is_no_tier_or_not_for_sale_is_refused(tiers_with):
    tiers, standing = tiers_with(), Standing()

    with pytest.raises(TierUnknown):
        grant(standing, tiers=tiers, tier="jade", through=JOINED, day=JOINED)
    with pytest.raises(TierUnknown):
        buy(standing, tiers=tiers, tier="jade", day=JOINED)
    with pytest.raises(TierNotForSale):
        buy(standing, tiers=tiers, tier="gold", day=JOINED)


def test_the_metric_is_spend_visits_or_points_but_never_the_balance(noon, tiers_with):
    effect = Effect(
        rule_id="growth",
        unit="growth",
        value=80,
        desired=80,
        capped_by=None,
        lines=(),
        available_at=noon,
        expires_at=None,
        waits_for=None,
        reason={},
    )
    outcome = Outcome(effects=(effect,), eligible_minor=9_000)

    found = [
        counted(outcome, tiers=tiers_with(metric=metric, unit="growth"))
        for metric in ("spend", "visits", "qualifying")
    ]

    assert found == [9_000, 1, 80]
    assert counted(Outcome(), tiers=tiers_with(metric="visits")) == 0
