"""Answers kept by the API, and acts kept by commands: what either promises by itself."""

from __future__ import annotations

import pytest
from django.db import connection

from huitouke.service.core import clock
from huitouke.service.core.actor import SYSTEM, Actor
from huitouke.service.core.ids import private_id, public_id
from huitouke.service.programme.rewards.redemptions import redeem
from huitouke.service.programme.rewards.refusals import InsufficientPoints
from huitouke.service.programme.versions.starter import begin

MUG = {"code": "mug", "kind": "product", "names": {"en": "Mug"}, "cost_points": 600}


@pytest.fixture
def shop(caller):
    begin(at=clock.now(), actor=SYSTEM)
    return caller


@pytest.fixture
def asked(shop):
    """A member without a point, and a mug: what the body of a redemption says."""
    identity = {"kind": "phone", "value": "13800138000"}
    customer = shop.post("/customers", {"identities": [identity]}).json()["id"]
    assert shop.post(f"/customers/{customer}/enrol", None).status_code == 200
    body = {"points": -100, "reason_code": "x"}
    shop.post(f"/customers/{customer}/adjustments", body, key="none")
    return {"customer": customer, "reward": shop.post("/rewards", MUG).json()["id"]}


def grant(shop, asked, points: int) -> None:
    path = f"/customers/{asked['customer']}/adjustments"
    done = shop.post(path, {"points": points, "reason_code": "x"}, key=f"plus {points}")
    assert done.status_code == 201, done.content


def by_command(asked, *, key: str):
    return redeem(
        private_id("cus", asked["customer"]),
        programme="main",
        key=key,
        actor=Actor("staff", "boss"),
        at=clock.now(),
        reward=private_id("rwd", asked["reward"]),
    )


def scopes_of(key: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT scope FROM core_request WHERE key = %s ORDER BY 1", [key])
        return [row[0] for row in cursor.fetchall()]


def test_the_door_repeats_its_words_and_the_command_knows_what_is_by_now(shop, asked):
    grant(shop, asked, 2_000)
    first = shop.post("/redemptions", asked, key="r1")
    shop.post(f"/redemptions/{first.json()['id']}/capture", None, key="r2")

    again = shop.post("/redemptions", asked, key="r1")
    found = by_command(asked, key="r1")

    assert (again.status_code, again.content) == (201, first.content)
    assert again.json()["state"] == "held"
    assert (public_id("rdm", found.id), found.state) == (first.json()["id"], "captured")
    assert scopes_of("r1") == ["http", "redeem:main"]


def test_what_the_command_refused_the_door_refuses_under_the_same_key(shop, asked):
    with pytest.raises(InsufficientPoints):
        by_command(asked, key="r1")
    grant(shop, asked, 2_000)

    over_http = shop.post("/redemptions", asked, key="r1")

    assert (over_http.status_code, over_http.json()["code"]) == (409, "insufficient_points")
    with pytest.raises(InsufficientPoints):
        by_command(asked, key="r1")


def test_a_refusal_of_the_door_is_kept_once_and_stays(shop, asked):
    first = shop.post("/redemptions", asked, key="r1")
    grant(shop, asked, 2_000)

    again = shop.post("/redemptions", asked, key="r1")

    assert (first.status_code, again.content) == (409, first.content)
    assert scopes_of("r1") == ["http"]
    assert shop.post("/redemptions", asked, key="r2").status_code == 201
