"""Rewards for two: begun on one phone, joined on another, seen and given up by both alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from huitouke.service.core import clock
from huitouke.service.core.ids import new_id, public_id, spoken_id
from huitouke.service.customers import commands as customers
from huitouke.service.programme import queries as programme
from huitouke.service.programme.models.rewards import Pact, Redemption
from huitouke.service.programme.rewards.counter import hand_over_shared

A, B, C = "+8613811110000", "+8613822221111", "+8613833332222"
KEY = re.compile(r'name="key" value="([^"]+)"')


def points(who):
    found = programme.balance(who, now=clock.now())
    return found.active, found.held


def tea_set(shop, **fields):
    return shop.reward(500, cooperative=True, names={"en": "Tea set", "zh": "茶具"}, **fields)


@pytest.fixture
def two(shop, signed_in):
    """Two members with 400 points each, welcome present and all, and their phones."""
    one = shop.member(300, phone=A, name="林晓雨")
    other = shop.member(300, phone=B, name="Wang Wei")
    assert points(one) == points(other) == (400, 0)
    return one, other, signed_in(A), signed_in(B)


def begun(shop, phone, reward, points=200, key="k"):
    answer = phone.post(f"{shop.url_of(reward)}/share", {"points": str(points), "key": key})
    assert answer.status_code == 303, answer.content.decode()
    return answer["Location"]


def test_two_friends_pay_for_one_reward_and_each_sees_how_it_stands(shop, two):
    one, other, mine, theirs = two
    there = begun(shop, mine, tea_set(shop))

    waits = mine.get(there).content.decode()
    invited = theirs.get(there).content.decode()
    joined = theirs.post(f"{there}/join", {"key": "j"})
    ready = mine.get(there).content.decode()
    hand_over_shared(Pact.objects.get().id, at=clock.now(), actor=shop.till)
    done = [phone.get(there).content.decode() for phone in (mine, theirs)]

    assert "Waits for a friend" in waits
    assert f"http://testserver{there}" in waits
    assert "林** asks you to pay for it together." in invited
    assert "晓雨" not in invited
    assert joined["Location"] == there
    assert "Both have given." in ready
    assert "W** gives" in ready
    assert "Wang Wei" not in ready
    assert all("Handed over" in each for each in done)
    assert (points(one), points(other)) == ((200, 0), (100, 0))


def test_what_was_begun_or_joined_twice_is_done_once(shop, two):
    one, other, mine, theirs = two
    reward = tea_set(shop, stock_left=1)

    first, second = (begun(shop, mine, reward) for _ in range(2))
    for _ in range(2):
        theirs.post(f"{first}/join", {"key": "j"})
    again = theirs.post(f"{first}/join", {"key": "another"})

    assert first == second
    assert again.status_code == 409
    assert "handed over or given up already" in again.content.decode()
    assert Redemption.objects.count() == 2
    assert (points(one), points(other)) == ((200, 200), (100, 300))


def test_nobody_pays_both_parts(shop, two):
    one, _, mine, _ = two
    there = begun(shop, mine, tea_set(shop))

    answer = mine.post(f"{there}/join", {"key": "j"})

    assert answer.status_code == 409
    assert "nobody both parts" in answer.content.decode()
    assert points(one) == (200, 200)


def test_a_second_record_of_the_same_person_does_not_join_either(shop, two):
    one, other, mine, theirs = two
    there = begun(shop, mine, tea_set(shop))
    customers.merge(other, into=one, at=clock.now(), actor=shop.boss)

    answer = theirs.post(f"{there}/join", {"key": "j"})

    assert answer.status_code == 303  # The merged record has to sign in anew.
    assert Pact.objects.get().partner_id is None


def test_a_third_is_told_that_it_is_over_and_learns_nothing(shop, two, signed_in):
    shop.member(900, phone=C)
    *_, mine, theirs = two
    third = signed_in(C)
    there = begun(shop, mine, tea_set(shop))
    theirs.post(f"{there}/join", {"key": "j"})
    nobodys = f"/my/shared/{public_id('pct', new_id())}"

    for address in (there, nobodys):
        pages = [
            third.get(address),
            third.post(f"{address}/join", {"key": "j"}),
            third.post(f"{address}/cancel", {"key": "j"}),
        ]
        for page in pages:
            assert page.status_code == 404
            assert "This invitation is over" in page.content.decode()
            assert "Tea set" not in page.content.decode()
    assert Pact.objects.get().state == "ready"


def test_who_is_invited_cannot_give_it_up_for_others(shop, two):
    one, _, mine, theirs = two
    there = begun(shop, mine, tea_set(shop))

    assert theirs.post(f"{there}/cancel", {"key": "c"}).status_code == 404
    assert points(one) == (200, 200)


@pytest.mark.parametrize("who", [0, 1], ids=["who began", "who joined"])
def test_either_of_the_two_gives_it_up_and_both_get_all_back(shop, two, who):
    one, other, *phones = two
    reward = tea_set(shop, stock_left=1)
    there = begun(shop, phones[0], reward)
    phones[1].post(f"{there}/join", {"key": "j"})

    answers = [phones[who].post(f"{there}/cancel", {"key": "c"}) for _ in range(2)]

    reward.refresh_from_db()
    assert [each.status_code for each in answers] == [303, 303]
    assert (points(one), points(other), reward.stock_left) == ((400, 0), (400, 0), 1)
    for phone in phones:
        assert "Cancelled" in phone.get(there).content.decode()


def test_what_was_handed_over_is_not_given_up(shop, two):
    one, _, mine, theirs = two
    there = begun(shop, mine, tea_set(shop))
    theirs.post(f"{there}/join", {"key": "j"})
    hand_over_shared(Pact.objects.get().id, at=clock.now(), actor=shop.till)

    answer = mine.post(f"{there}/cancel", {"key": "c"})

    assert answer.status_code == 409
    assert "handed over or given up already" in answer.content.decode()
    assert points(one) == (200, 0)


def test_an_invitation_past_its_time_is_over(shop, two, shift_clock):
    one, other, mine, theirs = two
    there = begun(shop, mine, tea_set(shop))
    shift_clock(timedelta(hours=49))

    late = theirs.get(there)
    own = mine.get(there).content.decode()

    assert late.status_code == 404
    assert theirs.post(f"{there}/join", {"key": "j"}).status_code == 404
    assert "Not used in time" in own
    assert (points(one), points(other)) == ((400, 0), (400, 0))


def test_a_friends_code_is_typed_in_any_spelling(shop, two):
    *_, mine, theirs = two
    there = begun(shop, mine, tea_set(shop))
    said = spoken_id(Pact.objects.get().id)

    for typed in (said, said.lower().replace(" ", ""), f"https://x.example{there}"):
        assert theirs.post("/my/shared", {"code": typed})["Location"] == there


def test_a_code_that_leads_nowhere_is_told_and_guessing_ends(shop, two):
    *_, theirs = two

    answers = [theirs.post("/my/shared", {"code": f"7K2M 9QX{n % 9}"}) for n in range(21)]

    assert answers[0].status_code == 422
    assert "Nothing can be joined under this code" in answers[0].content.decode()
    assert answers[-1].status_code == 429


def test_who_has_too_few_points_sees_how_many_and_no_button(shop, two, signed_in):
    shop.member(10, phone=C)
    *_, mine, _ = two
    there = begun(shop, mine, tea_set(shop))
    poor = signed_in(C)

    text = poor.get(there).content.decode()
    answer = poor.post(f"{there}/join", {"key": "j"})

    assert "You do not have the points for it at this moment." in text
    assert "Join with" not in text
    assert answer.status_code == 409
    assert Pact.objects.get().state == "open"


def test_who_is_no_member_is_asked_to_join_the_shop_first(shop, two, signed_in):
    shop.customer(phone=C)
    *_, mine, _ = two
    there = begun(shop, mine, tea_set(shop))

    text = signed_in(C).get(there).content.decode()

    assert "It is for members." in text
    assert "/my/join" in text


def test_who_is_not_signed_in_comes_back_to_the_invitation(shop, two, browser):
    *_, mine, _ = two
    there = begun(shop, mine, tea_set(shop))

    answer = browser().get(there)

    assert answer.status_code == 303
    assert answer["Location"].endswith(f"next=%2Fmy%2Fshared%2F{there.rsplit('/', 1)[1]}")


@pytest.mark.parametrize("given", ["", "0", "-5", "1.5", "٣", "500", "9" * 30, "<b>"])
def test_a_part_that_cannot_be_is_refused_beside_its_field(shop, two, given):
    one, *_, mine, _ = two
    reward = tea_set(shop)

    answer = mine.post(f"{shop.url_of(reward)}/share", {"points": given, "key": "k"})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert points(one) == (400, 0)


def test_more_than_one_has_is_refused(shop, two):
    *_, mine, _ = two

    answer = mine.post(f"{shop.url_of(tea_set(shop))}/share", {"points": "450", "key": "k"})

    assert answer.status_code == 409
    assert "You do not have the points for it" in answer.content.decode()


def test_its_parts_lead_to_the_whole_from_every_list(shop, two):
    *_, mine, _ = two
    there = begun(shop, mine, tea_set(shop))
    part = public_id("rdm", Redemption.objects.get().id)

    codes = mine.get("/my/codes").content.decode()

    assert there in codes
    assert "Type a friend" in mine.get("/my/rewards").content.decode()
    assert mine.get(f"/my/redemptions/{part}")["Location"] == there
    assert mine.post(f"/my/redemptions/{part}/cancel").status_code == 409


def test_a_reward_for_one_is_not_shared(shop, two):
    *_, mine, _ = two

    answer = mine.post(f"{shop.url_of(shop.reward(500))}/share", {"points": "5", "key": "k"})

    assert answer.status_code == 404
    assert not Pact.objects.exists()


def test_a_code_longer_than_any_id_is_told_beside_its_field(shop, two):
    *_, theirs = two

    answer = theirs.post("/my/shared", {"code": f"pct_{'z' * 26}"})

    assert answer.status_code == 422
    assert "Nothing can be joined" in answer.content.decode()
