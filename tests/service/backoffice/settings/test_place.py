"""Currency and time zone of the shop, chosen in Settings before anything is counted."""

from __future__ import annotations

import pytest
from django.urls import reverse

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.customers import commands as customers
from huitouke.service.programme.events.membership import enrol
from huitouke.service.programme.models.versions import Programme
from huitouke.service.programme.versions.starter import begin

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script>"
ACTOR = Actor("staff", "somebody")


@pytest.fixture
def owner(person, sign_in):
    return sign_in(person("owner"))


def text(answer):
    return answer.content.decode()


def test_currency_and_time_zone_are_chosen_while_nothing_is_counted(owner):
    begin(at=clock.now(), actor=ACTOR)
    sent = {"currency": "hkd", "zone": "Asia/Hong_Kong", "key": "k1"}

    answers = [owner.post(reverse("settings_place"), sent) for _ in range(2)]
    page = owner.get(answers[0]["Location"])

    assert [each.status_code for each in answers] == [303, 303]
    assert "The shop counts in HKD, by the days of Asia/Hong_Kong, from now on." in text(page)
    (row,) = page.context["page"].programmes
    assert (row.currency, row.zone) == ("HKD", "Asia/Hong_Kong")
    assert page.context["frame"].shop.currency == "HKD"
    assert page.context["frame"].shop.zone == "Asia/Hong_Kong"


@pytest.mark.parametrize(
    ("field", "bad"),
    [("currency", "ABC"), ("currency", ""), ("zone", "Hong Kong"), ("zone", SCRIPT)],
)
def test_a_currency_or_zone_that_is_none_is_told_at_its_field(owner, field, bad):
    begin(at=clock.now(), actor=ACTOR)
    sent = {"currency": "HKD", "zone": "Asia/Hong_Kong", "key": "k1", field: bad}

    answer = owner.post(reverse("settings_place"), sent)

    assert answer.status_code == 422
    assert list(answer.context["page"].place.errors) == [field]
    assert SCRIPT not in text(answer)
    assert Programme.objects.get().currency == "CNY"


def test_where_something_is_counted_currency_and_zone_are_no_longer_asked_for(owner):
    begin(at=clock.now(), actor=ACTOR)
    made = customers.create([("phone", "13812345678")], name="Lin", at=clock.now(), actor=ACTOR)
    enrol(made.pk, at=clock.now(), actor=ACTOR)

    page = owner.get(reverse("settings_shop"))
    sent = {"currency": "HKD", "zone": "Asia/Hong_Kong", "key": "k1"}
    answer = owner.post(reverse("settings_place"), sent)

    assert page.context["page"].place is None
    assert answer.status_code == 302
    told = text(owner.get(answer["Location"]))
    assert "are counted in CNY and in the days of Asia/Shanghai already" in told
    assert Programme.objects.get().currency == "CNY"
