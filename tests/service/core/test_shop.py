"""An installation is a merchant's own shop until it says otherwise."""

from __future__ import annotations

import math

import pytest

from huitouke.service.core import audit, clock
from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.models import Shop
from huitouke.service.core.shop import (
    EconomicsInvalid,
    describe,
    finish_loading,
    set_economics,
    shop,
)
from huitouke.service.core.shop_view import ShopView

SIMULATED = ShopView(
    code="tea",
    kind="simulated",
    names={"zh": "茶", "en": "Tea"},
    attribution={"en": "Made up."},
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


@pytest.mark.django_db
def test_a_shop_counts_with_what_it_says_and_the_log_says_what_was_before():
    set_economics(margin=0.42, discount_rate=0.08, at=clock.now(), actor=SYSTEM)
    set_economics(margin=0.42, discount_rate=0.08, at=clock.now(), actor=SYSTEM)

    assert (shop().margin, shop().discount_rate) == (0.42, 0.08)
    line = audit.Audit.objects.get(action="shop.economics_changed")
    assert (line.facts["margin"], line.facts["margin_before"]) == (0.42, 0.3)
    assert (line.facts["discount_rate"], line.facts["discount_rate_before"]) == (0.08, 0.15)


@pytest.mark.django_db
def test_describing_a_shop_leaves_what_it_counts_with():
    set_economics(margin=0.42, discount_rate=0.08, at=clock.now(), actor=SYSTEM)

    describe(SIMULATED, at=clock.now(), actor=SYSTEM)

    assert (shop().margin, shop().discount_rate) == (0.42, 0.08)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong", [{"margin": 0.0}, {"margin": 1.01}, {"discount_rate": -0.1}, {"margin": math.nan}]
)
def test_a_margin_or_rate_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(EconomicsInvalid):
        set_economics(
            **{"margin": 0.3, "discount_rate": 0.15, **wrong}, at=clock.now(), actor=SYSTEM
        )

    assert not Shop.objects.exists()
