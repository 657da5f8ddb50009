"""Who brought whom, through the API: a person decides on what looks odd."""

from __future__ import annotations

import pytest

from huitouke.service.core import clock
from huitouke.service.core.actor import SYSTEM
from huitouke.service.programme.versions.starter import begin


@pytest.fixture
def shop(caller):
    begin(at=clock.now(), actor=SYSTEM)
    definition = caller.get("/programmes/main/versions").json()[0]["definition"]
    definition["referral"] = {"advocate_points": 300, "friend_points": 100}
    made = caller.post("/programmes/main/versions", {"definition": definition}).json()
    done = caller.post(f"/versions/{made['id']}/publish", {"despite": True})
    assert done.status_code == 200, done.content
    return caller


def person(shop, phone: str) -> str:
    identity = {"kind": "phone", "value": phone}
    return shop.post("/customers", {"identities": [identity]}).json()["id"]


@pytest.fixture
def one_person(shop) -> str:
    """A member who turns out to be the friend that the member brought."""
    advocate, friend = person(shop, "13800138000"), person(shop, "13900139000")
    shop.post(f"/customers/{advocate}/enrol", None)
    code = shop.get(f"/customers/{advocate}/referral-code").json()["code"]
    fact = {
        "type": "customer.signed_up",
        "source": "app",
        "source_id": "friend",
        "occurred_at": clock.now().isoformat(),
        "customer": {"id": friend},
        "referral_code": code,
    }
    joined = shop.post("/events", fact)
    assert joined.status_code == 200, joined.content
    merged = shop.post(f"/customers/{friend}/merge", {"into": advocate}, key="merge")
    assert merged.status_code == 200, merged.content
    return advocate


def test_nobody_is_approved_to_have_brought_himself(shop, one_person):
    waiting = shop.get("/referrals/review").json()
    path = f"/referrals/{waiting[0]['id']}"

    approved = shop.post(f"{path}/approve", {"reason": "looks fine"})
    refused = shop.post(f"{path}/refuse", {"reason": "one person"})

    assert waiting[0]["flags"] == ["same_person"]
    assert (approved.status_code, approved.json()["code"]) == (409, "referral_of_one")
    assert (refused.status_code, refused.json()["state"]) == (200, "refused")
    assert shop.get("/referrals/review").json() == []
