"""The story of the simulated shop is the same every time, and plausible."""

from __future__ import annotations

from datetime import date

import pytest

from huitouke.cli.demo.simulated.goods import CATEGORIES, GOODS, good_for
from huitouke.cli.demo.simulated.story import ZONE, tell_story

LAST = date(2026, 11, 27)


@pytest.fixture(scope="module")
def story():
    return tell_story(customers=150, last_day=LAST)


def test_the_same_last_day_tells_the_same_story(story):
    again = tell_story(customers=150, last_day=LAST)

    assert again.sales == story.sales
    assert again.people == story.people


def test_the_last_sale_is_on_the_last_day_or_just_before_it(story):
    last = story.sales[-1].at.astimezone(ZONE).date()

    assert (LAST - last).days <= 1
    assert (last - story.sales[0].at.astimezone(ZONE).date()).days > 700


def test_the_story_of_the_next_day_is_longer_by_a_day(story):
    tomorrow = tell_story(customers=150, last_day=date(2026, 11, 28))

    assert tomorrow.sales[: len(story.sales)] == story.sales
    assert len(tomorrow.sales) >= len(story.sales)


def test_what_is_paid_is_the_price_less_the_discount(story):
    for sale in story.sales:
        for line in sale.lines:
            assert line.amount_minor + line.discount_minor == (
                line.good.price_minor * line.pieces
            )
            assert line.amount_minor > 0


def test_nothing_comes_back_before_it_was_bought(story):
    assert all(at > sale.at for sale in story.sales for at in sale.back.values())
    assert any(sale.back for sale in story.sales)


def test_every_category_has_goods_and_every_number_is_one_good():
    numbers = [each.sku for goods in GOODS.values() for each in goods]

    assert GOODS.keys() == CATEGORIES.keys()
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize(("minor", "pieces"), [(100, 1), (1_800, 1), (5_400, 3)])
def test_so_many_are_bought_as_the_money_is_good_for(minor, pieces):
    good, found = good_for("coffee", minor=minor, lot=0)

    assert (good.sku, found) == ("CF-01", pieces)
