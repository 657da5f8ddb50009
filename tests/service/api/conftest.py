"""A caller with a key, as a till or a shop has one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from huitouke.service.core import clock, keys
from huitouke.service.core.actor import Actor
from huitouke.service.core.scopes import SCOPES

OPERATOR = Actor("staff", "operator")


@dataclass
class Caller:
    """Sends JSON with a key and gives status and body."""

    token: str
    client: Client
    began: datetime | None = None

    def send(self, method: str, path: str, body: Any = None, **headers: str):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Authorization": f"Bearer {self.token}", **headers}
        return self.client.generic(
            method,
            f"/v1{path}",
            content if body is not None else b"",
            content_type=given.pop("Content-Type", "application/json"),
            headers=given,
        )

    def get(self, path: str, **headers: str):
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any, *, key: str | None = None, **headers: str):
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: Any):
        return self.send("PATCH", path, body)


@pytest.fixture
def key_with(db):
    def make(*scopes: str, name: str = "till") -> Caller:
        made = keys.create(name, scopes=scopes, at=clock.now(), actor=OPERATOR)
        return Caller(made.secret, Client())

    return make


@pytest.fixture
def caller(key_with) -> Caller:
    return key_with(*SCOPES, name="shop")
