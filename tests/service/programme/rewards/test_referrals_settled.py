"""Referrals are settled one by one, with whom the points are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from brought import bring, code_of, pay, send_back, state

from huitouke.service.customers import commands as customers
from huitouke.service.programme.models.referrals import Referral
from huitouke.service.programme.rewards import jobs

pytestmark = pytest.mark.django_db


def test_what_was_paid_while_two_were_one_is_taken_back_from_whom_has_it(shop, shift_clock):
    advocate, other, friend = shop.member(), shop.member(), shop.member()
    bring(shop, code_of(shop, advocate), friend)
    order, _ = pay(shop, friend)
    made = customers.merge(advocate, into=other, at=shop.now, actor=shop.till)
    shift_clock(timedelta(days=8))
    jobs.reward_referrals(at=shop.now)
    customers.unmerge(made.id, at=shop.now, actor=shop.till)
    assert (shop.balance(advocate).active, shop.balance(other).active) == (0, 300)

    send_back(shop, order, friend)
    jobs.reward_referrals(at=shop.now)

    assert state() == "reversed"
    assert shop.balance(other).active == shop.balance(friend).active == 0


def test_one_that_cannot_be_settled_holds_up_no_other(shop, shift_clock, caplog):
    for _ in range(2):
        friend = shop.member()
        bring(shop, code_of(shop, shop.member()), friend)
        pay(shop, friend)
    stuck, other = Referral.objects.order_by("created_at")
    stuck.state, stuck.take_back, stuck.advocate_paid = "rewarded", True, 300
    stuck.save()
    shift_clock(timedelta(days=8))

    assert jobs.reward_referrals(at=shop.now) == 1

    other.refresh_from_db()
    stuck.refresh_from_db()
    assert (other.state, stuck.state, stuck.take_back) == ("rewarded", "rewarded", True)
    assert "ledger.posting_unknown" in caplog.text
