"""Facts in, points out, through the API."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huitouke.service.core import clock
from huitouke.service.core.actor import SYSTEM
from huitouke.service.programme.rules.examples import starter_definition
from huitouke.service.programme.versions import commands as versions
from huitouke.service.programme.versions import queries as version_queries
from huitouke.service.programme.versions.starter import begin

PHONE = {"identity": {"kind": "phone", "value": "13800138000"}}


@pytest.fixture
def shop(caller):
    """A caller whose shop has the programme to start from."""
    caller.began = clock.now()
    begin(at=caller.began, actor=SYSTEM)
    return caller


def moment(shop, *, days: int = 0) -> str:
    return (shop.began + timedelta(days=days)).isoformat()


def paid(shop, number: str = "1001", *, amount_minor: int = 30_000, days: int = 0):
    return {
        "type": "order.paid",
        "source": "shop",
        "source_id": number,
        "occurred_at": moment(shop, days=days),
        "customer": PHONE,
        "order": {"number": number, "lines": [{"sku": "TEA", "amount_minor": amount_minor}]},
    }


def member(shop) -> str:
    identity = PHONE["identity"]
    made = shop.post("/customers", {"identities": [identity]}).json()["id"]
    assert shop.post(f"/customers/{made}/enrol", None).status_code == 200
    return made


def balance(shop, customer: str, **query: str):
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    answer = shop.get(f"/customers/{customer}/balance?{asked}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_paid_order_is_pending_with_its_reason_in_both_languages(shop):
    customer = member(shop)

    answer = shop.post("/events", paid(shop))

    assert answer.status_code == 200, answer.content
    earned = [each for each in answer.json()["effects"] if each["unit"] == "points"]
    assert [each["value"] for each in earned] == [300]
    assert set(earned[0]["reason"]["says"]) == {"zh", "en"}
    assert balance(shop, customer)["pending"] == 300
    history = shop.get(f"/customers/{customer}/entries?limit=1").json()
    assert history["entries"][0]["pending"] == 300
    assert "300" in history["entries"][0]["says"]["zh"]
    assert history["next"] is not None


def test_the_same_fact_gets_the_same_answer_and_counts_once(shop):
    customer, fact = member(shop), paid(shop)

    first, again = shop.post("/events", fact), shop.post("/events", fact)

    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "1"
    assert balance(shop, customer)["pending"] == 300


def test_another_body_under_the_same_name_is_refused(shop):
    customer, fact = member(shop), paid(shop)
    shop.post("/events", fact)

    answer = shop.post("/events", {**fact, "occurred_at": moment(shop, days=1)})

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
    assert answer.json()["title"] == "无法使用"
    assert balance(shop, customer)["pending"] == 300


@pytest.mark.parametrize("wrong", [{}, {"type": 7}, {"type": "order.lost"}])
def test_a_fact_of_no_kind_is_told_which_there_are_at_its_type(shop, wrong):
    alone = shop.post("/events", wrong).json()["errors"]
    among = shop.post("/events", [wrong]).json()["results"][0]["errors"]

    assert alone == among
    assert [each["pointer"] for each in alone] == ["/type"]
    assert alone[0]["detail"].startswith("type should be one of order.paid, ")


def test_an_array_has_a_result_for_each_fact(shop):
    member(shop)

    answer = shop.post(
        "/events", [paid(shop, "1"), {"type": "order.paid"}, paid(shop, "2"), paid(shop, "1")]
    )

    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [each["status"] for each in results] == ["done", "invalid", "done", "done"]
    assert results[1]["errors"]


def test_an_array_under_a_key_is_answered_again_as_it_was(shop):
    member(shop)
    facts = [paid(shop, "1"), paid(shop, "2")]

    first = shop.post("/events", facts, key="batch-1")
    again = shop.post("/events", facts, key="batch-1")
    other = shop.post("/events", [paid(shop, "3")], key="batch-1")

    assert again.content == first.content
    assert other.status_code == 422


def test_a_refund_of_half_takes_half_and_a_cancellation_all(shop):
    customer = member(shop)
    shop.post("/events", paid(shop))
    refund = {
        "type": "order.refunded",
        "source": "shop",
        "source_id": "R1",
        "occurred_at": moment(shop),
        "order": {"number": "1001", "lines": [{"position": 1, "amount_minor": 15_000}]},
    }

    half = shop.post("/events", refund)
    left = balance(shop, customer)["pending"]
    cancelled = {**refund, "type": "order.cancelled", "source_id": "C1"}
    whole = shop.post("/events", {**cancelled, "order": {"number": "1001"}})

    assert (half.status_code, left) == (200, 150), half.content
    assert whole.status_code == 200, whole.content
    assert balance(shop, customer)["pending"] == 0


def test_an_adjustment_is_done_once_and_a_large_one_waits_for_a_second(shop, key_with):
    customer = member(shop)
    path = f"/customers/{customer}/adjustments"
    small = {"points": 50, "reason_code": "goodwill"}

    first = shop.post(path, small, key="a1")
    again = shop.post(path, small, key="a1")
    large = shop.post(path, {"points": 50_000, "reason_code": "goodwill"}, key="a2")
    own = shop.post(f"/adjustments/{large.json()['id']}/approve", None, key="a3")
    second = key_with("points:approve", name="manager")
    approved = second.post(f"/adjustments/{large.json()['id']}/approve", None, key="a4")

    assert (first.status_code, again.content) == (201, first.content)
    assert (large.status_code, large.json()["state"]) == (202, "waiting")
    assert own.status_code == 403
    assert approved.json()["state"] == "done"
    assert balance(shop, customer)["active"] == 100 + 50 + 50_000


def test_taking_more_than_there_is_stays_refused(shop):
    customer = member(shop)
    path = f"/customers/{customer}/adjustments"

    refused = shop.post(path, {"points": -500, "reason_code": "mistake"}, key="t1")
    shop.post(path, {"points": 1_000, "reason_code": "goodwill"}, key="t2")
    late = shop.post(path, {"points": -500, "reason_code": "mistake"}, key="t1")

    assert refused.status_code == 409
    assert late.content == refused.content
    assert balance(shop, customer)["active"] == 1_100


def test_moving_points_needs_a_key(shop):
    customer = member(shop)

    answer = shop.post(f"/customers/{customer}/adjustments", {"points": 1, "reason_code": "x"})

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


def test_the_balance_of_an_earlier_moment_is_told(shop):
    customer = member(shop)
    before = clock.now()
    shop.post(f"/customers/{customer}/adjustments", {"points": 5, "reason_code": "x"}, key="1")

    as_of = before.isoformat().replace("+", "%2B")

    assert balance(shop, customer, as_of=as_of)["active"] == 100
    assert balance(shop, customer)["active"] == 105


def test_a_quote_writes_nothing(shop):
    customer = member(shop)
    cart = {"lines": [{"sku": "TEA", "amount_minor": 30_000}]}

    answer = shop.post("/quotes", {"cart": cart, "customer": customer})

    assert answer.status_code == 200, answer.content
    assert answer.json()["points"]["points"] == 300
    assert balance(shop, customer)["pending"] == 0


def test_the_tier_says_what_reaches_the_next(shop):
    customer = member(shop)
    shop.post("/events", paid(shop, amount_minor=100_000))

    answer = shop.get(f"/customers/{customer}/tier").json()

    assert answer["tier"] == "silver"
    assert answer["progress"]["next_tier"] == "gold"
    assert answer["progress"]["to_reach"] == 1_000
    assert answer["says"]["zh"]


def test_transfers_are_off_unless_allowed(shop):
    giver = member(shop)
    other = shop.post("/customers", {}).json()["id"]
    shop.post(f"/customers/{other}/enrol", None)

    body = {"giver": giver, "receiver": other, "points": 10}
    answer = shop.post("/transfers", body, key="x1")

    assert (answer.status_code, answer.json()["code"]) == (409, "posting_refused")


def publish_with(shop, **settings):
    """Publish what is in force with other settings of its points."""
    versions = shop.get("/programmes/main/versions").json()
    definition = next(each for each in versions if each["state"] == "published")["definition"]
    for unit in definition["units"]:
        if unit["code"] == "points":
            unit.update(settings)
    made = shop.post("/programmes/main/versions", {"definition": definition})
    assert made.status_code == 201, made.content
    done = shop.post(f"/versions/{made.json()['id']}/publish", None)
    assert done.status_code == 200, done.content
    return done.json()


def test_transfers_are_switched_on_and_off_by_publishing(shop):
    giver = member(shop)
    other = shop.post("/customers", {}).json()["id"]
    shop.post(f"/customers/{other}/enrol", None)
    body = {"giver": giver, "receiver": other, "points": 10}

    on = publish_with(shop, transfers=True)
    given = shop.post("/transfers", body, key="x1")
    off = publish_with(shop, transfers=False)
    refused = shop.post("/transfers", body, key="x2")

    assert [each["kind"] for each in on["findings"]] == ["points_pooled"]
    assert (given.status_code, given.json()["left"]) == (201, 90), given.content
    assert balance(shop, other)["active"] == 110
    assert [each["code"] for each in off["warnings"]] == ["transfers_end"]
    assert (refused.status_code, refused.json()["code"]) == (409, "posting_refused")


def test_a_gift_keeps_to_the_limit_and_says_when_it_may_be_used(shop):
    giver = member(shop)
    other = shop.post("/customers", {}).json()["id"]
    shop.post(f"/customers/{other}/enrol", None)
    publish_with(shop, transfers=True, transfer_limit=20, transfer_wait=2)
    body = {"giver": giver, "receiver": other, "points": 20}
    before = balance(shop, other)["active"]

    given = shop.post("/transfers", body, key="x1")
    more = shop.post("/transfers", {**body, "points": 1}, key="x2", **{"Accept-Language": "en"})

    assert given.status_code == 201, given.content
    assert given.json()["available_at"] > given.json()["at"]
    assert (balance(shop, other)["active"], balance(shop, other)["pending"]) == (before, 20)
    assert (more.status_code, more.json()["code"]) == (409, "transfer_limit")
    assert more.json()["values"] == {"most": 20, "left": 0}
    assert more.json()["detail"].startswith("A member may give away 20 on a day; 0 of it")


def test_what_stands_in_the_way_of_a_gift_is_said_in_words(shop):
    giver = member(shop)
    body = {"giver": giver, "receiver": giver, "points": 10}

    english = shop.post("/transfers", body, key="x1", **{"Accept-Language": "en"}).json()

    assert english["values"] == {"outcome": "not_allowed"}
    assert "these members cannot give it to each other" in english["detail"]
    assert "这两位会员之间不能转赠" in english["messages"]["zh"]


def test_an_adjustment_above_the_published_limit_waits_for_approval(shop):
    customer = member(shop)
    publish_with(shop, adjust_limit=50)
    path = f"/customers/{customer}/adjustments"

    small = shop.post(path, {"points": 50, "reason_code": "x"}, key="1").json()
    large = shop.post(path, {"points": 1, "reason_code": "x"}, key="2").json()

    assert (small["state"], large["state"]) == ("done", "waiting")


def test_a_reward_in_a_unit_that_is_not_there_is_refused_and_spoils_no_list(shop):
    reward = {"kind": "product", "names": {"en": "Mug"}, "cost_points": 600}

    refused = shop.post("/rewards", {**reward, "code": "typo", "unit": "point"})
    made = shop.post("/rewards", {**reward, "code": "mug", "unit": "points"})
    listed = shop.get(f"/customers/{member(shop)}/rewards")

    assert (refused.status_code, refused.json()["code"]) == (422, "offer_invalid")
    assert (made.status_code, listed.status_code) == (201, 200)
    assert [each["reward"]["code"] for each in listed.json()] == ["mug"]


def test_points_are_redeemed_captured_and_given_back(shop):
    customer = member(shop)
    shop.post(
        f"/customers/{customer}/adjustments", {"points": 900, "reason_code": "x"}, key="1"
    )
    reward = {"code": "mug", "kind": "product", "names": {"en": "Mug", "zh": "杯子"}}
    made = shop.post("/rewards", {**reward, "cost_points": 600, "stock_left": 1}).json()

    held = shop.post("/redemptions", {"customer": customer, "reward": made["id"]}, key="r1")
    path = f"/redemptions/{held.json()['id']}"
    captured = shop.post(f"{path}/capture", None, key="r2")
    second = shop.post("/redemptions", {"customer": customer, "reward": made["id"]}, key="r3")
    back = shop.post(f"{path}/reversals", {"because": "goods_returned"}, key="r4")

    assert (held.status_code, held.json()["state"]) == (201, "held"), held.content
    assert captured.json()["state"] == "captured"
    assert second.status_code == 409
    assert back.json()["state"] == "reversed"
    assert balance(shop, customer)["active"] == 1_000


def test_stored_value_is_topped_up_spent_and_given_back(shop):
    definition = starter_definition().model_dump(mode="json")
    stored = {"code": "stored", "kind": "stored_value", "name": {"en": "stored value"}}
    definition["units"].append(stored)
    draft = versions.draft(
        version_queries.programme("main"), definition=definition, at=clock.now(), actor=SYSTEM
    )
    versions.publish(draft.id, at=clock.now(), actor=SYSTEM, despite=True)
    customer = member(shop)
    fact = {"source": "till", "occurred_at": moment(shop)}
    value = {"unit": "stored", "paid_minor": 20_000, "bonus_minor": 1_000}
    paid_in = {**fact, "type": "value.topped_up", "source_id": "t1", "customer": PHONE}
    undone = {**fact, "type": "value.reversed", "value": {"source_id": "t1"}}

    told = shop.post("/events", {**paid_in, "value": value})
    asked = {"customer": customer, "points": 21_000, "unit": "stored"}
    held = shop.post("/redemptions", asked, key="r1")
    early = shop.post("/events", {**undone, "source_id": "u1"})
    shop.post(f"/redemptions/{held.json()['id']}/release", None, key="r2")
    late = shop.post("/events", {**undone, "source_id": "u2"})

    assert told.status_code == 200, told.content
    assert told.json()["effects"][0]["reason"]["says"]["en"] == "21,000 stored value paid in."
    assert (held.status_code, held.json()["worth_minor"]) == (201, 21_000)
    assert early.json()["code"] == "top_up_spent"
    assert (late.status_code, late.json()["effects"][0]["paid_minor"]) == (200, 20_000)
