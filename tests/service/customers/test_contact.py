"""When and how often somebody wants to be written to: kept with them, and goes with them."""

from __future__ import annotations

import pytest

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.customers import commands, queries
from huitouke.service.customers.contact import wishes_told
from huitouke.service.customers.details import DetailInvalid

pytestmark = pytest.mark.django_db
CARE = Actor("staff", "li-na")
EVENINGS = {"days": [1, 2], "earliest": "18:00", "latest": "20:30", "most_per_month": 2}


def customer(**fields):
    made = commands.create([], name="林晓雨", at=clock.now(), actor=CARE)
    return wishes(made.pk, **fields) if fields else made.pk


def wishes(who, **contact):
    commands.change(who, at=clock.now(), actor=CARE, contact=contact)
    return who


def test_wishes_are_kept_as_a_whole_and_exported():
    who = customer(**EVENINGS)
    assert queries.export(who)["customer"]["contact"] == EVENINGS

    wishes(who, most_per_month=1)
    assert queries.get(who).contact == {"most_per_month": 1}

    wishes(who)
    assert queries.export(who)["customer"]["contact"] == {}


@pytest.mark.parametrize(
    "bad",
    [
        {"days": []},
        {"days": [7, 1]},
        {"days": [0]},
        {"days": [True]},
        {"days": "1"},
        {"earliest": "09:00"},
        {"earliest": "21:00", "latest": "09:00"},
        {"earliest": "9:00", "latest": "21:00"},
        {"earliest": "09:00", "latest": "24:00"},
        {"most_per_month": 0},
        {"most_per_month": True},
        {"never": 1},
    ],
)
def test_wishes_that_nobody_can_keep_to_are_refused(bad):
    who = customer(**EVENINGS)

    with pytest.raises(DetailInvalid):
        wishes(who, **bad)

    assert queries.get(who).contact == EVENINGS


def test_wishes_go_with_a_merge_and_come_back_when_it_is_undone():
    one, other, third = customer(**EVENINGS), customer(), customer(most_per_month=4)

    made = commands.merge(one, into=other, at=clock.now(), actor=CARE)
    assert queries.get(other).contact == EVENINGS
    commands.unmerge(made.pk, at=clock.now(), actor=CARE)
    assert (queries.get(one).contact, queries.get(other).contact) == (EVENINGS, {})

    commands.merge(one, into=third, at=clock.now(), actor=CARE)
    assert queries.get(third).contact == {"most_per_month": 4}


def test_wishes_are_forgotten_with_the_person():
    who = customer(**EVENINGS)

    assert commands.erase(who, at=clock.now(), actor=CARE).contact == {}


def test_wishes_are_read_in_both_languages():
    assert wishes_told(EVENINGS, language="en") == (
        "Monday and Tuesday", "from 18:00 to 20:30", "at most 2 a month",
    )  # fmt: skip
    assert wishes_told(EVENINGS, language="zh") == (
        "星期一和星期二", "18:00至20:30", "每月最多 2 次",
    )  # fmt: skip
    assert wishes_told({}, language="en") == ()
