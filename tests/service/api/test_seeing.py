"""A key that may write and not read learns nothing of a person that it did not send."""

from __future__ import annotations

import json

import pytest

from huitouke.service.api.addresses import door
from huitouke.service.api.shapes.facts import seen
from huitouke.service.core import clock
from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.scopes import SCOPES
from huitouke.service.programme.versions.starter import begin

WRITES = [scope for scope in SCOPES if not scope.endswith(":read")]
PHONE = {"kind": "phone", "value": "13800138000"}
PRIVATE = "Li Na, who lives by the lake"


@pytest.fixture
def till(key_with):
    """A key for everything that writes, and for nothing that reads."""
    begin(at=clock.now(), actor=SYSTEM)
    return key_with(*WRITES, name="till")


def paid(number: str = "1001"):
    return {
        "type": "order.paid",
        "source": "shop",
        "source_id": number,
        "occurred_at": clock.now().isoformat(),
        "customer": {"identity": PHONE},
        "order": {"number": number, "lines": [{"sku": "TEA", "amount_minor": 30_000}]},
    }


def test_who_creates_and_changes_a_person_is_told_id_and_stage(caller, till):
    known = caller.post("/customers", {"name": PRIVATE, "identities": [PHONE]}).json()

    made = till.post("/customers", {"name": "New"})
    changed = till.patch(f"/customers/{known['id']}", {"gender": "female"})
    same = till.patch(f"/customers/{known['id']}", {})

    assert (made.status_code, set(made.json())) == (201, {"id", "stage"})
    assert changed.json() == same.json() == {"id": known["id"], "stage": "fan"}
    assert caller.get(f"/customers/{known['id']}").json()["gender"] == "female"


def test_who_may_read_as_well_is_told_all(caller, key_with):
    known = caller.post("/customers", {"name": PRIVATE, "identities": [PHONE]}).json()
    desk = key_with("customers:read", "customers:write", name="desk")

    changed = desk.patch(f"/customers/{known['id']}", {"gender": "female"})

    assert changed.json() == {**known, "gender": "female"}


@pytest.mark.parametrize("many", [False, True])
def test_a_fact_tells_what_it_came_to_and_neither_balance_nor_tier(caller, till, many):
    customer = caller.post("/customers", {"identities": [PHONE]}).json()["id"]
    caller.post(f"/customers/{customer}/enrol", None)
    fact = [paid()] if many else paid()

    blind = till.post("/events", fact, key="k-1").json()
    again = till.post("/events", fact, key="k-1").json()
    full = caller.post("/events", fact).json()

    told, known = (each["results"][0] if many else each for each in (blind, full))
    assert again == blind
    assert "balance" not in told
    assert known["balance"]["points"]["pending"] == 300
    assert told["effects"] == known["effects"]
    assert "Silver" not in json.dumps(told["reasons"])
    assert "Silver" in json.dumps(known["reasons"])


def test_what_is_kept_under_a_key_is_shown_by_the_scopes_of_who_asks(till, key_with):
    customer = till.post("/customers", {"identities": [PHONE]}).json()["id"]
    twin = key_with(*SCOPES, name="till")

    blind, full = (
        each.post(f"/customers/{customer}/enrol", {}, key="e-1").json() for each in (till, twin)
    )

    assert blind.get("balance") is None
    assert full["balance"]["points"]["available"] == 100


def test_a_reason_leaves_out_what_was_found_of_the_member():
    reason = {
        "code": "missed.condition",
        "name": {"zh": "老友", "en": "Friends"},
        "fact": "member.tags",
        "op": "has",
        "actual": [PRIVATE],
        "required": ["friend"],
        "says": {"zh": PRIVATE, "en": PRIVATE},
    }
    miss = {"rule": "r", "condition": 0, "actual": [PRIVATE], "reason": reason}
    excluded = {**miss, "reason": {**reason, "op": "has_none"}}

    told = seen({"reasons": [miss, excluded]}, scopes=frozenset(WRITES))

    assert PRIVATE not in json.dumps(told, ensure_ascii=False)
    says = [each["reason"]["says"]["en"] for each in told["reasons"]]
    assert says == [
        "Friends: not earned, because the member's label must be friend.",
        "Friends: not earned, because it is not for the member's label friend.",
    ]


def test_no_address_under_a_writing_scope_promises_a_whole_person():
    person = {"$ref": "#/components/schemas/CustomerOut"}
    promised = [
        f"{method} {path}"
        for path, methods in json.loads(json.dumps(door.get_openapi_schema()))["paths"].items()
        for method, operation in methods.items()
        for told in operation["responses"].values()
        for content in told.get("content", {}).values()
        if content["schema"] == person and "customers:read" not in str(operation["security"])
    ]

    assert promised == []
