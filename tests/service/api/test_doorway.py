"""Who and what does not come through the door."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from huitouke.service.core import clock, keys
from huitouke.service.core.actor import Actor
from huitouke.service.customers.models import Customer

OPERATOR = Actor("staff", "operator")


def test_without_a_key_nothing_is_told(db):
    answer = Client().get("/v1/customers")

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


def test_an_expired_key_is_no_key(key_with, shift_clock):
    at = clock.now()
    made = keys.create(
        "old",
        scopes=["customers:read"],
        at=at,
        actor=OPERATOR,
        expires_at=at + timedelta(days=1),
    )
    caller = key_with("customers:read")
    caller.token = made.secret
    before = caller.get("/customers").status_code

    shift_clock(timedelta(days=2))

    assert (before, caller.get("/customers").status_code) == (200, 401)


def test_a_key_without_the_scope_changes_nothing(key_with):
    caller = key_with("customers:read")

    answer = caller.post("/customers", {"name": "x"})

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert Customer.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"name": NaN}', 400),
        (b'{"name": "a\\u0000b"}', 400),
        (b"[" * 5000 + b"]" * 5000, 400),
        (b'{"attributes": {"a": ' + b"9" * 5000 + b"}}", 400),
        (b'{"name": "\\ud800"}', 400),
        (b"\xff\xfe{}", 400),
        (b"{", 400),
        (b"", 422),
        (b'"text"', 422),
        (b'{"name": 1e400}', 422),
    ],
)
def test_trick_bodies_are_refused(caller, body, status):
    answer = caller.send("POST", "/customers", body)

    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("kind", ["text/plain", "application/json; charset=utf-16", "x"])
def test_other_media_are_refused(caller, kind):
    answer = caller.send("POST", "/customers", b"{}", **{"Content-Type": kind})

    assert answer.status_code == 415


def test_the_reader_chooses_the_language(caller):
    zh = caller.get("/customers/cus_x").json()
    en = caller.get("/customers/cus_x", **{"Accept-Language": "en-GB"}).json()

    assert zh["detail"] == zh["messages"]["zh"] != zh["messages"]["en"] == en["detail"]


def test_traditional_is_a_reading_and_the_contract_stays(caller):
    told = caller.get("/customers/cus_x", **{"Accept-Language": "fr, zh-TW;q=0.9"}).json()

    assert set(told["messages"]) == {"zh", "en"}
    assert told["detail"] not in told["messages"].values()
    assert "編號" in told["detail"] or "顧客" in told["detail"]


def test_an_answer_before_the_body_was_read_says_that_the_connection_ends(caller):
    unread = Client().post("/v1/customers", b"{}", content_type="application/json")
    read = caller.post("/customers", {})
    empty = Client().generic("POST", "/v1/customers")

    assert unread["Connection"] == "close"
    assert "Connection" not in read
    assert "Connection" not in empty
