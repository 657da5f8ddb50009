"""Who is in a segment: SQL and a reading by hand agree on every customer."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from looked import AS_OF, analysis
from town import CATEGORIES, CHANNELS, STORES

from huitouke.service.segments import queries
from huitouke.service.segments.conditions import (
    ConditionInvalid,
    ConditionsMissing,
    TooManyConditions,
    as_json,
    check,
    check_all,
    from_json,
)
from huitouke.service.segments.fields import OPS, Condition
from huitouke.service.segments.register import FieldUnknown, field, fields
from reading import READ, judged

pytestmark = pytest.mark.django_db
_WORDS = {
    "category": CATEGORIES,
    "product": tuple(f"sku-{each}" for each in CATEGORIES),
    "store": STORES,
    "channel": CHANNELS,
}
_NUMBERS = {"orders": 5, "spent": 80_000, "points": 1_000, "lapsing": 900, "value": 40_000}
_DAYS = st.one_of(st.none(), st.integers(1, 500))


def found(conditions, town):
    text, params = queries.members(conditions, ground=town.ground)
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        return {row[0] for row in cursor.fetchall()}


@st.composite
def asked(draw):
    """A condition that the field takes, whichever field."""
    key = draw(st.sampled_from(sorted(each.key for each in fields())))
    which = field(key)
    days = {"": st.none(), "past": _DAYS, "ahead": st.integers(1, 120)}[which.span]
    return Condition(
        key,
        draw(st.sampled_from(OPS[which.kind])),
        draw(_values(which)),
        draw(st.booleans()),
        draw(days),
    )


def _values(which):
    if which.kind == "number":
        most = _NUMBERS.get(which.key, 100)
        return st.tuples(st.integers(which.least, min(which.most, most)))
    if which.kind == "moment":
        return st.tuples(st.integers(1, 500))
    if which.kind == "day":
        days = st.dates(min_value=AS_OF - timedelta(days=400), max_value=AS_OF)
        return st.tuples(days.map(str))
    if which.kind == "flag":
        return st.just(())
    words = _WORDS.get(which.key) or _CHOICES[which.key]
    return st.lists(st.sampled_from(words), min_size=1, max_size=3, unique=True).map(tuple)


_CHOICES = {
    "standing": ("member", "customer", "fan"),
    "birthday_month": ("this", "next", *map(str, range(1, 13))),
    "consent_marketing": ("sms", "email", "wechat", "post"),
    "consent_survey": ("sms", "email", "wechat", "post"),
    "consent_service": ("sms", "email", "wechat", "post"),
    "brand": ("north", "south", "west"),
    "tier": ("silver", "gold", "-"),
    "list": ("slipping", "worth_a_call", "likely_loyal", "unlikely"),
    "group": ("true_friend", "butterfly", "barnacle", "stranger", "borderline"),
    "loyalty_type": ("inertia", "benefit", "mixed", "none"),
}


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(conditions=st.lists(asked(), min_size=1, max_size=3))
def test_sql_finds_whom_a_reading_by_hand_finds(town, conditions):
    by_hand = {each.id: judged(each, conditions, town) for each in town.people if not each.gone}

    tally = queries.counted(conditions, ground=town.ground)

    assert found(conditions, town) == {who for who, so in by_hand.items() if so}
    assert tally.number == sum(so is True for so in by_hand.values())
    certain = [each for each in conditions if not field(each.field).partial]
    left = [who for who in town.people if not who.gone and judged(who, certain, town)]
    assert tally.judged == len(left)
    assert tally.unknown == sum(by_hand[who.id] is None for who in left)


@pytest.mark.parametrize("key", sorted(READ))
def test_each_field_tells_some_customers_from_others(town, key):
    which = field(key)
    values = {
        "number": (
            1 if which.unit == "points" else min(which.most, _NUMBERS.get(key, 100)) // 4,
        ),
        "moment": (120,),
        "day": ("2026-03-01",),
        "flag": (),
    }.get(which.kind, (_WORDS | _CHOICES).get(key, ())[:2])
    days = 60 if which.span == "ahead" else None
    condition = Condition(key, OPS[which.kind][0], tuple(values), days=days)

    answers = {judged(each, [condition], town) for each in town.people if not each.gone}

    check(condition, ground=town.ground)
    assert {True, False} <= answers
    assert (None in answers) is which.partial
    inside = {
        each.id for each in town.people if not each.gone and judged(each, [condition], town)
    }
    assert found([condition], town) == inside


def test_every_field_is_read_by_hand():
    assert {each.key for each in fields()} == READ


def test_erased_and_merged_records_are_in_no_segment(town):
    everybody = found([Condition("known", "within", (3650,))], town)

    assert everybody == {each.id for each in town.people if not each.gone}
    assert len(everybody) < len(town.people)


def test_without_an_analysis_nothing_of_profiles_is_known(town):
    town.ground.kept["loop.latest"] = None

    tally = queries.counted([Condition("loyalty_score", "at_least", (1,))], ground=town.ground)

    living = sum(not each.gone for each in town.people)
    assert (tally.number, tally.unknown, tally.judged) == (0, living, living)


def test_the_day_of_the_oldest_facts_is_told(town):
    of_profile = Condition("list", "any_of", ("slipping",))
    of_today = Condition("orders", "at_least", (1,))

    assert queries.as_of([of_today], ground=town.ground) is None
    assert queries.as_of([of_today, of_profile], ground=town.ground) == AS_OF


def test_a_new_analysis_counts_at_once(town):
    analysis(profiles=[])
    again = queries.ground_of(now=town.now, zone="Asia/Shanghai", currency="CNY")

    tally = queries.counted([Condition("loyalty_score", "at_least", (0,))], ground=again)

    assert tally.number == 0


def test_people_come_page_by_page_each_once(town):
    conditions = [Condition("known", "within", (3650,))]
    seen, cursor = [], ""
    while True:
        page = queries.people(conditions, ground=town.ground, cursor=cursor, limit=7)
        seen += page.customers
        cursor = page.cursor
        if not cursor:
            break

    assert seen == sorted(found(conditions, town))
    with pytest.raises(queries.CursorUnreadable):
        queries.people(conditions, ground=town.ground, cursor="cus_x")


def test_a_count_that_takes_too_long_is_given_up(town, monkeypatch):
    slow = field("known")
    monkeypatch.setattr(
        "huitouke.service.segments.compiling._PEOPLE", "pg_sleep(0.05) IS NOT NULL"
    )

    told = queries.counted(
        [Condition(slow.key, "within", (9,))], ground=town.ground, milliseconds=40
    )

    assert told is None
    assert queries.listed() == []


@pytest.mark.parametrize(
    "wrong",
    [
        Condition("last_order", "at_least", (3,)),
        Condition("last_order", "within", (0,)),
        Condition("last_order", "within", ("3",)),
        Condition("last_order", "within", (True,)),
        Condition("last_order", "within", (3, 4)),
        Condition("last_order", "within", (3,), days=5),
        Condition("orders", "at_least", (-1,)),
        Condition("orders", "at_least", (1,), days=0),
        Condition("loyalty_score", "at_least", (101,)),
        Condition("lapsing", "at_least", (1,)),
        Condition("tier", "any_of", ("platinum",)),
        Condition("tier", "any_of", ()),
        Condition("category", "any_of", ("a" * 101,)),
        Condition("category", "any_of", ("nul\x00",)),
        Condition("category", "any_of", tuple(map(str, range(21)))),
        Condition("joined_on", "since", ("2026-02-30",)),
        Condition("joined_on", "since", ("20260201",)),
        Condition("joined_on", "since", ("0001-01-01",)),
        Condition("coupon", "is", ("yes",)),
    ],
)
def test_what_a_field_does_not_take_is_refused(shop, wrong):
    with pytest.raises(ConditionInvalid):
        check(
            wrong, ground=queries.ground_of(now=shop.now, zone="Asia/Shanghai", currency="CNY")
        )


def test_a_segment_has_some_conditions_and_not_too_many(shop):
    ground = queries.ground_of(now=shop.now, zone="Asia/Shanghai", currency="CNY")
    with pytest.raises(ConditionsMissing):
        check_all([], ground=ground)
    with pytest.raises(TooManyConditions):
        check_all([Condition("coupon", "is")] * 13, ground=ground)
    with pytest.raises(FieldUnknown):
        check_all([Condition("shoe_size", "at_least", (1,))], ground=ground)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(conditions=st.lists(asked(), min_size=1, max_size=4))
def test_what_is_kept_is_what_is_read(conditions):
    assert from_json(as_json(conditions)) == tuple(conditions)


def test_the_words_of_a_statement_hold_no_value(town):
    hostile = "'; DROP TABLE customers_customer; --"
    text, params = queries.members(
        [Condition("category", "any_of", (hostile,))], ground=town.ground
    )

    assert hostile not in text
    assert [hostile] in params
    assert all(isinstance(each, UUID) for each in found([Condition("coupon", "is")], town))
