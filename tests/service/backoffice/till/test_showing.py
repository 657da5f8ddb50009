"""What a member redeemed on a phone is shown at the counter, and goes over it once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from counter import BOSS, Counter, form_key, key
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huitouke.service.core.ids import new_id, public_id, spoken_id
from huitouke.service.programme.mine.reach import obtain
from huitouke.service.programme.models import CouponCampaign, Redemption
from huitouke.service.programme.rewards import catalogue
from huitouke.service.programme.rewards.completion import capture, release
from huitouke.service.programme.rewards.jobs import expire_holds
from huitouke.service.programme.rewards.pacts import join_pact, offer_pact

pytestmark = pytest.mark.django_db
TILL = "/staff/till"
HOLD = timedelta(hours=48)


def redeemed(shop: Counter, customer, reward, *, waits=HOLD):
    return obtain(
        customer.pk,
        programme="main",
        reward=reward.id,
        key=f"my-{new_id()}",
        at=shop.now,
        actor=BOSS,
        waits=waits,
    )


def shared(shop: Counter, one, other=None, *, cost=500, gives=200, **fields):
    reward = shop.reward(cost, cooperative=True, **fields)
    more = {"at": shop.now, "actor": BOSS}
    pact = offer_pact(
        one.pk, programme="main", reward=reward.id, points=gives, key=str(new_id()), **more
    )
    if other is not None:
        pact = join_pact(pact.id, customer=other.pk, key=str(new_id()), **more)
    return pact


def at(made):
    return reverse("till_redemption", args=[public_id("rdm", made.id)])


def pact_at(pact):
    return reverse("till_shared", args=[public_id("pct", pact.id)])


@pytest.mark.parametrize(
    "spelling",
    [
        lambda made: public_id("rdm", made.id),
        lambda made: f"https://shop.example/my/redemptions/{public_id('rdm', made.id)}",
        lambda made: spoken_id(made.id),
        lambda made: spoken_id(made.id).lower().replace(" ", "-"),
        lambda made: spoken_id(made.id).replace(" ", "").replace("0", "o").replace("1", "I"),
    ],
    ids=["scanned", "address", "read out", "typed", "misheard"],
)
def test_a_code_opens_what_was_redeemed_however_it_is_given(shop, as_role, spelling):
    made = redeemed(shop, shop.member(points=900), shop.reward(400))

    answer = as_role("front_line").get(TILL, {"q": spelling(made)})

    assert answer["Location"] == at(made)


def test_the_page_says_what_it_is_whose_and_what_handing_over_means(shop, as_role):
    who = shop.member("Lin Xiaoyu", points=900, phone="13812345678")
    made = redeemed(shop, who, shop.reward(400, cash_minor=1_000))

    answer = as_role("front_line").get(at(made))

    page, text = answer.context["page"], answer.content.decode()
    assert (page.reward, page.state, page.cash_minor) == (
        "Cup",
        "Waits to be handed over",
        1_000,
    )
    assert (page.parts[0].name, page.parts[0].note) == ("Lin Xiaoyu", "+86 138 **** 5678")
    assert "Handing it over spends the 400 points that are set aside." in text
    assert "400 points go back to the member at once." in text
    assert "13812345678" not in text.replace(" ", "")


def test_it_is_handed_over_once_on_a_double_click(shop, as_role):
    who, client = shop.member(points=900), as_role("front_line")
    made = redeemed(shop, who, shop.reward(400))
    page = client.get(at(made))
    form = {"key": form_key(page, -1)}

    first = client.post(page.context["page"].hand_over_url, form)
    second = client.post(page.context["page"].hand_over_url, form)

    made.refresh_from_db()
    assert first["Location"] == second["Location"] == reverse("till_member", args=[key(who)])
    assert (made.state, made.used_at is not None) == ("captured", True)
    assert (
        "Cup: 400 points spent. Hand it over." in client.get(first["Location"]).content.decode()
    )
    assert (shop.balance(who).active, shop.balance(who).held) == (500, 0)


def test_a_picture_of_the_code_brings_no_second_reward_at_the_next_till(shop, as_role):
    who = shop.member(points=900)
    made = redeemed(shop, who, shop.reward(400))
    url = f"{at(made)}/hand-over"
    as_role("front_line").post(url, {"key": "one"})
    other = as_role("front_line")

    again = other.post(url, {"key": "two"})
    shown = other.get(at(made))

    assert again.status_code == 422
    assert "This was handed over already." in again.content.decode()
    assert "Do not hand it over a second time." in shown.content.decode()
    assert shown.context["page"].hand_over_url == ""
    assert shop.balance(who).active == 500


def test_what_a_machine_completed_counts_as_handed_over(shop, as_role):
    made = redeemed(shop, shop.member(points=900), shop.reward(400))
    capture(made.id, at=shop.now, actor=BOSS)

    answer = as_role("front_line").post(f"{at(made)}/hand-over", {"key": "k"})

    assert answer.status_code == 422
    assert answer.context["page"].state == "Handed over"


def test_points_go_back_once_when_the_member_gives_it_up(shop, as_role):
    who, client = shop.member(points=900), as_role("front_line")
    reward = shop.reward(400, stock_left=1)
    made = redeemed(shop, who, reward)
    form = {"key": form_key(client.get(at(made)), -1)}

    first = client.post(f"{at(made)}/give-back", form)
    second = client.post(f"{at(made)}/give-back", form)
    late = client.post(f"{at(made)}/hand-over", {"key": "other"})

    reward.refresh_from_db()
    assert first["Location"] == second["Location"]
    assert (shop.balance(who).active, reward.stock_left) == (900, 1)
    assert late.status_code == 422
    assert late.context["page"].state == "Cancelled"


def test_what_was_handed_over_is_not_given_back(shop, as_role):
    who, client = shop.member(points=900), as_role("front_line")
    made = redeemed(shop, who, shop.reward(400))
    client.post(f"{at(made)}/hand-over", {"key": "one"})

    answer = client.post(f"{at(made)}/give-back", {"key": "two"})

    assert answer.status_code == 422
    assert shop.balance(who).active == 500


@pytest.mark.parametrize("swept", [True, False], ids=["swept", "not yet"])
def test_what_was_not_fetched_in_time_is_told_and_not_handed_over(
    shop, as_role, shift_clock, swept
):
    who = shop.member(points=900)
    made = redeemed(shop, who, shop.reward(400), waits=timedelta(hours=1))
    shift_clock(timedelta(hours=2))
    if swept:
        expire_holds(at=shop.now)
    client = as_role("front_line")

    page = client.get(at(made)).context["page"]
    answer = client.post(f"{at(made)}/hand-over", {"key": "k"})

    assert page.state == "Not used in time"
    assert (page.hand_over_url, page.give_back_url) == ("", "")
    assert "points went back: redeem again if wanted." in page.says
    assert answer.status_code == 422
    assert shop.balance(who).active == 900


@pytest.mark.parametrize("code", ["7K2M 9QXT", public_id("rdm", UUID(int=1))])
def test_a_code_that_nothing_has_is_told_in_words(shop, as_role, code):
    client = as_role("front_line")

    text = client.get(TILL, {"q": code}).content.decode()

    assert "Nothing was redeemed under this code" in text
    assert "Nobody is known by that" not in text
    assert client.get(f"{TILL}/redemptions/{public_id('rdm', new_id())}").status_code == 404


def test_a_person_goes_before_a_code_and_a_name_is_no_code(shop, as_role):
    who = shop.member("Huangfei", phone="+85291234567")
    client = as_role("front_line")

    by_phone = client.get(TILL, {"q": "+852 9123 4567"})
    by_name = client.get(TILL, {"q": "Huangfei"}).context["page"]

    assert by_phone["Location"] == reverse("till_member", args=[key(who)])
    assert [row.name for row in by_name.found] == ["Huangfei"]
    assert not by_name.unknown_code


def test_of_two_with_the_same_letters_both_are_shown_with_who_and_what(shop, as_role):
    one, other = shop.member("Lin Dan", points=900), shop.member("Wang Wei", points=900)
    made = redeemed(shop, one, shop.reward(400))
    twin = redeemed(shop, other, shop.reward(300, names={"en": "Mug", "zh": "马克杯"}))
    same = twin.id.__class__(int=(made.id.int & ~(0xFF << 60)) | (0x11 << 60))
    Redemption.objects.filter(id=twin.id).update(id=same)

    page = as_role("front_line").get(TILL, {"q": spoken_id(made.id)}).context["page"]

    assert [(row.reward, row.who) for row in page.shown] == [
        ("Mug", "Wang Wei"),
        ("Cup", "Lin Dan"),
    ]


def test_points_that_lapsed_while_they_waited_are_named_before_they_are_lost(
    shop, as_role, shift_clock
):
    who = shop.member()
    shop.earn(who, 150, expires_at=shop.later(hours=3))
    shop.earn(who, 350)
    made = redeemed(shop, who, shop.reward(400))
    before = as_role("front_line").get(at(made)).context["page"].warnings
    shift_clock(timedelta(hours=4))
    client = as_role("front_line")

    asked = client.get(at(made)).context["page"]
    after = asked.warnings
    told = client.post(f"{at(made)}/give-back", {"key": "k"}, follow=True)

    assert before == ()
    assert asked.returns == "250 points go back to the member at once."
    assert "250 points went back: redeem again if wanted." in (
        client.get(at(made)).context["page"].says
    )
    assert "Given up: 250 points went back." in told.content.decode()
    assert after[0].said == (
        "150 of these points are out of date by now: given back, they are gone."
    )
    assert shop.balance(who).active == 350


def test_a_coupon_reward_that_waits_gives_its_code_at_the_counter(shop, as_role):
    campaign = catalogue.add_campaign(
        "main", names={"en": "Tenth off"}, kind="percent", value=1_000, at=shop.now, actor=BOSS
    )
    reward = shop.reward(
        200, kind="percent", campaign=CouponCampaign.objects.get(id=campaign.id).id
    )
    who, client = shop.member(points=900), as_role("front_line")
    made = redeemed(shop, who, reward)

    page = client.get(at(made)).context["page"]

    assert page.state == "Coupon issued"
    assert made.code
    assert made.code in page.says
    assert page.hand_over_url == ""


def test_a_shared_reward_goes_over_the_counter_once_for_both(shop, as_role):
    one, other = shop.member("Lin Dan", points=300), shop.member("Wang Wei", points=400)
    pact = shared(shop, one, other)
    client = as_role("front_line")
    found = client.get(TILL, {"q": spoken_id(pact.id)})
    page = client.get(found["Location"])
    form = {"key": form_key(page, -1)}

    first = client.post(page.context["page"].hand_over_url, form)
    second = client.post(page.context["page"].hand_over_url, form)
    elsewhere = client.post(page.context["page"].hand_over_url, {"key": "other"})

    parts = [(each.name, each.points) for each in page.context["page"].parts]
    assert parts == [("Lin Dan", 200), ("Wang Wei", 300)]
    assert first["Location"] == second["Location"] == reverse("till_member", args=[key(one)])
    assert elsewhere.status_code == 422
    assert (shop.balance(one).active, shop.balance(other).active) == (100, 100)
    assert all(each.used_at for each in Redemption.objects.filter(pact=pact))


def test_one_half_of_a_shared_reward_leads_to_the_whole(shop, as_role):
    pact = shared(shop, shop.member(points=300), shop.member(points=400))
    half = Redemption.objects.filter(pact=pact).first()
    client = as_role("front_line")

    shown = client.get(at(half))
    alone = client.post(f"{at(half)}/hand-over", {"key": "k"})

    assert shown["Location"] == pact_at(pact)
    assert alone.status_code == 422
    assert shop.balance(shop.member()).held == 0
    assert {each.state for each in Redemption.objects.filter(pact=pact)} == {"held"}


def test_a_shared_reward_whose_second_member_is_missing_is_told_and_kept(shop, as_role):
    one, client = shop.member(points=300), as_role("front_line")
    pact = shared(shop, one)

    page = client.get(pact_at(pact)).context["page"]
    early = client.post(f"{pact_at(pact)}/hand-over", {"key": "k"})
    held = shop.balance(one).held
    told = client.post(f"{pact_at(pact)}/give-back", {"key": "k2"}, follow=True)

    assert "Given up: 200 points went back." in told.content.decode()
    assert page.state == "Waits for the second member"
    assert page.says.startswith("300 points are missing until the second member joins, by ")
    assert page.hand_over_url == ""
    assert early.status_code == 422
    assert (held, shop.balance(one).held, shop.balance(one).active) == (200, 0, 300)


def test_points_of_two_that_lapsed_meanwhile_do_not_come_back_and_are_not_told_to(
    shop, as_role, shift_clock
):
    one, other = shop.member(), shop.member(points=400)
    shop.earn(one, 50, expires_at=shop.later(hours=3))
    shop.earn(one, 350)
    pact = shared(shop, one, other)
    shift_clock(timedelta(hours=4))

    told = as_role("front_line").post(f"{pact_at(pact)}/give-back", {"key": "k"}, follow=True)

    both = sum(shop.balance(each).active for each in (one, other))
    assert both == 750
    assert "Given up: 450 points went back to the two of them." in told.content.decode()


def test_what_was_given_up_on_the_phone_is_told(shop, as_role):
    made = redeemed(shop, shop.member(points=900), shop.reward(400))
    release(made.id, at=shop.now, actor=BOSS)

    page = as_role("front_line").get(at(made)).context["page"]

    assert page.state == "Cancelled"
    assert "redeem again if wanted" in page.says


def test_names_of_members_and_rewards_are_text_and_never_pages(shop, as_role):
    who = shop.member("<script>alert(1)</script>", points=900)
    made = redeemed(shop, who, shop.reward(400, names={"en": "<img src=x>", "zh": "<b>"}))

    text = as_role("front_line").get(at(made)).content.decode()

    assert "<script>alert(1)" not in text
    assert "<img src=x>" not in text


def test_only_who_serves_sees_and_hands_over(shop, as_role):
    made = redeemed(shop, shop.member(points=900), shop.reward(400))
    client = as_role("analyst")

    assert client.get(at(made)).status_code == 403
    assert client.post(f"{at(made)}/hand-over", {"key": "k"}).status_code == 403
    made.refresh_from_db()
    assert made.state == "held"


def test_a_code_is_found_by_its_index_and_its_page_asks_few_questions(shop, as_role):
    made = redeemed(shop, shop.member(points=900), shop.reward(400))
    client = as_role("front_line")
    client.get(at(made))

    with CaptureQueriesContext(connection) as found:
        client.get(TILL, {"q": spoken_id(made.id)})
    with CaptureQueriesContext(connection) as page:
        client.get(at(made))
    looked = next(each["sql"] for each in found if '"programme_redemption"' in each["sql"])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {looked}")
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "programme_redemption_end" in plan
    assert len(found) <= 30
    assert len(page) <= 30
