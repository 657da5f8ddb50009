"""The words of consent: in both languages, numbered, kept for who said yes to them."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from huitouke.language import LANGUAGES
from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.customers.commands import WordingInvalid, set_wording
from huitouke.service.customers.models import Wording
from huitouke.service.customers.wordings import PURPOSES, in_force, known, versions

pytestmark = pytest.mark.django_db
BOSS = Actor("staff", "li-na")


def say(zh="可以联系您吗？", en="May we?"):
    return set_wording({"zh": zh, "en": en}, at=clock.now(), actor=BOSS)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_words_come_along_in_every_language(purpose):
    shown = in_force(purpose)

    assert versions(purpose) == (shown,)
    assert set(shown.texts) == set(LANGUAGES)
    assert len(set(shown.texts.values())) == len(LANGUAGES)


def test_other_words_are_another_version_and_the_same_are_none():
    first, same, second = say(), say(en=" May  we? "), say(zh="可以吗？")

    assert [first.version, same.version, second.version] == ["till-1", "till-1", "till-2"]
    assert in_force().texts == {"zh": "可以吗？", "en": "May we?"}
    assert [each.version for each in versions()] == ["till-2", "till-1", "till-standard-1"]


def test_going_back_to_earlier_words_is_a_version_of_its_own():
    say()
    say(zh="可以吗？")

    assert say().version == "till-3"


def test_each_purpose_has_words_of_its_own_and_all_are_found_by_their_version():
    say()
    texts = {"zh": "问一下可以吗？", "en": "May we ask?"}
    set_wording(texts, at=clock.now(), actor=BOSS, purpose="survey")

    assert (in_force().version, in_force("survey").version) == ("till-1", "survey-1")
    assert in_force("profiling").version == "profiling-standard-1"
    assert known()["survey-1"].texts == texts
    assert known()["till-1"].texts["en"] == "May we?"
    # Words of the phone that came along before are kept for who said yes to them.
    assert known()["my-marketing-2026-11"].texts["en"].startswith("The shop may tell me")


@pytest.mark.parametrize("bad", ["", " \n", "x" * 501, "\x00", "a\u202eb"])
def test_words_that_nobody_can_read_are_refused(bad):
    with pytest.raises(WordingInvalid):
        say(en=bad)

    assert not Wording.objects.exists()


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_keeps_words_as_they_were(change):
    say()
    rows = Wording.objects.all()

    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(texts={}) if change == "update" else rows._raw_delete("default")

    assert in_force().version == "till-1"
