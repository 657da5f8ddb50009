"""Faults 1, 2, 3, 10 and 39 through HTTP: many at once on one balance, key, stock or code."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from harness.dice import dice
from harness.shop import at_once, insisting

MANY = 64


def statuses(answers):
    return Counter(each.status_code for each in answers)


def test_one_balance_is_redeemed_as_often_as_it_lasts(shop):
    (member,) = shop.members(1)
    shop.give(member, 900)

    answers = at_once(
        MANY, lambda n: insisting(lambda: shop.redeem(member, 100, key=f"{shop.source}-{n}"))
    )

    assert statuses(answers) == {201: 10, 409: MANY - 10}
    assert {e.json()["code"] for e in answers if e.status_code == 409} == {
        "insufficient_points"
    }
    assert shop.balance(member) == {"active": 0, "pending": 0, "held": 1_000, "owed": 0}


def test_one_key_sent_by_64_has_one_effect_and_one_answer(shop):
    (member,) = shop.members(1)
    first = at_once(MANY, lambda _: shop.give(member, 5, key=f"{shop.source}-key"))

    answers = [
        each
        if each.status_code == 201
        else insisting(lambda: shop.give(member, 5, key=f"{shop.source}-key"))
        for each in first
    ]

    assert set(statuses(first)) <= {201, 409, 503}
    assert len({each.text for each in answers}) == 1
    assert shop.balance(member)["active"] == 105


def test_a_key_is_for_one_body_one_account_and_one_route(shop):
    ann, bob = shop.members(2)
    key = shop.unique("key")
    first = shop.give(ann, 5, key=key)

    others = [
        shop.give(ann, 6, key=key),
        shop.give(bob, 5, key=key),
        shop.redeem(ann, 100, key=key),
        shop.tell([shop.order(ann, 1_000)], key=key),
    ]
    again = shop.give(ann, 5, key=key)

    assert first.status_code == 201
    assert [each.status_code for each in others] == [422] * 4
    assert {each.json()["code"] for each in others} == {"idempotency_mismatch"}
    assert again.text == first.text
    assert shop.balance(ann) == {"active": 105, "pending": 0, "held": 0, "owed": 0}
    assert shop.balance(bob)["active"] == 100


def test_of_two_arrays_under_one_key_at_once_only_one_is_recorded(shop):
    (member,) = shop.members(1)
    key = shop.unique("key")
    bodies = [[shop.order(member, 10_000)], [shop.order(member, 20_000)]]

    answers = at_once(16, lambda n: shop.tell(bodies[n % 2], key=key))
    won = {n % 2 for n, each in enumerate(answers) if each.status_code == 200}

    assert set(statuses(answers)) <= {200, 409, 422}
    assert len(won) <= 1
    growth = shop.balance(member, unit="growth")["active"]
    assert growth in ({100} if won == {0} else {200} if won == {1} else {0})


def test_a_refund_under_a_key_that_came_before_its_order_may_come_again(shop):
    (member,) = shop.members(1)
    order = shop.order(member, 10_000)
    refund = shop.fact("order.refunded", days=1, order={"number": order["order"]["number"]})
    key = shop.unique("key")

    early = shop.tell(refund, key=key)
    shop.tell(order)
    late = shop.tell(refund, key=key)
    again = shop.tell(refund, key=key)

    assert (early.status_code, late.status_code) == (404, 200)
    assert again.text == late.text
    assert shop.balance(member, unit="growth")["active"] == 0


def test_batches_and_refunds_in_opposite_orders_go_through(shop):
    members = shop.members(30)
    paid = [shop.order(each, 10_000) for each in members]
    assert {each["status"] for each in shop.tell(paid).json()["results"]} == {"done"}

    def one(n):
        chance = dice(str(n))
        facts = [shop.order(each, 10_000) for each in members]
        for each in chance.sample(paid, 10):
            back = {"number": each["order"]["number"]}
            back["lines"] = [{"position": 1, "amount_minor": 100}]
            facts.append(shop.fact("order.refunded", days=1, order=back))
        chance.shuffle(facts)
        return insisting(lambda: shop.tell(facts))

    answers = at_once(8, one)

    assert statuses(answers) == {200: 8}
    results = [each for found in answers for each in found.json()["results"]]
    assert Counter(each["status"] for each in results) == {"done": 8 * 40}
    growth = [shop.balance(each, unit="growth")["active"] for each in members]
    assert sum(growth) == 30 * 9 * 100 - 8 * 10


def test_a_stock_of_100_goes_to_exactly_100_of_1000_buyers(shop):
    reward = shop.post(
        "/v1/rewards",
        {"names": {"en": "Mug", "zh": "杯子"}, "cost_points": 100, "stock_left": 100,
         "kind": "product", "code": "mug"},
    ).json()["id"]  # fmt: skip
    members = shop.members(1_000)

    def buy(n):
        body = {"customer": members[n], "reward": reward}
        return insisting(lambda: shop.post("/v1/redemptions", body, key=f"{shop.source}-{n}"))

    with ThreadPoolExecutor(32) as threads:
        answers = list(threads.map(buy, range(1_000)))

    assert statuses(answers) == {201: 100, 409: 900}
    codes = Counter(e.json()["code"] for e in answers if e.status_code == 409)
    assert codes == {"reward_out_of_stock": 900}
    balances = [shop.balance(each) for each in members]
    assert sum(each["held"] for each in balances) == 100 * 100
    assert sum(each["active"] for each in balances) == 900 * 100


def test_the_ledger_is_whole_after_all_of_it(served):
    served.verify()
