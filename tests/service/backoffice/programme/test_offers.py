"""Rewards, coupons, referrals, stamps and liability as staff keep them."""

from __future__ import annotations

import io
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huitouke.service.backoffice.programme.exports import as_workbook
from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.customers import commands
from huitouke.service.customers import queries as customers
from huitouke.service.programme.economics import closings
from huitouke.service.programme.models.coupons import Code, CouponCampaign
from huitouke.service.programme.models.referrals import Referral
from huitouke.service.programme.models.rewards import Reward
from huitouke.service.programme.rewards import generation
from huitouke.service.programme.rewards.issuing import issue_code

pytestmark = pytest.mark.django_db
LIN = Actor("staff", "lin")


def test_a_reward_is_offered_changed_counted_and_paused(marketer, to, programme, form_of):
    new = to("reward_new")
    sent = form_of(marketer.get(new), form="", name_zh="保温杯", code="thermos")

    made = marketer.post(
        new, sent | {"cash_minor": "9.90", "to_on": "2027-05-31", "stock": "5"}
    )
    again = marketer.post(
        new, sent | {"cash_minor": "9.90", "to_on": "2027-05-31", "stock": "5"}
    )

    assert made.status_code == again.status_code == 303
    reward = Reward.objects.get()
    which = public_id("rwd", reward.id)
    assert (reward.cash_minor, reward.stock_left) == (990, 5)
    assert reward.valid_to.isoformat() == "2027-05-31T16:00:00+00:00"
    stock = to("reward_stock", which)
    marketer.post(stock, form_of(marketer.get(to("reward", which)), form=stock, count="-2"))
    pause = to("reward_pause", which)
    marketer.post(pause, form_of(marketer.get(to("rewards")), form=pause))
    edit = to("reward", which)
    marketer.post(edit, form_of(marketer.get(edit), form="", cost_points="800"))
    reward.refresh_from_db()
    assert (reward.stock_left, reward.enabled, reward.cost_points) == (3, False, 800)
    assert reward.valid_to.isoformat() == "2027-05-31T16:00:00+00:00"
    assert "保温杯" in marketer.get(to("rewards") + "?show=paused").content.decode()
    assert (
        "No reward is like that"
        in marketer.get(to("rewards") + "?show=offered").content.decode()
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name_zh": ""}, "Give it a name"),
        ({"code": "Big Gift"}, "Small letters"),
        ({"kind": "voucher"}, "The field campaign cannot be"),
        ({"limit_days": "7"}, "The field limit_days cannot be"),
        ({"from_on": "2027-05-31", "to_on": "2027-01-01"}, "The field validity cannot be"),
    ],
)
def test_a_reward_that_cannot_be_is_not_offered(marketer, to, programme, form_of, given, said):
    new = to("reward_new")
    sent = form_of(marketer.get(new), form="", name_zh="杯", code="cup")

    answer = marketer.post(new, sent | given)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Reward.objects.exists()


def test_a_campaign_is_made_and_changed_and_keeps_what_the_form_does_not_say(
    marketer, to, programme, form_of
):
    new = to("campaign_new")
    sent = form_of(marketer.get(new), form="", name_en="Ten off", kind="amount", amount="10")

    made = marketer.post(new, sent | {"min_spend_minor": "59", "in_categories": "tea"})

    campaign = CouponCampaign.objects.get()
    assert (campaign.value, campaign.min_spend_minor) == (1000, 5900)
    campaign.scope = {**campaign.scope, "exclude": {"skus": ["s9"]}}
    campaign.save()
    page = made["Location"]
    marketer.post(page, form_of(marketer.get(page), form="", per_member_limit="2"))
    campaign.refresh_from_db()
    assert campaign.per_member_limit == 2
    assert campaign.scope["include"]["categories"] == ["tea"]
    assert campaign.scope["exclude"]["skus"] == ["s9"]


def test_a_campaign_without_its_value_is_a_mistake_at_the_field(
    marketer, to, programme, form_of
):
    new = to("campaign_new")

    answer = marketer.post(new, form_of(marketer.get(new), form="", name_en="Off"))

    assert answer.status_code == 422
    assert 'id="id_percent_error"' in answer.content.decode()


