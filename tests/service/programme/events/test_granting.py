"""Tiers that members buy or are given, beside the one they earn."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huitouke.service.core import audit
from huitouke.service.core.ids import public_id
from huitouke.service.core.models import Outbox
from huitouke.service.programme import commands, queries
from huitouke.service.programme.events.days import tick
from huitouke.service.programme.events.granting import GrantInvalid, NoTiers
from huitouke.service.programme.events.membership import NotAMember
from huitouke.service.programme.models.members import Done
from huitouke.service.programme.rules.calendar import add_months
from huitouke.service.programme.rules.tier_grants import TierNotForSale, TierUnknown

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TIERS = {
    "metric": "spend",
    "tiers": [
        {"code": "silver", "name": {"en": "Silver"}, "reach": 0},
        {
            "code": "club",
            "name": {"en": "Club"},
            "paid": {"price_minor": 9_900, "months": 3},
        },
        {"code": "gold", "name": {"en": "Gold"}, "reach": 50_000, "keep": 30_000},
        {
            "code": "black",
            "name": {"en": "Black"},
            "paid": {"price_minor": 29_900, "months": 12},
        },
    ],
}


@pytest.fixture
def club(shop, spend_rule):
    shop.publish(spend_rule, tiers=TIERS)
    shop.join()
    return shop


def buy(shop, tier="club", *, key="p1"):
    return commands.buy_tier(
        shop.customer(), tier=tier, key=key, at=shop.now(), actor=shop.actor
    )


def grant(shop, tier="gold", *, days=10, reason="an apology"):
    return commands.grant_tier(
        shop.customer(),
        tier=tier,
        through=today(shop) + timedelta(days=days),
        reason=reason,
        at=shop.now(),
        actor=shop.actor,
    )


def today(shop):
    return shop.now().astimezone(shop.zone).date()


def stands(shop):
    return queries.tier(shop.customer(), now=shop.now())


def moves():
    told = Outbox.objects.filter(topic__startswith="tier.").order_by("position")
    return [(each.body["from_tier"], each.body["to_tier"]) for each in told]


def test_a_bought_tier_holds_for_the_months_of_its_price(club):
    first = today(club)

    standing = buy(club)

    assert (standing.tier, standing.paid) == ("club", "club")
    assert standing.paid_through == add_months(first, months=3) - DAY
    assert (stands(club).tier, stands(club).paid_through) == ("club", standing.paid_through)
    assert moves()[-1] == ("silver", "club")
    lines = audit.lines(target=public_id("cus", club.customer()))
    assert [each.facts for each in lines if each.action == "tier.bought"] == [{"tier": "club"}]


def test_a_payment_counts_once_under_its_key(club):
    first, again = buy(club), buy(club)

    assert again == first
    assert moves().count(("silver", "club")) == 1


def test_a_renewal_while_it_runs_adds_to_what_is_left(club, shift_clock):
    first = today(club)
    buy(club)
    shift_clock(timedelta(days=30))

    renewed = buy(club, key="p2")

    rest = add_months(first, months=3)
    assert renewed.paid_through == add_months(rest, months=3) - DAY


def test_a_renewal_after_its_end_begins_on_the_day_of_payment(club, shift_clock):
    buy(club)
    shift_clock(timedelta(days=120))

    renewed = buy(club, key="p2")

    assert renewed.paid_through == add_months(today(club), months=3) - DAY
    assert moves()[-2:] == [("club", "silver"), ("silver", "club")]


def test_who_buys_a_tier_below_the_earned_one_keeps_the_earned_one(club):
    club.tell(club.paid(60_000))
    before = moves()

    standing = buy(club)

    assert (standing.tier, standing.earned, standing.paid) == ("gold", "gold", "club")
    assert moves() == before


def test_at_the_end_of_what_was_bought_the_earned_tier_is_back(club, shift_clock):
    club.tell(club.paid(60_000))
    left = buy(club, "black").paid_through - today(club)

    shift_clock(left)
    last = stands(club).tier
    shift_clock(left + DAY)
    after = stands(club)
    tick(at=club.now())
    tick(at=club.now())

    assert (last, after.tier, after.paid_through) == ("black", "gold", None)
    assert moves().count(("black", "gold")) == 1


@pytest.mark.parametrize(("tier", "refusal"), [("jade", TierUnknown), ("gold", TierNotForSale)])
def test_what_is_no_tier_or_has_no_price_leaves_its_key_free(club, tier, refusal):
    with pytest.raises(refusal):
        buy(club, tier)

    assert not Done.objects.filter(rule="tier:p1").exists()
    assert buy(club).tier == "club"


@pytest.mark.parametrize("act", [buy, grant])
def test_who_is_not_enrolled_has_no_tier(shop, spend_rule, act):
    shop.publish(spend_rule, tiers=TIERS)
    shop.tell(shop.paid(1_000))

    with pytest.raises(NotAMember):
        act(shop)


@pytest.mark.parametrize("act", [buy, grant])
def test_a_programme_without_tiers_has_none_to_give(points_shop, act):
    with pytest.raises(NoTiers):
        act(points_shop)


@pytest.mark.parametrize("wrong", [{"days": -1}, {"days": 1_200}, {"reason": " "}])
def test_a_grant_has_a_day_to_come_and_a_reason(club, wrong):
    with pytest.raises(GrantInvalid):
        grant(club, **wrong)

    assert stands(club).tier == "silver"


def test_a_review_that_a_grant_finds_due_is_told_as_well(club, shift_clock):
    club.tell(club.paid(60_000))
    shift_clock(timedelta(days=450))

    grant(club, "black")
    tick(at=club.now())

    assert moves()[-2:] == [("gold", "silver"), ("silver", "black")]
