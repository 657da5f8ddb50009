"""Back-tests and codes are made in the background, watched, and may be called off."""

from __future__ import annotations

import re

import pytest

from huitouke.service.core.ids import private_id, public_id
from huitouke.service.programme.errands import running
from huitouke.service.programme.models.coupons import Code
from huitouke.service.programme.models.errands import Errand

pytestmark = pytest.mark.django_db


@pytest.fixture
def work():
    """Do all work that waits, as a worker would."""

    def do():
        for each in Errand.objects.filter(state="waiting"):
            running.run(each.id)

    return do


def ask(client, form, page, form_of, **given):
    return client.post(form, form_of(client.get(page), form=form, **given))


def test_a_back_test_is_asked_for_once_watched_and_read(
    marketer, to, draft, draft_id, busy, form_of, work
):
    draft.definition["rules"][0]["gives"]["points"] = 2
    draft.save()
    form, page = to("backtest", draft_id), to("draft", draft_id)
    sent = form_of(marketer.get(page), form=form, over="all")

    asked = marketer.post(form, sent)
    again = marketer.post(form, sent)

    assert asked["Location"] == again["Location"]
    assert Errand.objects.count() == 1
    assert "as soon as a worker is free" in marketer.get(asked["Location"]).content.decode()
    work()
    text = marketer.get(asked["Location"]).content.decode()
    assert "12 orders of 3 customers" in text
    assert "2,400 points more than now" in text
    assert "Members who get more: 3; fewer: 0" in text
    assert "too few to tell" in text
    assert "Back-test of" in marketer.get(to("check", draft_id)).content.decode()


@pytest.mark.parametrize(("role", "named"), [("marketer", True), ("analyst", False)])
def test_who_loses_is_named_to_who_may_see_customers(
    marketer, person, sign_in, to, draft, draft_id, busy, form_of, work, role, named
):
    draft.definition["rules"][0]["gives"]["per_minor"] *= 2
    draft.save()
    asked = ask(marketer, to("backtest", draft_id), to("draft", draft_id), form_of, over="all")
    work()

    text = sign_in(person(role)).get(asked["Location"]).content.decode()

    assert text.count("/staff/customers/cus_") == (3 if named else 0)
    assert ("138 0013 8002" in text) is named
    assert (re.search(r"…[0-9a-z]{8}", text) is None) is named


def test_a_draft_that_was_changed_since_says_so(
    marketer, to, draft, draft_id, busy, form_of, work
):
    asked = ask(marketer, to("backtest", draft_id), to("draft", draft_id), form_of)
    work()
    draft.refresh_from_db()
    draft.revision += 1
    draft.save()

    text = marketer.get(asked["Location"]).content.decode()

    assert "The draft was changed after this test." in text


def test_progress_is_told_until_the_end_then_the_page_is_loaded_anew(
    marketer, to, draft_id, busy, form_of, work
):
    asked = ask(marketer, to("backtest", draft_id), to("draft", draft_id), form_of)
    which = asked["Location"].rpartition("/")[2]

    waiting = marketer.get(to("progress", which), headers={"HX-Request": "true"})
    work()
    done = marketer.get(to("progress", which), headers={"HX-Request": "true"})

    assert (waiting.status_code, done.status_code) == (200, 286)
    assert "every 1s" in waiting.content.decode()
    assert done["HX-Refresh"] == "true"


def test_what_was_called_off_is_not_done(marketer, to, draft_id, busy, form_of, work):
    asked = ask(marketer, to("backtest", draft_id), to("draft", draft_id), form_of)
    which = asked["Location"].rpartition("/")[2]
    form = to("call_off", which)

    ask(marketer, form, asked["Location"], form_of)
    work()

    assert Errand.objects.get().state == "cancelled"
    assert "It was called off" in marketer.get(asked["Location"]).content.decode()


def test_codes_are_made_and_their_list_is_taken_out_once_freely_then_with_a_reason(
    marketer, to, campaign, form_of, work
):
    page = to("campaign", public_id("cpn", campaign.id))
    form = to("campaign_codes", public_id("cpn", campaign.id))
    asked = ask(marketer, form, page, form_of, count="120")
    work()
    batch = Errand.objects.get().result["batch"]
    taken = to("batch_csv", batch)

    first = marketer.post(taken)
    second = marketer.post(taken)
    third = marketer.post(taken, {"reason": "The printer lost it"})

    assert to("batch", batch) in marketer.get(asked["Location"]).content.decode()
    codes = first.content.decode().split()
    assert len(codes) == len(set(codes)) == 120
    assert set(codes) == set(Code.objects.values_list("code", flat=True))
    assert second.status_code == 422
    assert "taken out already" in second.content.decode()
    assert third.content == first.content


def test_too_many_codes_are_refused_and_nothing_is_asked_for(marketer, to, campaign, form_of):
    which = public_id("cpn", campaign.id)
    for count in ("0", "many", "99999999"):
        ask(marketer, to("campaign_codes", which), to("campaign", which), form_of, count=count)

    assert Errand.objects.count() == 0


def test_who_may_read_rules_does_not_see_codes(
    person, sign_in, to, campaign, form_of, marketer, work
):
    which = public_id("cpn", campaign.id)
    asked = ask(
        marketer, to("campaign_codes", which), to("campaign", which), form_of, count="5"
    )
    work()
    errand = asked["Location"].rpartition("/")[2]
    reader = sign_in(person("analyst"))

    assert reader.get(asked["Location"]).status_code == 403
    assert reader.get(to("errand", errand)).status_code == 404
    assert reader.get(to("campaign", which)).status_code == 403
    assert reader.post(to("batch_csv", Errand.objects.get().result["batch"])).status_code == 403


def test_codes_of_an_errand_that_is_called_off_meanwhile_are_not_there(campaign, programme):
    from huitouke.service.core import clock
    from huitouke.service.core.actor import Actor
    from huitouke.service.programme.errands import commands

    made = commands.ask_codes(
        campaign.id, count=50, key="k", at=clock.now(), actor=Actor("staff", "lin")
    )
    pace = running.Pace()
    pace.stop()

    found = running.run(made.id, pace=pace)

    assert found.state == "failed"
    assert found.error_code == "programme.errand_called_off"
    assert Code.objects.count() == 0
    assert private_id("err", public_id("err", found.id)) == made.id
