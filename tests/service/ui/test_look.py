"""``/look``: who may see it, and its two faces."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from huitouke.service.config.environment import Environment
from huitouke.service.config.signing_in import signing

pytestmark = pytest.mark.django_db


def test_who_is_not_signed_in_is_sent_to_sign_in():
    response = Client().get("/look?door=portal")

    assert response.status_code == 302
    assert response["Location"] == reverse("account_login") + "?next=%2Flook%3Fdoor%3Dportal"


def test_a_session_that_is_over_opens_nothing_and_nobody_keeps_the_page(owner):
    client = Client()
    client.force_login(owner)
    first = client.get("/look")
    kept = client.session
    del kept["staff.began"]
    kept.save()

    after = client.get("/look")

    assert first.status_code == 200
    assert "no-store" in first["Cache-Control"]
    assert after.status_code == 302
    assert after["Location"].startswith(reverse("account_login"))


def test_who_must_set_up_a_second_factor_does_that_first(owner, settings):
    settings.SIGNING = signing(Environment(second_factor="required"))
    client = Client()
    client.force_login(owner)

    assert client.get("/look")["Location"] == reverse("mfa_activate_totp")


@pytest.mark.parametrize("door", ["", "portal", "bare"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_layout_is_shown_in_every_language(owner, door, language):
    client = Client()
    client.force_login(owner)
    client.cookies["huitouke_language"] = language

    response = client.get(f"/look?door={door}")

    assert response.status_code == 200
    assert f'<html lang="{"en" if language == "en" else "zh-Hans"}" data-theme="system">' in (
        response.text
    )
    assert "<c-" not in response.text
    assert response.text.count("<h1") == 1


def test_the_language_of_the_record_is_taken_where_no_switch_was_used(owner):
    owner.language = "en"
    owner.save()
    client = Client(headers={"Accept-Language": "zh"})
    client.force_login(owner)

    assert '<html lang="en"' in client.get("/look").text


def test_htmx_gets_the_list_alone(owner):
    client = Client(headers={"HX-Request": "true"})
    client.force_login(owner)

    response = client.get("/look?q=lin")

    assert response.text.strip().startswith('<div id="people">')
    assert "<html" not in response.text
    assert "HX-Request" in response["Vary"]


def test_a_filter_that_leaves_nobody_says_so(owner):
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(owner)
    client.cookies["huitouke_language"] = "en"

    response = client.get("/look?q=nobody", headers={"HX-Request": "true"})

    assert "No customer fits" in response.text


def test_what_is_typed_into_the_filter_stays_text(owner, tags_of):
    client = Client()
    client.force_login(owner)

    response = client.get("/look", {"q": '"><script>alert(1)</script>', "tier": "' onx='1"})

    assert not [attrs for tag, attrs in tags_of(response.text) if tag == "script" and not attrs]
    assert 'value="&quot;&gt;&lt;script&gt;' in response.text
