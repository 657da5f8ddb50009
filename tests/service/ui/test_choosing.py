"""Language and theme: who decides, the switches, and where they lead back to."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory

from huitouke.language import LANGUAGES
from huitouke.service.ui.choosing import LANGUAGE_COOKIE, NAMES, known_language, reader_of

pytestmark = pytest.mark.django_db


def reader(*, cookie: str = "", staff: str = "", accept: str = ""):
    request = RequestFactory().get("/", headers={"Accept-Language": accept})
    request.COOKIES[LANGUAGE_COOKIE] = cookie
    return reader_of(request, staff_language=staff)


@pytest.mark.parametrize(
    ("given", "language"),
    [
        ({}, "zh"),
        ({"accept": "fr"}, "zh"),
        ({"accept": "en-GB,en;q=0.9,zh;q=0.5"}, "en"),
        ({"accept": "fr, zh-CN;q=0.8, en;q=0.3"}, "zh"),
        ({"accept": "en", "staff": "zh"}, "zh"),
        ({"accept": "zh", "staff": "zh", "cookie": "en"}, "en"),
        ({"accept": "en", "cookie": "<script>"}, "en"),
        ({"accept": "zh-CN", "staff": "en", "cookie": "zh-Hant"}, "zh-Hant"),
        ({"accept": "zh-TW,en;q=0.9"}, "zh-Hant"),
        ({"accept": "fr, en;q=0.2", "staff": "fr", "cookie": "fr"}, "en"),
    ],
)
def test_the_switch_goes_before_the_record_and_that_before_the_browser(given, language):
    assert reader(**given).language == language


def test_a_traditional_page_names_its_script_and_writes_for_its_reader():
    found = reader(accept="zh-HK")

    assert found.tag == "zh-Hant"
    assert found.words.say("points") == "點數"
    assert found.money(500) == "¥5.00"


def test_every_language_can_be_chosen_by_its_own_name():
    assert set(NAMES) == set(LANGUAGES)
    assert [known_language(each) for each in NAMES] == list(NAMES)
    assert known_language("zh-TW") is None


def test_a_theme_that_is_none_is_that_of_the_system():
    request = RequestFactory().get("/")
    request.COOKIES["huitouke_theme"] = '"><script>'

    assert reader_of(request).theme == "system"


@pytest.mark.parametrize(
    ("address", "field", "value"),
    [("/language", "language", "en"), ("/theme", "theme", "dark")],
)
def test_a_switch_keeps_the_choice_and_goes_back(address, field, value):
    response = Client().post(address, {field: value, "next": "/look?door=portal"})

    assert (response.status_code, response["Location"]) == (302, "/look?door=portal")
    cookie = response.cookies[f"huitouke_{field}"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == (value, True, "Lax")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "",
        "look",
    ],
)
def test_a_switch_never_leads_elsewhere(elsewhere):
    response = Client().post("/theme", {"theme": "dark", "next": elsewhere})

    assert response["Location"] == "/"


@pytest.mark.parametrize("address", ["/language", "/theme"])
def test_a_switch_refuses_what_it_does_not_have(address):
    response = Client().post(address, {"language": "xx", "theme": "xx"})

    assert response.status_code == 400
    assert response.cookies == {}


@pytest.mark.parametrize("address", ["/language", "/theme"])
def test_a_switch_is_no_link(address):
    response = Client().get(address, headers={"Accept": "text/html"})

    assert response.status_code == 405
    assert response["Allow"] == "POST"


@pytest.mark.parametrize("address", ["/language", "/theme"])
def test_a_switch_asks_for_the_mark_of_its_form(address):
    response = Client(enforce_csrf_checks=True).post(
        address,
        {"language": "en", "theme": "dark"},
        headers={"Accept": "text/html", "Accept-Language": "en"},
    )

    assert response.status_code == 403
    assert "This form was open for too long" in response.text
