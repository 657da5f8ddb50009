"""Every page of the staff says of a demo that it is one."""

from __future__ import annotations

import pytest

from huitouke.service.core import clock
from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.shop import describe
from huitouke.service.core.shop_view import ShopView

pytestmark = pytest.mark.django_db


def shown(client):
    return client.get("/staff/sign-in", headers={"Accept-Language": "en"}).content.decode()


def told(kind):
    given = ShopView(
        code="tea",
        kind=kind,
        names={"zh": "山间茶事", "en": "Hillside <Tea>"},
        attribution={"en": "Public data of somebody."},
    )
    describe(given, at=clock.now(), actor=SYSTEM)


def test_a_simulated_shop_is_named_and_marked(client):
    told("simulated")

    page = shown(client)

    assert "Hillside &lt;Tea&gt;" in page
    assert "A simulated shop: nobody here is real." in page


def test_public_data_name_their_source(client):
    told("public")

    assert "Public data of somebody." in shown(client)


def test_a_merchants_own_shop_is_marked_as_nothing(client):
    page = shown(client)

    assert 'class="simulated"' not in page