def test_a_word_becomes_a_code_is_looked_up_and_withdrawn(marketer, to, campaign, form_of):
    page = to("campaign", public_id("cpn", campaign.id))
    form = to("campaign_word", public_id("cpn", campaign.id))
    marketer.post(form, form_of(marketer.get(page), form=form, word="spring"))

    found = marketer.get(to("code") + "?code=Spring")
    void = to("code_void")
    marketer.post(void, form_of(found, form=void, reason="Printed by mistake"))

    assert "It was never used." in found.content.decode()
    assert Code.objects.get(code="SPRING").void
    assert "withdrawn" in marketer.get(to("code") + "?code=SPRING").content.decode()
    nothing = marketer.get(to("code") + "?code=%3Cscript%3E").content.decode()
    assert "There is no such code" in nothing
    assert "<script>" not in nothing.replace("<script src", "")


def test_a_paused_campaign_says_so_and_runs_again(marketer, to, campaign, form_of):
    page = to("campaign", public_id("cpn", campaign.id))
    form = to("campaign_pause", public_id("cpn", campaign.id))

    marketer.post(form, form_of(marketer.get(page), form=form))
    paused = marketer.get(page).content.decode()
    marketer.post(form, form_of(marketer.get(page), form=form))

    campaign.refresh_from_db()
    assert "none of its codes can be used" in paused
    assert campaign.enabled


@pytest.fixture
def flagged(shop, programme, busy):
    """A referral between two members that somebody has to look at."""
    advocate, friend = (customers.find("phone", f"1380013800{n}").id for n in (0, 1))
    return Referral.objects.create(
        programme=programme,
        programme_id="main",
        version=1,
        code="AAAA",
        advocate_id=advocate,
        friend_id=friend,
        state="review",
        flags=["same_device", "not_new"],
        unit="points",
        advocate_points=200,
        friend_points=100,
        created_at=clock.now(),
    )


@pytest.mark.parametrize(("decision", "state"), [("approve", "pending"), ("refuse", "refused")])
def test_a_flagged_referral_says_why_and_is_decided_with_a_reason(
    person, sign_in, to, flagged, form_of, decision, state
):
    care = sign_in(person("care"))
    which = public_id("rfl", flagged.id)
    form, field = to("referral", which), f"reason_{decision}-{which}"
    page = care.get(to("referrals"))
    sent = {**form_of(page, form=form), "decision": decision}

    without = care.post(form, sent | {field: " "})
    decided = care.post(form, sent | {"key": "another", field: "Both live there"})

    text = page.content.decode()
    assert "The friend uses a device of the advocate" in text
    assert "The friend bought here before" in text
    assert without.status_code == 422
    assert decided.status_code == 303
    flagged.refresh_from_db()
    assert (flagged.state, flagged.decided_because) == (state, "Both live there")
    assert "No referral waits" in care.get(to("referrals")).content.decode()


def test_who_turned_out_to_be_one_person_can_only_be_declined(
    person, sign_in, to, flagged, form_of
):
    Referral.objects.update(friend_id=flagged.advocate_id, flags=["same_person"])
    care = sign_in(person("care"))
    which = public_id("rfl", flagged.id)
    form = to("referral", which)
    page = care.get(to("referrals"))
    sent = {**form_of(page, form=form), "decision": "approve"}

    care.post(form, sent | {f"reason_approve-{which}": "Both live there"})

    text = page.content.decode()
    assert "The two turned out to be one person." in text
    assert f"refuse-{which}" in text
    assert f"approve-{which}" not in text
    assert "are one person" in care.get(to("referrals")).content.decode()
    assert Referral.objects.get().state == "review"


def test_who_decides_on_a_referral_reads_who_the_two_are(person, sign_in, to, flagged):
    advocate = customers.find("phone", "13800138000")
    commands.change(advocate.id, name="Lin <b>Na</b>", at=clock.now(), actor=LIN)

    text = sign_in(person("care")).get(to("referrals")).content.decode()

    assert "Lin &lt;b&gt;Na" in text
    assert "138 0013 8001" in text
    for key in (flagged.advocate_id, flagged.friend_id):
        assert reverse("customer", args=[public_id("cus", key)]) in text


