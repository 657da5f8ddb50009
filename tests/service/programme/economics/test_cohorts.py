"""Points live as long as their own last days say, whatever the rules say now."""

from __future__ import annotations

from datetime import date

from huitouke.service.ledger.issue_months import CohortMove
from huitouke.service.programme.economics.cohorts import books, life_now, to_cohorts
from huitouke.service.programme.rules.definition import Definition

MAY, JULY = date(2026, 5, 1), date(2026, 7, 1)
NEXT_MAY, LATE = date(2027, 5, 1), date(2028, 5, 1)
SPEND = {
    "id": "spend",
    "name": {"en": "Points on purchases"},
    "on": "order.paid",
    "gives": {"kind": "per_spend", "points": 1, "per_minor": 100},
}


def move(contra, points, *, month=MAY, expires=LATE, happened=None, written=None, times=0):
    happened = happened or month
    return CohortMove(
        month=month, imported=False, expires=expires, contra=contra, happened=happened,
        written=written or happened, points=points, redemptions=times,
    )  # fmt: skip


def shortened():
    return Definition.model_validate(
        {"rules": [{**SPEND, "expiry": {"kind": "rolling", "months": 1}, "pending": 0}]}
    )


def test_open_points_keep_the_life_they_were_given_with():
    found = books([move("issue", 1_000)])

    (cohort,) = to_cohorts(found, through=date(2027, 1, 1))

    assert cohort.life == 25
    assert cohort.expired == 0
    assert not cohort.ended


def test_points_past_their_last_day_are_gone_before_the_sweep_came():
    found = books([move("issue", 1_000, expires=JULY)])

    (cohort,) = to_cohorts(found, through=date(2026, 8, 1))

    assert cohort.ended
    assert cohort.expired == 1_000


def test_a_favour_to_one_member_is_no_life_of_all():
    found = books([move("issue", 995, expires=NEXT_MAY), move("issue", 5, expires=None)])

    assert found[0].life == 13


def test_points_that_were_let_live_longer_make_the_month_live_longer():
    found = books(
        [
            move("issue", 1_000, expires=NEXT_MAY),
            move("extend", -600, expires=NEXT_MAY, happened=JULY),
            move("extend", 600, expires=LATE, happened=JULY),
        ]
    )

    assert found[0].life == 25


def test_new_points_live_no_longer_than_the_rules_of_today_say():
    found = books([move("issue", 1_000)])

    life = life_now(found, definition=shortened(), unit="points", through=date(2026, 8, 1))

    assert life is not None
    assert life <= 3


def test_what_the_ledger_came_to_know_later_is_left_out():
    moves = [
        move("issue", 1_000),
        move("redeem", -300, happened=MAY, written=JULY, times=1),
    ]

    then, now = books(moves, before=JULY)[0], books(moves)[0]

    assert (then.left, now.left) == (1_000, 700)
    assert sum(now.redemptions.values()) == 1
