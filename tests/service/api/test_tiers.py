"""Tiers are given and bought through the API."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from huitouke.service.api.addresses import door
from huitouke.service.core import audit, clock
from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.scopes import SCOPES
from huitouke.service.programme.versions.starter import begin

BLACK = {
    "code": "black",
    "name": {"zh": "黑卡", "en": "Black"},
    "paid": {"price_minor": 29_900, "months": 12},
}


@pytest.fixture
def shop(caller):
    """The programme to start from, with one tier more, which is for sale."""
    programme = begin(at=clock.now(), actor=SYSTEM).programme.code
    (now,) = caller.get(f"/programmes/{programme}/versions").json()
    definition = now["definition"]
    definition["tiers"]["tiers"].append(BLACK)
    draft = caller.post(f"/programmes/{programme}/versions", {"definition": definition})
    done = caller.post(f"/versions/{draft.json()['id']}/publish", {"despite": True})
    assert done.status_code == 200, done.content
    return caller


@pytest.fixture
def member(shop) -> str:
    identity = {"kind": "phone", "value": "13800138000"}
    made = shop.post("/customers", {"identities": [identity]}).json()["id"]
    assert shop.post(f"/customers/{made}/enrol", None).status_code == 200
    return made


def example(path: str):
    document = json.loads(json.dumps(door.get_openapi_schema()))
    said = document["paths"][f"/v1/customers/{{customer_id}}/tier/{path}"]["post"]
    return said["requestBody"]["content"]["application/json"]["example"]


def grant_of(days: int = 30, **more):
    through = (clock.now() + timedelta(days=days)).date().isoformat()
    return {"tier": "gold", "through": through, "reason": "an apology", **more}


def test_the_example_of_a_grant_runs_as_it_stands(shop, member, shift_clock):
    asked = example("grants")
    shift_clock(datetime.fromisoformat(f"{asked['through']}T00:00:00Z") - clock.now())

    answer = shop.post(f"/customers/{member}/tier/grants", asked, key="g1")

    assert answer.status_code == 201, answer.content
    assert answer.json()["tier"] == asked["tier"]


def test_a_given_tier_is_answered_as_it_is_read_and_once_per_key(shop, member):
    path, asked = f"/customers/{member}/tier/grants", grant_of()

    first = shop.post(path, asked, key="g1")
    again = shop.post(path, asked, key="g1")
    other = shop.post(path, grant_of(31), key="g1")

    assert first.status_code == 201, first.content
    assert first.json() == shop.get(f"/customers/{member}/tier").json()
    assert first.json()["granted_through"] == asked["through"]
    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    kept = [line for line in audit.lines(target=member) if line.action == "tier.granted"]
    assert [(line.actor, line.reason) for line in kept] == [("key:shop", "an apology")]


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"tier": "jade"}, 404, "tier_unknown"),
        ({"days": -2}, 422, "grant_invalid"),
        ({"days": 1_200}, 422, "grant_invalid"),
        ({"reason": " "}, 422, "grant_invalid"),
        ({"reason": ""}, 422, "invalid"),
        ({"programme": "other"}, 409, "nothing_published"),
    ],
)
def test_a_grant_without_tier_day_or_reason_is_refused(shop, member, asked, status, code):
    answer = shop.post(f"/customers/{member}/tier/grants", grant_of(**asked), key="g1")

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert shop.get(f"/customers/{member}/tier").json()["granted_through"] is None


def test_the_example_of_a_purchase_runs_as_it_stands_and_once_per_key(shop, member):
    path = f"/customers/{member}/tier/purchases"

    first = shop.post(path, example("purchases"), key="p1")
    again = shop.post(path, example("purchases"), key="p1")
    renewed = shop.post(path, example("purchases"), key="p2")

    assert first.status_code == 201, first.content
    assert again.content == first.content
    assert renewed.json() == shop.get(f"/customers/{member}/tier").json()
    assert first.json()["tier"] == renewed.json()["tier"] == "black"
    assert first.json()["paid_through"] < renewed.json()["paid_through"]


def test_a_tier_without_a_price_is_not_sold_and_nobody_buys_without_a_key(shop, member):
    path = f"/customers/{member}/tier/purchases"

    unpriced = shop.post(path, {"tier": "gold"}, key="p1")
    keyless = shop.post(path, {"tier": "black"})

    assert (unpriced.status_code, unpriced.json()["code"]) == (422, "tier_not_for_sale")
    assert (keyless.status_code, keyless.json()["code"]) == (400, "idempotency_key_missing")
    assert shop.get(f"/customers/{member}/tier").json()["paid_through"] is None


@pytest.mark.parametrize("what", ["grants", "purchases"])
def test_who_is_not_a_member_is_told_no_for_good(shop, what):
    stranger = shop.post("/customers", {"name": "Li Na"}).json()["id"]
    path = f"/customers/{stranger}/tier/{what}"
    asked = grant_of(tier="black") if what == "grants" else {"tier": "black"}

    refused = shop.post(path, asked, key="k1")
    shop.post(f"/customers/{stranger}/enrol", None)
    late = shop.post(path, asked, key="k1")

    assert (refused.status_code, refused.json()["code"]) == (409, "not_a_member")
    assert late.content == refused.content
    assert shop.post(path, asked, key="k2").status_code == 201


def test_a_key_that_may_not_read_is_told_that_it_was_done(shop, member, key_with):
    till = key_with("points:write", name="shop")
    twin = key_with(*SCOPES, name="shop")
    path, asked = f"/customers/{member}/tier/grants", grant_of()

    blind = till.post(path, asked, key="g1")
    full = twin.post(path, asked, key="g1")

    assert blind.status_code == full.status_code == 201
    assert blind.json() == {"customer": member, "programme": "main"}
    assert full.json()["tier"] == "gold"
