"""The bare address leads on."""

from __future__ import annotations

import pytest
from django.test import Client

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.staff import create

pytestmark = pytest.mark.django_db


def test_who_is_not_known_chooses_a_door():
    response = Client().get("/", headers={"Accept-Language": "zh-TW"})

    assert response.status_code == 200
    assert 'href="/my/"' in response.text
    assert 'href="/staff/"' in response.text
    assert "我是會員" in response.text


def test_staff_go_on_to_their_pages():
    owner = create(
        "lin@example.com", role="owner", at=clock.now(), actor=Actor("staff", "operator")
    ).record
    client = Client()
    client.force_login(owner)

    response = client.get("/")

    assert response.status_code == 302
    assert response["Location"] == "/staff/"


@pytest.mark.parametrize(("typed", "leads_to"), [("/staff", "/staff/"), ("/my", "/my/")])
def test_a_door_without_its_last_stroke_is_found(typed, leads_to):
    assert Client().get(typed)["Location"] == leads_to


def test_nothing_is_done_here():
    assert Client(enforce_csrf_checks=True).post("/").status_code in {403, 405}
