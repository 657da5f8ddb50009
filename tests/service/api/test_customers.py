"""Customers through the API."""

from __future__ import annotations

import json

import pytest

from huitouke.service.api.addresses import door
from huitouke.service.core import audit

PHONE = {"kind": "phone", "value": "138 0013 8000"}


def test_a_customer_is_created_and_found_by_any_spelling_of_an_identity(caller):
    made = caller.post("/customers", {"name": "李娜", "identities": [PHONE]})

    assert made.status_code == 201, made.content
    answer = caller.get("/customers?identity=phone:%2B8613800138000")
    assert answer.status_code == 200, answer.content
    found = answer.json()["customers"]
    assert [each["id"] for each in found] == [made.json()["id"]]
    assert found[0]["stage"] == "fan"


def test_a_household_is_given_changed_and_taken_away(caller):
    made = caller.post("/customers", {"name": "李娜", "household": "H1"}).json()["id"]
    assert caller.get(f"/customers/{made}").json()["household"] == "H1"

    caller.patch(f"/customers/{made}", {"household": ""})

    assert caller.get(f"/customers/{made}").json()["household"] == ""


def test_when_to_write_is_given_read_sent_back_and_taken_away(caller):
    made = caller.post("/customers", {"name": "李娜"}).json()["id"]
    open_to_all = {"days": None, "earliest": None, "latest": None, "most_per_month": None}
    assert caller.get(f"/customers/{made}").json()["contact"] == open_to_all

    wishes = {"days": [1, 5], "earliest": "09:00", "latest": "20:30"}
    caller.patch(f"/customers/{made}", {"contact": wishes})
    shown = caller.get(f"/customers/{made}").json()["contact"]
    again = caller.patch(f"/customers/{made}", {"contact": shown})
    night = caller.patch(f"/customers/{made}", {"contact": wishes | {"latest": "08:00"}})

    assert shown == wishes | {"most_per_month": None}
    assert again.json()["contact"] == shown
    assert (night.status_code, night.json()["code"]) == (422, "detail_invalid")
    taken = caller.patch(f"/customers/{made}", {"contact": {}})
    assert taken.json()["contact"] == open_to_all


def test_a_taken_identity_is_a_conflict(caller):
    caller.post("/customers", {"identities": [PHONE]})

    again = caller.post("/customers", {"identities": [PHONE]})

    assert again.status_code == 409
    assert again["Content-Type"] == "application/problem+json"
    assert set(again.json()["messages"]) == {"zh", "en"}


def test_an_unknown_member_of_a_body_is_refused_with_its_place(caller):
    answer = caller.post("/customers", {"nmae": "x"})

    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid"
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/nmae"]


def test_a_change_that_is_refused_in_part_changes_nothing(caller):
    taken = {"kind": "email", "value": "a@example.com"}
    caller.post("/customers", {"identities": [taken]})
    mine = caller.post("/customers", {"name": "before"}).json()["id"]

    answer = caller.patch(f"/customers/{mine}", {"name": "after", "add_identities": [taken]})

    assert answer.status_code == 409
    assert caller.get(f"/customers/{mine}").json()["name"] == "before"


def identities(caller, customer: str) -> list[tuple[str, str, str | None]]:
    shown = caller.get(f"/customers/{customer}").json()["identities"]
    return [(each["kind"], each["value"], each["verified_at"]) for each in shown]


def actions(customer: str) -> list[str]:
    return [line.action for line in audit.lines(target=customer)]


def test_the_example_of_a_change_adds_a_verified_identity_and_again_changes_nothing(caller):
    document = json.loads(json.dumps(door.get_openapi_schema()))
    said = document["paths"]["/v1/customers/{customer_id}"]["patch"]["requestBody"]
    body = said["content"]["application/json"]["example"]
    mine = caller.post("/customers", {}).json()["id"]

    first = caller.patch(f"/customers/{mine}", body)
    again = caller.patch(f"/customers/{mine}", body)

    assert first.status_code == 200, first.content
    assert again.json() == first.json()
    assert identities(caller, mine) == [("phone", "+8613800138000", "2026-03-31T04:00:00Z")]
    assert actions(mine).count("customer.identity_added") == 1


