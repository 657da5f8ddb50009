"""Refusals keep the menu around them for who is signed in, and say where nobody is real."""

from __future__ import annotations

from dataclasses import replace

import pytest
from counter import Counter
from django.db import OperationalError
from django.test import RequestFactory
from django.urls import reverse

from huitouke.service.backoffice import frame
from huitouke.service.config.middleware import DatabaseAway, told
from huitouke.service.core import clock, shop
from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.shop_view import ShopView

pytestmark = pytest.mark.django_db
NOTHING = "/staff/nothing-here"
MENU = 'class="nav"'


@pytest.fixture
def simulated(db):
    Counter().open()
    names = {"zh": "青禾茶", "en": "Green Rice Tea"}
    view = ShopView(kind="simulated", names=names, attribution={})
    shop.describe(view, at=clock.now(), actor=SYSTEM)


@pytest.mark.parametrize(
    ("role", "address", "status"),
    [
        ("care", NOTHING, 404),
        ("care", "/staff/customers/cus_00000000000000000000000000", 404),
        ("care", "/staff/settings/staff", 403),
        ("owner", "/staff/programme/versions/ver_00000000000000000000000000", 404),
    ],
)
def test_who_is_signed_in_keeps_the_menu(simulated, person, sign_in, role, address, status):
    answer = sign_in(person(role)).get(address)

    text = answer.content.decode()
    assert answer.status_code == status
    assert MENU in text
    assert reverse("account_overview") in text
    assert "nobody here is real" in text
    assert "Green Rice Tea" in text
    assert f'href="{reverse("staff_home")}"' in text


def test_the_way_out_works_from_a_refusal(person, sign_in):
    client = sign_in(person("care"))
    refused = client.get(NOTHING)
    mark = refused.context["csrf_token"]

    assert str(mark) in refused.content.decode()


@pytest.mark.parametrize("address", [NOTHING, "/my/nothing-here"])
def test_who_is_not_signed_in_reads_whose_shop_it_is_and_no_menu(simulated, browser, address):
    text = browser().get(address).content.decode()

    assert MENU not in text
    assert "There is nothing here" in text
    assert "nobody here is real" in text


def test_who_owes_a_second_factor_gets_no_menu(person, sign_in, settings):
    settings.SIGNING = replace(settings.SIGNING, second_factor_roles=frozenset({"owner"}))
    client = sign_in(person("owner"))

    text = client.get(NOTHING).content.decode()

    assert MENU not in text


def test_without_a_database_a_refusal_stands_alone(person, sign_in, monkeypatch):
    client = sign_in(person("care"))

    def away(*_, **__):
        raise OperationalError

    monkeypatch.setattr(frame, "shop", away)
    answer = client.get(NOTHING)

    assert answer.status_code == 404
    assert MENU not in answer.content.decode()
    assert "There is nothing here" in answer.content.decode()


def test_what_broke_on_our_side_asks_nobody_for_a_frame(django_assert_num_queries):
    request = RequestFactory().get(NOTHING, headers={"Accept": "text/html"})

    with django_assert_num_queries(0):
        answer = told(request, DatabaseAway(retry_after=2))

    assert answer.status_code == 503
    assert MENU not in answer.content.decode()


def test_a_part_of_a_page_is_refused_without_a_frame(person, sign_in):
    answer = sign_in(person("care")).get(
        "/staff/settings/staff", headers={"HX-Request": "true"}
    )

    assert answer.status_code == 403
    assert MENU not in answer.content.decode()
