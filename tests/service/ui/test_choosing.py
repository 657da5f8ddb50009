"""Who reads a page: the switch, then the staff record, then the browser, then Chinese."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from huitouke.language import LANGUAGES
from huitouke.service.ui.choosing import LANGUAGE_COOKIE, NAMES, known_language, reader_of

REQUESTS = RequestFactory()


@pytest.mark.parametrize(
    ("cookie", "staff", "accepted", "language"),
    [
        ("zh-Hant", "en", "zh-CN", "zh-Hant"),
        ("", "en", "zh-TW", "en"),
        ("", "", "zh-TW,en;q=0.9", "zh-Hant"),
        ("fr", "fr", "fr, en;q=0.2", "en"),
        ("", "", "", "zh"),
    ],
)
def test_the_nearest_choice_wins(cookie, staff, accepted, language):
    request = REQUESTS.get("/", headers={"Accept-Language": accepted})
    request.COOKIES[LANGUAGE_COOKIE] = cookie

    assert reader_of(request, staff_language=staff).language == language


def test_a_traditional_page_names_its_script_and_writes_for_its_reader():
    request = REQUESTS.get("/", headers={"Accept-Language": "zh-HK"})

    reader = reader_of(request)

    assert reader.tag == "zh-Hant"
    assert reader.words.say("points") == "點數"
    assert reader.money(500) == "¥5.00"


def test_every_language_can_be_chosen_by_its_own_name():
    assert set(NAMES) == set(LANGUAGES)
    assert [known_language(each) for each in NAMES] == list(NAMES)
    assert known_language("zh-TW") is None
