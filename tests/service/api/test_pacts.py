"""A shared reward through the API: completed by two, and undone for both."""

from __future__ import annotations

import json

import pytest

from huitouke.service.api.addresses import door
from huitouke.service.core import audit, clock
from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.models import Outbox
from huitouke.service.programme.versions.starter import begin

BASKET = {
    "code": "basket",
    "kind": "product",
    "names": {"en": "Picnic basket"},
    "cost_points": 1_000,
    "cooperative": True,
    "stock_left": 1,
}


@pytest.fixture
def shop(caller):
    begin(at=clock.now(), actor=SYSTEM)
    return caller


@pytest.fixture
def members(shop) -> list[str]:
    """Two with 700 points each."""
    made = []
    for phone in ("13800138000", "13900139000"):
        identity = {"kind": "phone", "value": phone}
        made.append(shop.post("/customers", {"identities": [identity]}).json()["id"])
        assert shop.post(f"/customers/{made[-1]}/enrol", None).status_code == 200
        given = {"points": 700 - active(shop, made[-1]), "reason_code": "x"}
        shop.post(f"/customers/{made[-1]}/adjustments", given, key=phone)
    return made


@pytest.fixture
def pact(shop, members) -> str:
    """Paid for by both, and not completed yet."""
    reward = shop.post("/rewards", BASKET).json()["id"]
    body = {"customer": members[0], "reward": reward, "points": 600}
    made = shop.post("/pacts", body, key="offer").json()["id"]
    joined = shop.post(f"/pacts/{made}/join", {"customer": members[1]}, key="join")
    assert (joined.status_code, joined.json()["state"]) == (200, "ready")
    return made


def active(shop, customer: str) -> int:
    return shop.get(f"/customers/{customer}/balance").json()["active"]


def stock(shop) -> int:
    return shop.get("/rewards").json()[0]["stock_left"]


def example():
    document = json.loads(json.dumps(door.get_openapi_schema()))
    said = document["paths"]["/v1/pacts/{pact_id}/reversals"]["post"]["requestBody"]
    return said["content"]["application/json"]["example"]


def complete(shop, pact: str) -> None:
    done = shop.post(f"/pacts/{pact}/capture", None, key="capture")
    assert (done.status_code, done.json()["state"]) == (200, "captured")


def test_every_key_that_a_header_takes_begins_a_pact_and_joins_it(shop, members):
    reward = shop.post("/rewards", BASKET).json()["id"]
    body = {"customer": members[0], "reward": reward, "points": 600}

    made = shop.post("/pacts", body, key="o" * 255)
    again = shop.post("/pacts", body, key="o" * 255)
    path = f"/pacts/{made.json()['id']}/join"
    joined = shop.post(path, {"customer": members[1]}, key="j" * 255)

    assert (made.status_code, joined.status_code) == (201, 200), made.content
    assert again.json()["id"] == made.json()["id"]
    assert joined.json()["state"] == "ready"


def test_a_redemption_and_a_pact_never_fight_for_a_key(shop, members):
    mug = {**BASKET, "code": "mug", "cooperative": False, "cost_points": 50}
    mine = {"customer": members[0], "reward": shop.post("/rewards", mug).json()["id"]}
    basket = shop.post("/rewards", BASKET).json()["id"]
    shared = {"customer": members[0], "reward": basket, "points": 600}

    one = shop.post("/redemptions", mine, key="pact:z")
    other = shop.post("/pacts", shared, key="z")

    assert (one.status_code, other.status_code) == (201, 201), other.content
    assert active(shop, members[0]) == 50


def test_both_get_their_points_back_once_by_the_example(shop, members, pact):
    complete(shop, pact)
    spent = [active(shop, each) for each in members]

    first = shop.post(f"/pacts/{pact}/reversals", example(), key="back")
    again = shop.post(f"/pacts/{pact}/reversals", example(), key="back")

    assert (first.status_code, first.json()["state"]) == (201, "reversed"), first.content
    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"
    assert spent == [100, 300]
    assert [active(shop, each) for each in members] == [700, 700]
    assert stock(shop) == 1
    kept = {line.action: line.reason for line in audit.lines(target=pact)}
    assert kept["pact.reversed"] == example()["note"]


@pytest.mark.parametrize(
    "because", ["merchant_cancelled", "goods_returned", "changed_mind", "mistake"]
)
def test_a_reversal_says_why_and_both_members_are_told(shop, pact, because):
    complete(shop, pact)

    answer = shop.post(f"/pacts/{pact}/reversals", {"because": because}, key="back")

    assert answer.status_code == 201, answer.content
    told = Outbox.objects.filter(topic="reward.reversed")
    assert [each.body["because"] for each in told] == [because, because]


def test_what_is_not_completed_is_not_undone_and_the_no_is_kept(shop, pact):
    early = shop.post(f"/pacts/{pact}/reversals", {}, key="back")
    complete(shop, pact)
    late = shop.post(f"/pacts/{pact}/reversals", {}, key="back")
    new = shop.post(f"/pacts/{pact}/reversals", {}, key="back again")
    twice = shop.post(f"/pacts/{pact}/reversals", {}, key="and again")

    assert (early.status_code, early.json()["code"]) == (409, "pact_not_open")
    assert late.content == early.content
    assert new.status_code == 201
    assert (twice.status_code, twice.json()["code"]) == (409, "pact_not_open")


def test_what_was_undone_is_not_released_on_top(shop, pact):
    complete(shop, pact)
    shop.post(f"/pacts/{pact}/reversals", {}, key="back")

    answer = shop.post(f"/pacts/{pact}/release", None, key="release")

    assert (answer.status_code, answer.json()["code"]) == (409, "pact_not_open")
    assert stock(shop) == 1


def test_another_reason_or_no_key_or_an_unknown_pact_is_refused(shop, pact):
    complete(shop, pact)

    strange = shop.post(f"/pacts/{pact}/reversals", {"because": "x"}, key="back")
    keyless = shop.post(f"/pacts/{pact}/reversals", {})
    nobody = shop.post("/pacts/pct_0123456789abcdefghjkmnpqrs/reversals", {}, key="back")

    assert (strange.status_code, strange.json()["code"]) == (422, "invalid")
    assert (keyless.status_code, keyless.json()["code"]) == (400, "idempotency_key_missing")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "pact_unknown")
    assert nobody.json()["values"]["pact"] == "pct_0123456789abcdefghjkmnpqrs"