def test_the_review_queue_asks_as_many_questions_however_long_it_is(
    owner, to, flagged, shop, programme
):
    owner.get(to("referrals"))
    with CaptureQueriesContext(connection) as few:
        owner.get(to("referrals"))
    for place in range(6):
        shop.join(f"1380013810{place}", days_ago=3)
        friend = customers.find("phone", f"1380013810{place}").id
        Referral.objects.create(
            programme=programme, programme_id="main", version=1, code="AAAA",
            advocate_id=flagged.advocate_id, friend_id=friend, state="review",
            flags=["ring"], unit="points", advocate_points=1, friend_points=1,
            created_at=clock.now(),
        )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        page = owner.get(to("referrals")).context["page"]

    assert len(page.rows) == 7
    assert len(few) == len(many) <= 20


def test_a_code_names_its_owner_to_who_may_open_their_page(marketer, to, campaign, busy):
    owner = customers.find("phone", "13800138001")
    code = issue_code(
        CouponCampaign.objects.get(id=campaign.id),
        customer=owner.id, at=clock.now(), because="test",
    )  # fmt: skip

    text = marketer.get(to("code"), {"code": code}).content.decode()

    assert "138 0013 8001" in text
    assert reverse("customer", args=[public_id("cus", owner.id)]) in text


def test_stamp_cards_are_counted(owner, to, shop, programme):
    shop.join("13800138009", days_ago=30)
    for days in (20, 10):
        shop.buy("13800138009", 3000, days_ago=days, category="coffee")

    text = owner.get(to("stamps")).content.decode()

    assert "Coffee card" in text
    assert 'data-label="Stamps on them" class="number">2<' in text


def test_liability_goes_out_as_files_that_agree_with_the_page(owner, to, busy):
    page = owner.get(to("liability")).content.decode()

    table = owner.get(to("liability_file", "csv"))
    book = owner.get(to("liability_file", "xlsx"))

    last = table.content.decode().strip().splitlines()[-1].split(",")
    assert "2,700" in page
    assert last[8] == "2700"
    with ZipFile(io.BytesIO(book.content)) as parts:
        assert sum(name.startswith("xl/worksheets/sheet") for name in parts.namelist()) == 3


def test_a_large_ledger_is_shown_as_last_closed_and_up_to_now_where_one_asks(
    owner, to, busy, monkeypatch
):
    monkeypatch.setattr(closings, "FRESH_MOST", 0)
    address = to("liability")

    page = owner.get(address).content.decode()
    cost = owner.get(to("cost"), headers={"HX-Request": "true"}).content.decode()
    now = owner.get(f"{address}?as_of=latest").content.decode()

    # What the test wrote just now is no part of yesterday.
    assert f'href="{address}?as_of=latest"' in page
    assert "2,700" not in page
    assert "2,700" not in cost
    assert "2,700" in now
    assert f'href="{to("liability_file", "csv")}?as_of=latest"' in now


def test_a_text_that_looks_like_a_formula_stays_a_text_in_a_workbook():
    answer = as_workbook("x", sheets={"s": [["head"], ["=1+1"]]})

    with ZipFile(io.BytesIO(answer.content)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet


def test_who_may_not_see_what_is_owed_sees_no_cost(marketer, to, busy):
    home = marketer.get(to("home")).content.decode()

    assert to("cost") not in home
    assert marketer.get(to("cost")).status_code == 403
    assert marketer.get(to("liability")).status_code == 403


def test_lists_ask_few_questions_however_long_they_are(
    owner, to, offer, programme, django_assert_max_num_queries
):
    for place in range(12):
        offer(code=f"g{place}")
    for name in ("rewards", "coupons", "home", "history"):
        owner.get(to(name))
        with django_assert_max_num_queries(16):
            owner.get(to(name))


def test_many_codes_come_page_by_page(campaign, monkeypatch):
    from huitouke.service.backoffice.programme.pages import codes

    made = generation.generate_codes(campaign.id, count=25, key="k", at=clock.now(), actor=LIN)
    monkeypatch.setattr(codes, "_PAGE", 10)

    assert len(set(codes._codes(made.id))) == 25
