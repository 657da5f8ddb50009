"""What became of a member's tier is kept for ever, whoever changed it and why."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib import resources

import pytest
from django.db import DatabaseError, connection, transaction

from huitouke.service.core.models import Outbox
from huitouke.service.programme import commands
from huitouke.service.programme.events.days import tick
from huitouke.service.programme.events.person import export
from huitouke.service.programme.models.members import Fact
from huitouke.service.programme.models.tiers import TierChange
from huitouke.service.programme.people.listing import ground_of
from huitouke.service.programme.people.timeline import timeline

pytestmark = pytest.mark.django_db

TIERS = {
    "metric": "spend",
    "tiers": [
        {"code": "silver", "name": {"en": "Silver", "zh": "银卡"}, "reach": 0},
        {"code": "gold", "name": {"en": "Gold"}, "reach": 50_000, "keep": 30_000},
    ],
}


@pytest.fixture
def tier_shop(shop, spend_rule):
    shop.publish(spend_rule, tiers=TIERS)
    shop.join()
    return shop


def kept():
    rows = TierChange.objects.order_by("changed_at", "id")
    return [(each.kind, each.from_tier, each.to_tier) for each in rows]


def told_in_the_timeline(shop):
    story = timeline(shop.customer(), ground=ground_of(now=shop.now()), kind="tier")
    return [(each.what, each.about["to"]) for each in story.moments]


def test_what_the_nightly_review_changed_stands_in_the_timeline_when_nothing_waits_any_more(
    tier_shop, shift_clock
):
    tier_shop.tell(tier_shop.paid(60_000))
    for days in (400, 450):
        shift_clock(timedelta(days=days))
        tick(at=tier_shop.now())
    tick(at=tier_shop.now())

    Outbox.objects.all().delete()

    assert told_in_the_timeline(tier_shop) == [
        ("tier.downgraded", "silver"),
        ("tier.will_downgrade", "gold"),
        ("tier.upgraded", "gold"),
        ("tier.upgraded", "silver"),
    ]
    assert TierChange.objects.get(kind="down").reason["code"] == "tier.down"


def test_an_order_its_return_and_staff_are_kept_once_each(tier_shop):
    order = tier_shop.paid(60_000)
    tier_shop.tell(order)
    tier_shop.tell(order)
    tier_shop.tell(tier_shop.refunded(order))
    commands.grant_tier(
        tier_shop.customer(),
        tier="gold",
        through=tier_shop.now().date() + timedelta(days=9),
        reason="an apology",
        at=tier_shop.now(),
        actor=tier_shop.actor,
    )

    assert kept() == [
        ("up", "", "silver"),
        ("up", "silver", "gold"),
        ("reverted", "gold", "silver"),
        ("granted", "silver", "gold"),
    ]
    (member,) = export(tier_shop.customer())["memberships"]
    assert [each["to"] for each in member["tier_changes"]] == [
        "silver",
        "gold",
        "silver",
        "gold",
    ]


def test_a_tier_that_staff_gave_is_told_once_with_who_gave_it_and_why(tier_shop):
    commands.grant_tier(
        tier_shop.customer(),
        tier="gold",
        through=tier_shop.now().date() + timedelta(days=9),
        reason="an apology",
        at=tier_shop.now(),
        actor=tier_shop.actor,
    )

    ground = ground_of(now=tier_shop.now())
    whole = timeline(tier_shop.customer(), ground=ground).moments
    by_staff = timeline(tier_shop.customer(), ground=ground, kind="staff").moments

    (given,) = [each for each in whole if each.reason.get("code") == "tier.granted"]
    assert (given.kind, given.about["note"]) == ("tier", "an apology")
    assert given.actor == str(tier_shop.actor)
    assert "tier.granted" not in {each.what for each in (*whole, *by_staff)}


def test_what_is_undone_with_its_transaction_leaves_nothing(tier_shop):
    before = kept()

    with transaction.atomic():
        tier_shop.tell(tier_shop.paid(60_000))
        during = kept()
        transaction.set_rollback(True)

    assert len(during) == len(before) + 1
    assert kept() == before


@pytest.mark.parametrize(
    "statement",
    ["UPDATE programme_tierchange SET kind = 'up'", "DELETE FROM programme_tierchange"],
)
def test_nobody_changes_what_was(tier_shop, statement):
    with (
        pytest.raises(DatabaseError, match="never"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_what_facts_told_before_the_table_was_there_is_brought_into_it(tier_shop):
    tier_shop.tell(tier_shop.paid(60_000))
    live = kept()
    effects = [json.loads(each.answer)["effects"] for each in Fact.objects.all()]
    assert sum(one["type"].startswith("tier.") for each in effects for one in each) == 2

    text = resources.files("huitouke.service.programme").joinpath("sql/tiers.sql").read_text()
    with connection.cursor() as cursor:
        cursor.execute(text.partition("-- From here on")[0])

    assert sorted(kept()) == sorted(live * 2)
