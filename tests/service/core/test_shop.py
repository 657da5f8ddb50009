"""An installation is a merchant's own shop until it says otherwise."""

from __future__ import annotations

import pytest

from huitouke.service.core import clock
from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.models import Shop
from huitouke.service.core.shop import describe, finish_loading, shop
from huitouke.service.core.shop_view import ShopView

SIMULATED = ShopView(
    code="tea",
    kind="simulated",
    names={"zh": "茶", "en": "Tea"},
    attribution={"en": "Made up."},
    currency="CNY",
    zone="Asia/Shanghai",
    language="zh",
)


@pytest.mark.django_db
def test_a_shop_that_was_never_described_is_a_merchants_own():
    found = shop()

    assert (found.kind, found.is_demo, found.loaded) == ("own", False, True)


@pytest.mark.django_db
def test_a_demo_is_loaded_when_it_says_so():
    describe(SIMULATED, at=clock.now(), actor=SYSTEM)
    begun = shop()
    finish_loading(at=clock.now())

    assert (begun.is_demo, begun.loaded) == (True, False)
    assert shop() == SIMULATED


@pytest.mark.django_db
def test_describing_again_replaces_what_was_said():
    describe(SIMULATED, at=clock.now(), actor=SYSTEM)
    describe(ShopView(names={"zh": "米店"}, attribution={}), at=clock.now(), actor=SYSTEM)

    assert Shop.objects.count() == 1
    assert (shop().names, shop().kind) == ({"zh": "米店"}, "own")
