"""Coupon codes through the API: shared words, and codes that are withdrawn."""

from __future__ import annotations

import json

import pytest

from huitouke.service.api.addresses import door
from huitouke.service.core import audit, clock
from huitouke.service.core.actor import SYSTEM
from huitouke.service.programme.versions.starter import begin

CART = {"lines": [{"sku": "TEA", "amount_minor": 10_000}]}


@pytest.fixture
def shop(caller):
    begin(at=clock.now(), actor=SYSTEM)
    return caller


def example(path: str):
    document = json.loads(json.dumps(door.get_openapi_schema()))
    said = document["paths"][f"/v1{path}"]["post"]["requestBody"]["content"]
    return said["application/json"]["example"]


def campaign(shop, **more) -> str:
    body = {"names": {"zh": "春", "en": "Spring"}, "kind": "percent", "value": 1_000, **more}
    made = shop.post("/campaigns", body)
    assert made.status_code == 201, made.content
    return made.json()["id"]


def shared(shop, campaign_id: str, code: str, *, key: str, **more):
    return shop.post(f"/campaigns/{campaign_id}/shared-codes", {"code": code, **more}, key=key)


def verdict(shop, code: str) -> str:
    asked = shop.post("/codes/validate", {"codes": [code], "cart": CART})
    assert asked.status_code == 200, asked.content
    return asked.json()["verdicts"][0]["reason"] or "ok"


def test_a_word_is_shared_by_many_and_its_key_replays(shop):
    mine = campaign(shop, per_code_limit=None)

    first = shared(shop, mine, "spring-26", key="w1")
    again = shared(shop, mine, "spring-26", key="w1")
    without_its_key = shared(shop, mine, "SPRING26", key="w2")

    assert first.status_code == again.status_code == without_its_key.status_code == 201
    assert first.json() == again.json() == without_its_key.json()
    assert (first.json()["code"], first.json()["campaign"]) == ("SPRING26", mine)
    assert verdict(shop, "Spring 26") == "ok"
    assert [line.action for line in audit.lines(target=mine)].count("code.added") == 1


def test_a_word_of_something_else_or_with_another_end_is_taken(shop):
    mine, other = campaign(shop), campaign(shop)
    shared(shop, mine, "SPRING", key="w1")

    elsewhere = shared(shop, other, "SPRING", key="w2")
    shorter = shared(shop, mine, "SPRING", key="w3", expires_at="2030-01-01T00:00:00Z")

    assert [each.status_code for each in (elsewhere, shorter)] == [409, 409]
    assert elsewhere.json()["code"] == shorter.json()["code"] == "code_taken"


@pytest.mark.parametrize(
    "body", [{"code": "a!b"}, {"code": "SPRING", "expires_at": "0001-01-01T00:00:00Z"}]
)
def test_what_cannot_be_a_shared_code_is_refused(shop, body):
    answer = shop.post(f"/campaigns/{campaign(shop)}/shared-codes", body, key="w1")

    assert answer.status_code == 422


def test_a_withdrawn_code_is_void_for_good_and_the_reason_is_kept(shop):
    mine = campaign(shop)
    batch = shop.post(f"/campaigns/{mine}/codes", {"count": 2}, key="b").json()["id"]
    leaked, good = shop.get(f"/batches/{batch}/codes").json()["codes"]
    assert verdict(shop, leaked) == "ok"

    first = shop.post(f"/codes/{leaked.lower()}/void", {"reason": "leaked"}, key="v1")
    replay = shop.post(f"/codes/{leaked.lower()}/void", {"reason": "leaked"}, key="v1")
    again = shop.post(f"/codes/{leaked}/void", {"reason": "once more"}, key="v2")

    assert [each.status_code for each in (first, replay, again)] == [200, 200, 200]
    assert first.json() == replay.json() == again.json()
    assert (first.json()["void"], replay["Idempotent-Replayed"]) == (True, "true")
    assert verdict(shop, leaked) == "code_not_valid"
    assert verdict(shop, good) == "ok"
    kept = [line for line in audit.lines(target=mine) if line.action == "code.voided"]
    assert [line.reason for line in kept] == ["leaked"]


def test_a_withdrawn_word_is_not_shared_again(shop):
    mine = campaign(shop)
    shared(shop, mine, "SPRING", key="w1")
    shop.post("/codes/SPRING/void", {"reason": "over"}, key="v1")

    answer = shared(shop, mine, "SPRING", key="w2")

    assert (answer.status_code, answer.json()["code"]) == (409, "code_taken")


def test_a_cart_that_holds_a_withdrawn_code_may_still_pay_with_it(shop):
    mine = campaign(shop)
    shared(shop, mine, "SPRING", key="w1")
    wanted = {"codes": ["SPRING"], "cart": CART, "reference": "cart-1"}
    assert shop.post("/codes/hold", wanted, key="h1").status_code == 200
    shop.post("/codes/SPRING/void", {"reason": "over"}, key="v1")

    paid = shop.post("/codes/redeem", {"reference": "cart-1"}, key="r1")

    assert (paid.status_code, paid.json()["uses"][0]["state"]) == (200, "redeemed")


def test_a_code_that_is_not_there_is_said_to_be_unknown_and_needs_a_reason(shop):
    unknown = shop.post("/codes/NOSUCHCODE/void", {"reason": "leaked"}, key="v1")
    silent = shop.post("/codes/NOSUCHCODE/void", {"reason": ""}, key="v2")

    assert (unknown.status_code, unknown.json()["code"]) == (404, "code_unknown")
    assert silent.status_code == 422


def test_a_till_withdraws_and_shares_nothing(key_with, shop):
    till = key_with("codes:read", "redemptions:write")
    mine = campaign(shop)

    answers = [
        shared(till, mine, "SPRING", key="w1"),
        till.post("/codes/SPRING/void", {"reason": "x"}, key="v1"),
    ]

    assert [each.status_code for each in answers] == [403, 403]


def test_the_examples_of_the_document_run_as_they_stand(shop):
    mine = campaign(shop)
    body = example("/campaigns/{campaign_id}/shared-codes")

    added = shop.post(f"/campaigns/{mine}/shared-codes", body, key="w1")
    voided = shop.post(f"/codes/{body['code']}/void", example("/codes/{code}/void"), key="v1")

    assert (added.status_code, voided.status_code) == (201, 200)