def test_an_identity_becomes_verified_once_and_stays_so(caller):
    mine = caller.post("/customers", {"identities": [PHONE]}).json()["id"]
    assert identities(caller, mine) == [("phone", "+8613800138000", None)]

    for moment in ("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z", None):
        shown = caller.patch(
            f"/customers/{mine}", {"add_identities": [{**PHONE, "verified_at": moment}]}
        )
        assert shown.status_code == 200, shown.content

    assert identities(caller, mine) == [("phone", "+8613800138000", "2026-02-01T00:00:00Z")]
    assert actions(mine).count("customer.identity_added") == 1


def test_an_identity_that_is_taken_away_is_free_for_another_and_cannot_go_twice(caller):
    mine = caller.post("/customers", {"identities": [PHONE]}).json()["id"]
    other = caller.post("/customers", {}).json()["id"]
    taken = caller.patch(f"/customers/{other}", {"add_identities": [PHONE]})

    gone = caller.patch(f"/customers/{mine}", {"remove_identities": [PHONE]})
    again = caller.patch(f"/customers/{mine}", {"remove_identities": [PHONE]})
    now = caller.patch(f"/customers/{other}", {"add_identities": [PHONE]})

    assert (taken.status_code, taken.json()["code"]) == (409, "identity_taken")
    assert (gone.status_code, gone.json()["identities"]) == (200, [])
    assert (again.status_code, again.json()["code"]) == (404, "identity_unknown")
    assert now.status_code == 200
    assert actions(mine).count("customer.identity_removed") == 1


@pytest.mark.parametrize(
    ("moment", "code"), [("1999-12-31T00:00:00Z", "moment_strange"), ("soon", "invalid")]
)
def test_an_identity_is_verified_at_a_moment_of_these_years(caller, moment, code):
    mine = caller.post("/customers", {}).json()["id"]

    answer = caller.patch(
        f"/customers/{mine}", {"add_identities": [{**PHONE, "verified_at": moment}]}
    )

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert identities(caller, mine) == []


def test_merge_replays_under_its_key_and_can_be_undone(caller):
    loser = caller.post("/customers", {"identities": [PHONE]}).json()["id"]
    winner = caller.post("/customers", {"name": "winner"}).json()["id"]

    first = caller.post(f"/customers/{loser}/merge", {"into": winner}, key="m1")
    again = caller.post(f"/customers/{loser}/merge", {"into": winner}, key="m1")
    led = caller.get(f"/customers/{loser}").json()["id"]
    undone = caller.post(f"/merges/{first.json()['id']}/undo", None, key="u1")

    assert (first.status_code, led) == (200, winner)
    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"
    assert undone.json()["undone_at"] is not None
    assert caller.get(f"/customers/{loser}").json()["id"] == loser


def test_the_same_key_for_another_body_is_refused(caller):
    one, two, three = (caller.post("/customers", {}).json()["id"] for _ in range(3))
    caller.post(f"/customers/{one}/merge", {"into": two}, key="m1")

    answer = caller.post(f"/customers/{three}/merge", {"into": two}, key="m1")

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")


def test_an_erased_customer_is_gone(caller):
    mine = caller.post("/customers", {"identities": [PHONE]}).json()["id"]

    erased = caller.post(f"/customers/{mine}/erase", None)

    assert erased.status_code == 200
    assert caller.get(f"/customers/{mine}").status_code == 410
    assert caller.get("/customers?identity=phone:13800138000").json()["customers"] == []


def test_withdrawing_consent_is_a_no(caller):
    mine = caller.post("/customers", {}).json()["id"]
    said = {"channel": "sms", "purpose": "marketing", "source": "till", "wording_version": "1"}
    caller.post(f"/customers/{mine}/consents", {**said, "given": True})
    caller.post(f"/customers/{mine}/consents", {**said, "given": False})

    (now,) = caller.get(f"/customers/{mine}/consents").json()

    assert now["given"] is False
