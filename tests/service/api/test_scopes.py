"""Every address asks for a key, and for its scope, and changes nothing without."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test import Client

from huitouke.service.api.addresses import door
from huitouke.service.core.scopes import SCOPES

ADDRESSES = [
    (method.upper(), path, operation)
    for path, methods in json.loads(json.dumps(door.get_openapi_schema()))["paths"].items()
    for method, operation in methods.items()
]
NAMED = [f"{method} {path}" for method, path, _ in ADDRESSES]
SOME_ID = "0123456789abcdefghjkmnpqrs"


def address(path: str) -> str:
    prefixes = {"customer_id": "cus", "redemption_id": "rdm", "version_id": "ver"}
    for name in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
        path = path.replace(f"{{{name}}}", f"{prefixes.get(name, 'xxx')}_{SOME_ID}")
    return path


def written() -> list[int]:
    counted = ("core_audit", "core_outbox", "core_request", "programme_fact", "ledger.op")
    with connection.cursor() as cursor:
        found = []
        for table in counted:
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - names above
            found.append(cursor.fetchone()[0])
    return found


def test_there_are_addresses():
    assert len(ADDRESSES) > 50


@pytest.mark.parametrize(("method", "path", "operation"), ADDRESSES, ids=NAMED)
def test_without_a_key_and_without_the_scope_there_is_nothing(
    db, key_with, method, path, operation
):
    scopes = {
        name for each in operation["security"] for names in each.values() for name in names
    }
    assert len(scopes) == 1
    others = key_with(*(set(SCOPES) - scopes))
    before = written()

    bare = Client().generic(method, address(path), b"{}", content_type="application/json")
    wrong = others.send(
        method, address(path).removeprefix("/v1"), {}, **{"Idempotency-Key": "k"}
    )

    assert bare.status_code == 401
    assert wrong.status_code == 403
    assert written() == before
