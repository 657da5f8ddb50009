"""A small shop for single scenarios: members, facts and points, through HTTP."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

ZONE = ZoneInfo("Asia/Shanghai")
#: Points are double on this day of the month: no scenario here is about that.
MEMBER_DAY = 8


class Shop:
    """Speaks to a service as one client; safe to use from several threads."""

    def __init__(
        self, url: str, *, key: str, source: str, seconds: float = 30, kept: int = 20
    ) -> None:
        self.source = source
        self.at = datetime.now(UTC)  # noqa: TID251 - occurrences are counted back from it
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self.client = httpx.Client(
            base_url=url,
            headers={
                "Authorization": f"Bearer {key}",
                "Accept-Language": "en",
                **({} if kept else {"Connection": "close"}),
            },
            timeout=httpx.Timeout(seconds, pool=None),
            limits=httpx.Limits(max_connections=200, max_keepalive_connections=kept),
        )

    def unique(self, what: str) -> str:
        with self._lock:
            return f"{self.source}-{what}{next(self._numbers)}"

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(path, json=body, headers=headers)

    def fact(self, kind: str, *, days: float = 20, **more: Any) -> dict[str, Any]:
        at = self.at - timedelta(days=days)
        if at.astimezone(ZONE).day == MEMBER_DAY:
            at -= timedelta(days=1)
        return {
            "type": kind,
            "source": self.source,
            "source_id": self.unique(kind),
            "occurred_at": at.isoformat(),
            **more,
        }

    def tell(self, fact: Any, *, key: str | None = None) -> httpx.Response:
        return self.post("/v1/events", fact, key=key)

    def person(self, name: str) -> dict[str, Any]:
        return {"identity": {"kind": "external", "value": name}}

    def members(self, count: int) -> list[str]:
        """Make members of 100 points each; return their ids."""
        facts = [
            self.fact("customer.signed_up", days=90, customer=self.person(self.unique("m")))
            for _ in range(count)
        ]
        results = self.tell(facts).json()["results"]
        return [each["customer"] for each in results]

    def order(
        self, customer: str, *minor: int, number: str = "", days: float = 20
    ) -> dict[str, Any]:
        lines = [{"sku": f"sku{n}", "amount_minor": each} for n, each in enumerate(minor)]
        number = number or self.unique("order")
        return self.fact(
            "order.paid",
            days=days,
            customer={"id": customer},
            order={"number": number, "lines": lines},
        )

    def give(self, customer: str, points: int, *, key: str = "") -> httpx.Response:
        body = {"points": points, "reason_code": "test"}
        key = key or self.unique("give")
        return self.post(f"/v1/customers/{customer}/adjustments", body, key=key)

    def redeem(self, customer: str, points: int, *, key: str = "") -> httpx.Response:
        body = {"customer": customer, "points": points}
        return self.post("/v1/redemptions", body, key=key or self.unique("redeem"))

    def balance(self, customer: str, *, unit: str = "points") -> dict[str, int]:
        found = self.client.get(f"/v1/customers/{customer}/balance", params={"unit": unit})
        found.raise_for_status()
        body = found.json()
        return {name: body[name] for name in ("active", "pending", "held", "owed")}


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """Do something ``count`` times at the same moment; return what came of each."""
    gate = threading.Barrier(count)

    def one(number: int) -> Any:
        gate.wait(60)
        return act(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(one, range(count)))


def insisting(
    send: Callable[[], httpx.Response], *, codes: Sequence[int] = (503,), tries: int = 400
) -> httpx.Response:
    """Send again while the answer says to; the last answer counts."""
    pause = threading.Event()
    for _ in range(tries):
        found = send()
        code = "" if found.status_code == 200 else found.json().get("code", "")
        running = found.status_code == 409 and code in {"idempotency_running", "facts_busy"}
        if found.status_code not in codes and not running:
            return found
        pause.wait(0.02)
    return found
