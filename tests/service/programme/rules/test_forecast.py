"""How far it is, by when, and at what pace."""

from __future__ import annotations

from datetime import date

import pytest

from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.forecast import forecast
from huitouke.service.programme.rules.reasons import say
from huitouke.service.programme.rules.standing import Qualified, Standing, metric_from

JOINED = date(2025, 1, 10)
LEVELS = [
    {"code": "silver", "name": {"zh": "银卡", "en": "Silver"}, "reach": 0},
    {"code": "gold", "name": {"zh": "金卡", "en": "Gold"}, "reach": 200_000, "keep": 150_000},
    {"code": "diamond", "name": {"zh": "钻卡", "en": "Diamond"}, "reach": 800_000},
]
GOLD = Standing(tier="gold", earned="gold", review_on=date(2026, 4, 1))


def seen(standing, *, journal=(), day=date(2026, 3, 8), **fields):
    rules = Definition.model_validate({"tiers": {"tiers": LEVELS} | fields})
    return forecast(
        standing,
        definition=rules,
        day=day,
        joined_on=JOINED,
        metric=metric_from(list(journal)),
    )


def test_what_is_missing_to_keep_the_tier_is_said_with_its_day():
    journal = [Qualified(date(2025, 3, 31), 900_000), Qualified(date(2025, 4, 1), 118_000)]

    progress = seen(GOLD, journal=journal)

    assert (progress.to_keep, progress.keep_by) == (32_000, date(2026, 3, 31))
    assert say(progress.reasons[0], "en") == "¥320 more by 31 March 2026 keeps Gold."


def test_a_tier_that_is_safe_says_so():
    progress = seen(GOLD, journal=[Qualified(date(2026, 1, 1), 150_000)])

    assert (progress.to_keep, progress.keeps_at_pace) == (0, True)
    assert say(progress.reasons[0], "zh") == "金卡已保级成功，2026年3月31日之后继续有效。"


def test_the_next_tier_counts_the_present_window():
    journal = [Qualified(date(2025, 3, 8), 500_000), Qualified(date(2025, 3, 9), 100_000)]

    progress = seen(GOLD, journal=journal)

    assert (progress.next_tier, progress.to_reach, progress.reach_by) == (
        "diamond",
        700_000,
        None,
    )
    assert say(progress.reasons[1], "en") == "¥7,000 more within 12 months reaches Diamond."


def test_a_calendar_year_has_a_last_day():
    progress = seen(Standing(tier="silver", earned="silver"), window={"kind": "calendar_year"})

    assert (progress.keep_by, progress.to_keep, progress.keeps_at_pace) == (None, 0, None)
    assert (progress.reach_by, progress.reaches_at_pace) == (date(2026, 12, 31), False)


def test_an_anniversary_year_ends_before_the_next():
    progress = seen(Standing(tier="silver"), window={"kind": "anniversary"})

    assert progress.reach_by == date(2027, 1, 9)


def test_in_grace_what_is_missing_may_still_be_bought():
    standing = Standing(
        tier="gold", earned="gold", review_on=date(2026, 4, 1), grace_until=date(2026, 5, 1)
    )
    journal = [Qualified(date(2025, 4, 1), 100_000), Qualified(date(2026, 4, 10), 20_000)]

    progress = seen(standing, journal=journal, day=date(2026, 4, 10))

    assert (progress.to_keep, progress.keep_by) == (30_000, date(2026, 4, 30))


@pytest.mark.parametrize(("spent", "keeps"), [(119_500, True), (119_400, False)])
def test_the_pace_of_the_last_ninety_days_says_whether_it_gets_there(spent, keeps):
    journal = [Qualified(date(2026, 2, 8), spent)]

    progress = seen(GOLD, journal=journal, day=date(2026, 3, 8))

    assert progress.pace == spent * 30 // 90
    assert progress.keeps_at_pace is (spent * 23 >= (150_000 - spent) * 90) is keeps


def test_a_new_member_s_pace_is_that_of_the_days_so_far():
    journal = [Qualified(date(2025, 1, 12), 9_000)]

    progress = seen(Standing(tier="silver"), journal=journal, day=date(2025, 2, 18))

    assert progress.pace == 9_000 * 30 // 40


def test_before_thirty_days_there_are_too_few_to_tell_a_pace():
    journal = [Qualified(date(2025, 1, 12), 9_000)]
    window = {"kind": "calendar_year"}

    days = [date(2025, 2, 7), date(2025, 2, 8)]
    found = [
        seen(Standing(tier="silver"), journal=journal, day=day, window=window) for day in days
    ]

    assert [each.pace for each in found] == [None, 9_000]
    assert [each.reaches_at_pace for each in found] == [None, False]


def test_the_highest_tier_has_nothing_above():
    progress = seen(Standing(tier="diamond", earned="diamond", review_on=date(2026, 4, 1)))

    assert (progress.next_tier, progress.to_reach, len(progress.reasons)) == (None, 0, 1)


def test_without_tiers_there_is_nothing_to_say():
    progress = forecast(
        Standing(),
        definition=Definition(),
        day=JOINED,
        joined_on=JOINED,
        metric=metric_from([]),
    )

    assert (progress.tier, progress.next_tier, progress.reasons) == (None, None, ())
