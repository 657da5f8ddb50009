"""What is sent to the running service, and in which order."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from http_service import Request, Service

__all__ = ["over_http"]

CONNECTIONS = 16
#: Connections that send arrays: enough for every server process to have one.
ARRAYS = 4
MEMBERS = 5_000
_DAY = "2026-11-20T10:00:00Z"
#: A prime, so that consecutive requests meet members far apart.
_STEP = 7_919


class _Shop:
    """A shop whose members exist, and the requests that its tills send."""

    def __init__(self, service: Service, work: Path, *, members: int) -> None:
        self.service, self.work = service, work
        self.number = 0
        self.members = self._enrolled(members)

    def _enrolled(self, count: int) -> list[str]:
        made: list[str] = []
        for begin in range(0, count, 1_000):
            joined = [
                {
                    "type": "customer.signed_up", "source": "bench",
                    "source_id": f"join:{number}", "occurred_at": "2026-11-01T00:00:00Z",
                    "customer": {"identity": {"kind": "external", "value": f"m{number}"}},
                }
                for number in range(begin, min(count, begin + 1_000))
            ]  # fmt: skip
            told = self.service.post("/v1/events", joined)["results"]
            made += [each["customer"] for each in told]
        return made

    def _next(self) -> tuple[int, str]:
        self.number += 1
        return self.number, self.members[self.number * _STEP % len(self.members)]

    def earn(self) -> Request:
        number, member = self._next()
        head = {**self.service.head(number), "Idempotency-Key": f"bench-{number}"}
        body = json.dumps({"points": 100, "reason_code": "goodwill"})
        return "POST", f"/v1/customers/{member}/adjustments", head, body

    def balance(self) -> Request:
        number, member = self._next()
        return "GET", f"/v1/customers/{member}/balance", self.service.head(number), ""

    def event(self, body: Any) -> Request:
        return "POST", "/v1/events", self.service.head(self.number), json.dumps(body)

    def checkin(self) -> dict[str, Any]:
        number, member = self._next()
        return {
            "type": "checkin", "source": "bench-app", "source_id": str(number),
            "occurred_at": _DAY, "customer": {"id": member},
        }  # fmt: skip

    def order(self) -> dict[str, Any]:
        number, member = self._next()
        lines = [
            {"sku": f"TEA-{number % 200}", "category": "tea", "quantity": 1,
             "amount_minor": 12_800 + number % 1_000},
            {"sku": f"CUP-{number % 173}", "category": "cups", "quantity": 2,
             "amount_minor": 4_400},
        ]  # fmt: skip
        return {
            "type": "order.paid", "source": "bench-shop", "source_id": f"o{number}",
            "occurred_at": _DAY, "customer": {"id": member},
            "order": {"number": f"o{number}", "currency": "CNY", "lines": lines,
                      "channel": "shop"},
        }  # fmt: skip

    def load(
        self, requests: list[Request], *, rate: float = 0.0, connections: int = CONNECTIONS
    ) -> dict[str, Any]:
        return self.service.load(self.work, requests, connections=connections, rate=rate)


def over_http(
    service: Service,
    work: Path,
    *,
    rounds: int,
    requests: int,
    beside: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    """Measure the API in rounds, each beside the same scripts of pgbench."""
    shop = _Shop(service, work, members=min(MEMBERS, requests * 5))
    with psycopg.connect(service.ground.owner, autocommit=True) as connection:
        connection.execute("ANALYZE")
    for _ in range(2):
        shop.load([shop.earn() for _ in range(200)])
        shop.load([shop.event(shop.order()) for _ in range(50)])
    found = [
        {"beside": beside(), **_round(shop, service, requests=requests)} for _ in range(rounds)
    ]
    return {"rounds": found, "members": len(shop.members)}


def _entries(service: Service) -> int:
    with psycopg.connect(service.ground.owner) as connection:
        row = connection.execute("SELECT sum(version) FROM ledger.account").fetchone()
    return int(row[0]) if row else 0


def _round(shop: _Shop, service: Service, *, requests: int) -> dict[str, Any]:
    earns = [shop.earn() for _ in range(requests)]
    found = {"earn": shop.load(earns), "replay": shop.load(earns)}
    found["checkin"] = shop.load([shop.event(shop.checkin()) for _ in range(requests // 2)])
    found["order"] = shop.load([shop.event(shop.order()) for _ in range(requests // 4)])
    found["balance"] = shop.load([shop.balance() for _ in range(requests)])
    half = found["balance"]["rate"] / 3
    found["balance_calm"] = shop.load([shop.balance() for _ in range(requests)], rate=half)
    for name, make in (("orders", shop.order), ("checkins", shop.checkin)):
        for size, often in ((1_000, 16), (10_000, 4)):
            if size > requests * 5:
                continue
            sent = [shop.event([make() for _ in range(size)]) for _ in range(often)]
            before = _entries(service)
            load = shop.load(sent, connections=ARRAYS)
            load["facts_per_second"] = load["rate"] * size
            load["entries"] = _entries(service) - before
            load["entries_per_second"] = load["entries"] / (load["count"] / load["rate"])
            found[f"{name}_{size}"] = load
    return found
