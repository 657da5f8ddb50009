"""What somebody with a key tries: bodies that cost more than they weigh, ways inside."""

from __future__ import annotations

import logging
import socket

import pytest
from django.test import Client

from huitouke.service.api.bodies import BodyBroken, raw_body
from huitouke.service.api.routes.events import EXAMPLE
from huitouke.service.config.backup import dump
from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.core.webhooks import addresses
from huitouke.service.programme.versions.starter import begin

SYSTEM = Actor("system", "test")


@pytest.fixture
def till(key_with):
    begin(at=clock.now(), actor=SYSTEM)
    return key_with("events:write", "points:read", "redemptions:read", "programme:read")


def body(rf, raw: bytes):
    return rf.generic("POST", "/v1/events", raw, content_type="application/json")


@pytest.mark.parametrize(
    "raw",
    [
        b"[" + b"[]," * 100_000 + b"1]",
        b'["' + b'\\"[' * 100_000 + b'"]',
        b'{"a": "' + b"[{" * 100_000 + b'"}',
        b"[" * 40 + b"]" * 40,
        b"[" + b'{"a": [1]},' * 30_000,
    ],
)
def test_brackets_beside_each_other_or_in_texts_are_not_deep(rf, raw):
    assert raw_body(body(rf, raw)) == raw


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 41 + b"]" * 41,
        b'{"a":' * 41,
        b"[" + b"[]," * 1_000 + b"[" * 40 + b"]" * 41,
        b'["[]", ' * 41 + b"1" + b"]" * 41,
        b"[{" * 21 + b"}]" * 21,
    ],
)
def test_brackets_inside_each_other_are_deep_wherever_they_stand(rf, raw):
    with pytest.raises(BodyBroken):
        raw_body(body(rf, raw))


def test_a_body_of_a_hundred_thousand_values_is_refused_before_it_is_looked_at(till):
    lines = ",".join(["{}"] * 100_000)
    raw = f'{{"cart": {{"lines": [{lines}]}}}}'.encode()

    answer = till.post("/quotes", raw)

    assert (answer.status_code, answer.json()["code"]) == (400, "body_broken")


def test_a_fact_with_more_lines_than_any_has_is_refused_without_a_list_of_them(till):
    huge = {**EXAMPLE, "order": {"number": "1", "lines": [{}] * 30_000}}

    answer = till.post("/events", huge)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert answer.json()["errors"] == []


@pytest.mark.parametrize(
    ("kind", "order"),
    [
        ("order.paid", {"number": "1", "lines": [{}] * 1_000}),
        (
            "order.paid",
            {"number": "1", "lines": [{"sku": "T", "amount_minor": 1}], "coupons": [1] * 9_000},
        ),
        (
            "order.paid",
            {
                "number": "1",
                "lines": [{"sku": "T", "amount_minor": 1}],
                "payments": [{}] * 9_000,
            },
        ),
        ("order.refunded", {"number": "1", "lines": [{}] * 1_000}),
    ],
)
def test_a_list_is_read_up_to_its_first_wrong_entry(till, kind, order):
    answer = till.post("/events", {**EXAMPLE, "type": kind, "order": order})

    said = answer.json()
    assert (answer.status_code, said["code"]) == (422, "invalid")
    assert said["values"]["count"] == len(said["errors"]) <= 4
    assert not [each for each in said["errors"] if "/1/" in each["pointer"]]


def test_too_many_attributes_are_one_error(till):
    attributes = {f"a{number}": None for number in range(9_000)}

    said = till.post("/events", {**EXAMPLE, "attributes": attributes}).json()

    assert said["values"] == {"count": 1, "more": 0}
    assert [each["pointer"] for each in said["errors"]] == ["/order.paid/attributes"]


@pytest.mark.parametrize("many", [False, True])
def test_errors_are_named_up_to_fifty_and_the_others_are_counted(till, many):
    fact = {**EXAMPLE, **{f"x{number}": 1 for number in range(1_000)}}

    said = till.post("/events", [fact] if many else fact).json()

    row = said["results"][0] if many else said
    assert len(row["errors"]) == 50
    says = row["says"]["en"] if many else row["messages"]["en"]
    assert "wrong values: 1000" in says
    assert "left out: 950" in says


