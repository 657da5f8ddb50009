"""Friends bring friends: the reward waits, looks odd go to a person, returns take it back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from brought import bring, code_of, pay, send_back, state

from huitouke.service.core.models import Audit
from huitouke.service.customers import commands as customers
from huitouke.service.programme.models.referrals import Referral, Trace
from huitouke.service.programme.rewards import jobs
from huitouke.service.programme.rewards.hooks import (
    Happened,
    after_facts,
)
from huitouke.service.programme.rewards.referral_checks import trace_of
from huitouke.service.programme.rewards.referrals import (
    AlreadyReferred,
    OwnCode,
    ReferralCodeUnknown,
    ReferralNotInReview,
    approve_referral,
    refuse_referral,
    review_queue,
)
from huitouke.service.programme.rewards.refusals import NotEnrolled

pytestmark = pytest.mark.django_db


def test_a_member_has_one_code(shop):
    who = shop.member()

    assert code_of(shop, who) == code_of(shop, who)
    with pytest.raises(NotEnrolled):
        code_of(shop, shop.customer())


def test_both_are_rewarded_after_the_return_window(shop, shift_clock):
    advocate, friend = shop.member(), shop.member()
    bring(shop, code_of(shop, advocate), friend)
    pay(shop, friend)

    early = jobs.reward_referrals(at=shop.now)
    shift_clock(timedelta(days=8))
    late = jobs.reward_referrals(at=shop.now)
    jobs.reward_referrals(at=shop.now)

    assert (early, late) == (0, 1)
    assert state() == "rewarded"
    assert shop.balance(advocate).active == 300
    assert shop.balance(friend).active == 100
    assert shop.told("referral.rewarded")[0]["advocate_points"] == 300


def test_an_order_that_comes_back_in_time_rewards_nobody(shop, shift_clock):
    advocate, friend = shop.member(), shop.member()
    bring(shop, code_of(shop, advocate), friend)
    order, _ = pay(shop, friend)
    told = send_back(shop, order, friend)
    shift_clock(timedelta(days=8))

    jobs.reward_referrals(at=shop.now)

    assert told[0].reason["code"] == "referral_undone"
    assert state() == "pending"
    assert shop.balance(advocate).active == 0


def test_another_order_may_count_instead(shop, shift_clock):
    advocate, friend = shop.member(), shop.member()
    bring(shop, code_of(shop, advocate), friend)
    first, _ = pay(shop, friend)
    send_back(shop, first, friend)
    pay(shop, friend)
    shift_clock(timedelta(days=8))

    jobs.reward_referrals(at=shop.now)

    assert state() == "rewarded"


def test_a_late_return_takes_both_rewards_back(shop, shift_clock):
    advocate, friend = shop.member(), shop.member()
    bring(shop, code_of(shop, advocate), friend)
    order, _ = pay(shop, friend)
    shift_clock(timedelta(days=8))
    jobs.reward_referrals(at=shop.now)

    send_back(shop, order, friend)
    jobs.reward_referrals(at=shop.now)

    assert state() == "reversed"
    assert shop.balance(advocate).active == shop.balance(friend).active == 0


def test_a_small_first_order_does_not_count(shop):
    friend = shop.member()
    bring(shop, code_of(shop, shop.member()), friend)

    pay(shop, friend, 4_999)
    assert state() == "pending"

    pay(shop, friend, 5_000)
    assert state() == "qualified"


def test_a_friend_is_brought_once(shop):
    friend, first, second = shop.member(), shop.member(), shop.member()
    made = bring(shop, code_of(shop, first), friend)

    assert bring(shop, code_of(shop, first), friend).id == made.id
    with pytest.raises(AlreadyReferred):
        bring(shop, code_of(shop, second), friend)


def test_nobody_brings_himself_and_unknown_codes_bring_nobody(shop):
    who = shop.member()

    with pytest.raises(OwnCode):
        bring(shop, code_of(shop, who), who)
    with pytest.raises(ReferralCodeUnknown):
        bring(shop, "NOBODY", who)


def test_who_bought_before_goes_to_review(shop, shift_clock):
    friend = shop.member()
    pay(shop, friend)
    shift_clock(timedelta(days=1))

    made = bring(shop, code_of(shop, shop.member()), friend)

    assert (made.state, made.flags) == ("review", ["not_new"])


def test_who_bought_under_another_id_is_not_new(shop, shift_clock):
    old, friend = shop.customer(), shop.customer()
    pay(shop, old)
    shift_clock(timedelta(days=1))
    customers.merge(old, into=friend, at=shop.now, actor=shop.boss)

    made = bring(shop, code_of(shop, shop.member()), friend)

    assert made.flags == ["not_new"]


def test_a_friend_who_was_forgotten_and_comes_back_is_not_new(shop):
    code, phone = code_of(shop, shop.member()), ("phone", "13800138000")
    friend = shop.customer(phone)
    shop.enrol(friend)
    bring(shop, code, friend)
    customers.erase(friend, at=shop.now, actor=shop.till)

    found = bring(shop, code, shop.customer(phone))

    assert (found.state, found.flags) == ("review", ["not_new"])


def test_a_ring_of_friends_goes_to_review(shop):
    first, second, third = shop.member(), shop.member(), shop.member()
    bring(shop, code_of(shop, first), second)
    bring(shop, code_of(shop, second), third)

    made = bring(shop, code_of(shop, third), first)

    assert (made.state, made.flags) == ("review", ["ring"])


def test_the_same_mailbox_goes_to_review(shop):
    advocate = shop.customer(("email", "li.na@gmail.com"))
    shop.enrol(advocate)
    friend = shop.customer(("email", "lina+2@gmail.com"))

    assert bring(shop, code_of(shop, advocate), friend).flags == ["same_identity"]


@pytest.mark.parametrize("kind", ["device", "address", "payment_token"])
def test_the_same_device_address_or_card_goes_to_review(shop, kind):
    advocate, friend = shop.member(), shop.member()
    pay(shop, advocate, evidence={kind: "Nanjing Rd. 1, 上海"})

    made = bring(
        shop,
        code_of(shop, advocate),
        friend,
        evidence={kind: "nanjing rd 1 上海", "shoe": "42"},
    )

    assert made.flags == [f"same_{kind}"]
    assert list(made.evidence) == [kind]
    assert "nanjing" not in str(made.evidence).lower()


def test_many_friends_with_one_device_go_to_review(shop):
    advocate, first, second = shop.member(), shop.member(), shop.member()
    code = code_of(shop, advocate)

    one = bring(shop, code, first, evidence={"device": "phone-1"})
    two = bring(shop, code, second, evidence={"device": "phone-1"})

    assert (one.flags, two.flags) == ([], ["same_device"])


def test_what_is_approved_is_paid_and_what_is_refused_is_not(shop, shift_clock):
    advocate, good, bad = shop.member(), shop.member(), shop.member()
    code, same = code_of(shop, advocate), {"device": "family tablet"}
    pay(shop, advocate, evidence=same)
    ids = [bring(shop, code, friend, evidence=same).id for friend in (good, bad)]
    for friend in (good, bad):
        pay(shop, friend)
    assert [each.id for each in review_queue("main")] == ids

    approve_referral(ids[0], at=shop.now, actor=shop.boss, reason="his sister")
    refuse_referral(ids[1], at=shop.now, actor=shop.boss, reason="himself")
    with pytest.raises(ReferralNotInReview):
        approve_referral(ids[1], at=shop.now, actor=shop.boss, reason="again")
    shift_clock(timedelta(days=8))
    jobs.reward_referrals(at=shop.now)

    assert review_queue("main") == []
    assert shop.balance(advocate).active == 300
    assert shop.balance(bad).active == 0
    assert Audit.objects.get(action="referral.refused").reason == "himself"


def test_what_waits_for_review_is_not_paid(shop, shift_clock):
    advocate, friend = shop.member(), shop.member()
    pay(shop, friend)
    shift_clock(timedelta(days=1))
    bring(shop, code_of(shop, advocate), friend)
    pay(shop, friend)
    shift_clock(timedelta(days=20))

    assert jobs.reward_referrals(at=shop.now) == 0
    assert state() == "review"


def test_an_advocate_is_rewarded_up_to_the_cap(shop, shift_clock):
    advocate, friends = shop.member(), [shop.member() for _ in range(3)]
    for friend in friends:
        bring(shop, code_of(shop, advocate), friend)
        pay(shop, friend)
    shift_clock(timedelta(days=8))

    jobs.reward_referrals(at=shop.now)

    assert shop.balance(advocate).active == 600
    assert [shop.balance(friend).active for friend in friends] == [100, 100, 100]
    assert Referral.objects.filter(flags__contains=["cap_reached"]).count() == 1


def test_a_sign_up_and_an_order_may_carry_the_code(shop):
    advocate, one, other = shop.member(), shop.member(), shop.member()
    code = code_of(shop, advocate)
    joined = Happened(
        customer=one,
        type="customer.signed_up",
        source_key="till/1",
        occurred_at=shop.now,
        referral_code=code,
    )

    told = after_facts(
        [joined],
        programme="main",
        definition=shop.definition,
        version=1,
        at=shop.now,
        actor=shop.till,
    )
    _, paid = pay(shop, other, referral_code=code)
    _, wrong = pay(shop, shop.member(), referral_code="NOBODY")

    assert told[0].done
    assert [each.reason["code"] for each in paid] == [
        "referral_recorded",
        "referral_qualified",
    ]
    assert (wrong[0].done, wrong[0].reason["code"]) == (False, "referral_code_unknown")
    assert Referral.objects.count() == 2


def test_traces_are_kept_as_hashes_of_what_was_said(shop):
    pay(shop, shop.member(), evidence={"device": "phone-1", "address": " "})

    kept = Trace.objects.get()
    assert bytes(kept.digest) == trace_of("device", "PHONE 1")
