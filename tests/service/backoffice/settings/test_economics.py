"""The margin and discount rate that analyses count with, in Settings → Shop."""

from __future__ import annotations

import pytest
from django.urls import reverse

from huitouke.service.core import shop as shops
from huitouke.service.core.models import Audit
from huitouke.service.loop.models import Analysis

pytestmark = pytest.mark.django_db

SENT = {"margin": "42.5", "discount_rate": "8", "key": "k1"}


@pytest.fixture
def owner(person, sign_in):
    return sign_in(person("owner"))


def text(answer):
    return answer.content.decode()


def test_what_is_written_in_percent_is_kept_as_a_share_and_shown_again(owner):
    answers = [owner.post(reverse("settings_economics"), SENT) for _ in range(2)]
    page = text(owner.get(answers[0]["Location"]))

    assert [each.status_code for each in answers] == [303, 303]
    assert (shops.shop().margin, shops.shop().discount_rate) == (0.425, 0.08)
    assert "Analyses count with a margin of 42.5% and a discount of 8% from now on." in page
    assert 'value="42.5"' in page
    assert Audit.objects.filter(action="shop.economics_changed").count() == 1


def test_every_way_to_an_analysis_counts_with_it(owner):
    owner.post(reverse("settings_economics"), SENT)

    form = text(owner.get(reverse("insight_analyses")))
    # What the button after an import sends, too.
    owner.post(reverse("insight_ask"), {"key": "k2"})

    made = Analysis.objects.get()
    assert 'value="42.5"' in form
    assert (made.margin, made.discount_rate) == (0.425, 0.08)


@pytest.mark.parametrize(
    ("field", "bad"),
    [("margin", "0"), ("margin", "101"), ("margin", ""), ("discount_rate", "-1")],
)
def test_what_makes_no_sense_is_told_at_its_field(owner, field, bad):
    answer = owner.post(reverse("settings_economics"), {**SENT, field: bad})

    assert answer.status_code == 422
    assert list(answer.context["page"].economics.errors) == [field]
    assert shops.shop().margin == shops.ShopView.margin


def test_who_may_not_change_the_shop_changes_nothing(person, sign_in):
    analyst = sign_in(person("analyst"))

    assert analyst.post(reverse("settings_economics"), SENT).status_code == 403
    assert shops.shop().margin == shops.ShopView.margin