def test_other_bodies_count_what_they_leave_out_as_well(key_with):
    answer = key_with("customers:write").post("/customers", {f"x{n}": 1 for n in range(60)})

    assert answer.json()["values"] == {"count": 60, "more": 10}
    assert len(answer.json()["errors"]) == 50


def test_a_huge_fact_does_not_hold_up_the_others(till):
    at = clock.now().isoformat()
    good = {**EXAMPLE, "occurred_at": at}
    huge = {**good, "source_id": "2", "order": {"number": "2", "lines": [{}] * 30_000}}
    wrong = {**good, "source_id": "3", "order": {"number": "3", "lines": [{}]}}

    results = till.post("/events", [huge, good, wrong]).json()["results"]

    assert [each["status"] for each in results] == ["invalid", "done", "invalid"]
    assert results[0]["errors"] == []
    assert "/order/lines/0/sku" in results[2]["errors"][0]["pointer"]


@pytest.mark.parametrize(
    "path",
    [
        "/customers/{id}/balance?programme=%00",
        "/customers/{id}/entries?programme=%00",
        "/customers/{id}/tier?programme=%00",
        "/customers/{id}/rewards?programme=%00",
        "/customers/{id}/balance?unit=%00",
        "/rewards?programme=%00",
        "/programmes/%00/versions",
    ],
)
def test_a_nul_in_a_name_is_refused_before_the_database_sees_it(till, path):
    fact = {**EXAMPLE, "occurred_at": clock.now().isoformat()}
    customer = till.post("/events", fact).json()["customer"]

    answer = till.get(path.format(id=customer))

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize(
    "address",
    [
        "192.0.0.192",  # where a cloud keeps the secrets of its machines
        "::7f00:1",
        "::ffff:0:127.0.0.1",
        "64:ff9b:1::7f00:1",
        "5f00::1",
        "fec0::1",
    ],
)
def test_a_webhook_finds_no_way_inside_by_a_rare_address(key_with, monkeypatch, address):
    found = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, 443))]
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_, **__: found)

    answer = key_with("webhooks:write").post("/webhooks", {"url": "https://inside.example/"})

    assert (answer.status_code, answer.json()["code"]) == (422, "webhook_address_refused")
    assert address not in answer.content.decode()


@pytest.mark.parametrize(
    "url", ["https://8.8.8.8/é", "https://\uff18.8.8.8/", "https://8.8.8.8:0/"]
)
def test_a_webhook_address_that_no_request_can_carry_is_refused(key_with, url):
    answer = key_with("webhooks:write").post("/webhooks", {"url": url})

    assert (answer.status_code, answer.json()["code"]) == (422, "webhook_address_refused")


def test_a_foreign_host_fills_no_log(db, caplog):
    with caplog.at_level(logging.INFO):
        answer = Client().get("/v1/customers", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert not [each for each in caplog.records if each.name.startswith("django")]


def test_a_backup_is_not_written_through_a_link_that_waits_under_its_name(
    own_database, tmp_path
):
    theirs = tmp_path / "theirs"
    theirs.write_text("kept")
    (tmp_path / "shop.backup.part").symlink_to(theirs)

    dump(own_database, file=tmp_path / "shop.backup")

    assert theirs.read_text() == "kept"
    assert not (tmp_path / "shop.backup").is_symlink()
    assert (tmp_path / "shop.backup").stat().st_mode & 0o777 == 0o600


def checkins(count: int, *, first: int = 0):
    at = clock.now().isoformat()
    return [
        {
            "type": "checkin",
            "source": "app",
            "source_id": str(first + number),
            "occurred_at": at,
            "customer": {"identity": {"kind": "phone", "value": "13800138000"}},
        }
        for number in range(count)
    ]


def test_ten_thousand_facts_are_not_the_price_of_one(key_with, settings):
    settings.RATE_PER_SECOND, settings.RATE_BURST = 1, 50
    begin(at=clock.now(), actor=SYSTEM)
    caller = key_with("events:write", name="a till of this test alone")

    first = caller.post("/events", [{}] * 10_000)
    second = caller.post("/events", checkins(1))

    assert first.status_code == 200
    assert second.status_code == 429
    assert 900 <= int(second["Retry-After"]) <= 1_000
