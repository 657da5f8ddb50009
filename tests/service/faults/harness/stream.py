"""A mixed stream of requests from one seed: what a shop with tills and an app would send."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from harness.book import Ask
from harness.dice import dice
from harness.member import Member
from harness.world import World

ZONE = ZoneInfo("Asia/Shanghai")
#: Below what would lift a member to gold, whose orders earn more.
MOST_MINOR = 190_000
WEIGHTS = {
    "paid": 24, "refund": 14, "cancel": 3, "review": 6, "adjust": 14, "redeem": 14,
    "end": 12, "reverse": 5, "batch": 5,
}  # fmt: skip


class Stream:
    """Makes the requests of one sender.

    Parameters
    ----------
    name
        Begins every name and key that it makes up.
    seed
        Everything it does follows from it, and from the answers.
    at
        The moment that occurrences are counted back from.
    """

    def __init__(self, name: str, *, seed: str, at: datetime, number: Callable[[], int]):
        self.name = name
        self.random = dice(seed)
        self.at = at
        self._number = number
        self._made = 0

    def unique(self, what: str) -> str:
        self._made += 1
        return f"{self.name}-{what}{self._made}"

    def ask(self, what: str, path: str, body: Any, **more: Any) -> Ask:
        return Ask(self._number(), what, path, body, **more)

    def begin(self, member: Member, *, by_fact: bool) -> list[Ask]:
        """Return what makes somebody a member; half of them are known by a fact first."""
        identity = {"kind": "external", "value": member.name}
        asks = []
        if not by_fact:
            body = {"identities": [identity]}
            asks.append(self.ask("customer", "/v1/customers", body, who=(member.name,)))
        item = {"kind": "join", "member": member.name, "source_id": self.unique("join")}
        fact = self._fact("customer.signed_up", item, days=60.0)
        fact["customer"] = {"identity": identity}
        asks.append(self._telling([item], fact))
        return asks

    def _telling(self, items: list[dict[str, Any]], body: Any, key: str | None = None) -> Ask:
        who = tuple(sorted({each["member"] for each in items}))
        path = "/v1/events"
        return self.ask("facts", path, body, key=key, who=who, facts={"items": items})

    def _fact(self, kind: str, item: dict[str, Any], *, days: float) -> dict[str, Any]:
        return {
            "type": kind,
            "source": "torture",
            "source_id": item["source_id"],
            "occurred_at": (self.at - timedelta(days=days)).isoformat(),
        }

    def _days(self, *, waits: bool) -> float:
        """Return how long ago, never on the day of the month that earns double."""
        days = self.random.uniform(1, 3) if waits else self.random.uniform(10, 45)
        on = (self.at - timedelta(days=days)).astimezone(ZONE)
        return days if on.day != 8 else self._days(waits=waits)

    def next(self, world: World, members: list[Member]) -> Ask | None:
        """Return the next request about one of these members, None where none fits."""
        member = self.random.choice(members)
        what = self.random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        if what == "batch":
            return self._batch(members)
        if what in {"end", "reverse"}:
            return getattr(self, f"_make_{what}")(member, world)
        if what in {"adjust", "redeem"}:
            return getattr(self, f"_make_{what}")(member)
        made = getattr(self, f"_make_{what}")(member)
        return None if made is None else self._telling([made[0]], made[1])

    def _batch(self, members: list[Member]) -> Ask:
        items, facts = [], []
        for member in self.random.sample(members, min(len(members), 8)):
            made = self._make_paid(member) if self.random.random() < 0.8 else None
            made = made or self._make_review(member)
            items.append(made[0])
            facts.append(made[1])
        key = self.unique("batch") if self.random.random() < 0.5 else None
        return self._telling(items, facts, key)

    def _make_paid(self, member: Member) -> tuple[dict[str, Any], dict[str, Any]] | None:
        lines = [self.random.randint(1, 6_000) for _ in range(self.random.randint(1, 3))]
        if member.gross_minor + sum(lines) > MOST_MINOR:
            return None
        member.gross_minor += sum(lines)
        waits = self.random.random() < 0.4
        number = self.unique("order")
        item = {
            "kind": "paid", "member": member.name, "number": number, "lines": lines,
            "waits": waits, "source_id": f"{number}-paid",
        }  # fmt: skip
        fact = self._fact("order.paid", item, days=self._days(waits=waits))
        fact["customer"] = {"identity": {"kind": "external", "value": member.name}}
        priced = [{"sku": f"sku{n}", "amount_minor": each} for n, each in enumerate(lines)]
        fact["order"] = {"number": number, "lines": priced}
        return item, fact

    def _make_review(self, member: Member) -> tuple[dict[str, Any], dict[str, Any]]:
        days = self.random.randint(10, 20)
        day = (self.at - timedelta(days=days)).astimezone(ZONE).date().isoformat()
        item = {
            "kind": "review", "member": member.name, "day": day,
            "source_id": self.unique("review"),
        }  # fmt: skip
        fact = self._fact("review.approved", item, days=days)
        fact["customer"] = {"identity": {"kind": "external", "value": member.name}}
        return item, fact

    def _make_refund(self, member: Member) -> tuple[dict[str, Any], dict[str, Any]] | None:
        open_ones = [(n, o) for n, o in member.orders.items() if sum(o.lines)]
        if not open_ones:
            return None
        number, order = self.random.choice(open_ones)
        position = self.random.choice([n for n, left in enumerate(order.lines, 1) if left])
        left = order.lines[position - 1]
        minor = left + 1 if self.random.random() < 0.15 else self.random.randint(1, left)
        item = {
            "kind": "refund", "member": member.name, "number": number,
            "lines": {str(position): minor}, "source_id": self.unique("refund"),
        }  # fmt: skip
        fact = self._fact("order.refunded", item, days=0.5)
        lines = [{"position": position, "amount_minor": minor}]
        fact["order"] = {"number": number, "lines": lines}
        return item, fact

    def _make_cancel(self, member: Member) -> tuple[dict[str, Any], dict[str, Any]] | None:
        open_ones = [number for number, order in member.orders.items() if sum(order.lines)]
        if not open_ones:
            return None
        number = self.random.choice(open_ones)
        item = {
            "kind": "cancel", "member": member.name, "number": number,
            "source_id": self.unique("cancel"),
        }  # fmt: skip
        fact = self._fact("order.cancelled", item, days=0.2)
        fact["order"] = {"number": number}
        return item, fact

    def _make_adjust(self, member: Member) -> Ask | None:
        if not member.id:
            return None
        points = self.random.randint(-300, 400) or 1
        path = f"/v1/customers/{member.id}/adjustments"
        body = {"points": points, "reason_code": "torture", "note": self.unique("note")}
        key, facts = self.unique("adjust"), {"points": points}
        return self.ask("adjust", path, body, key=key, who=(member.name,), facts=facts)

    def _make_redeem(self, member: Member) -> Ask | None:
        if not member.id:
            return None
        points = 100 * self.random.randint(1, 4)
        body = {"customer": member.id, "points": points, "hold_seconds": 604_800}
        key = self.unique("redeem")
        facts = {"points": points, "name": key}
        who = (member.name,)
        return self.ask("redeem", "/v1/redemptions", body, key=key, who=who, facts=facts)

    def _make_end(self, member: Member, world: World) -> Ask | None:
        held = [n for n, one in member.redeemed.items() if one.state == "held"]
        if not held:
            return None
        name = self.random.choice(held)
        path = f"/v1/redemptions/{world.id_of(name)}"
        who, key = (member.name,), self.unique("end")
        if self.random.random() < 0.35:
            facts: dict[str, Any] = {"name": name}
            return self.ask("release", f"{path}/release", None, key=key, who=who, facts=facts)
        points = 100 * self.random.randint(1, member.redeemed[name].points // 100)
        facts = {"name": name, "points": points}
        body = {"points": points}
        return self.ask("capture", f"{path}/capture", body, key=key, who=who, facts=facts)

    def _make_reverse(self, member: Member, world: World) -> Ask | None:
        spent = [(n, one) for n, one in member.redeemed.items() if one.captured > one.reversed]
        if not spent:
            return None
        name, one = self.random.choice(spent)
        points = self.random.randint(1, one.captured - one.reversed)
        path = f"/v1/redemptions/{world.id_of(name)}/reversals"
        facts, key = {"name": name, "points": points}, self.unique("reverse")
        body = {"points": points}
        return self.ask("reverse", path, body, key=key, who=(member.name,), facts=facts)

    def other(self, ask: Ask) -> Ask | None:
        """Return the request with another body under its name."""
        if ask.what in {"adjust", "reverse", "redeem", "capture"}:
            body = ask.body | {"points": ask.body["points"] + 100}
        elif ask.what == "facts" and isinstance(ask.body, list) and ask.key:
            body = [*ask.body[:-1], {**ask.body[-1], "occurred_at": self.at.isoformat()}]
        elif ask.what == "facts" and isinstance(ask.body, dict):
            body = {**ask.body, "occurred_at": self.at.isoformat()}
        else:
            return None
        facts = {"of": ask.n}
        return self.ask("other", ask.path, body, key=ask.key, who=ask.who, facts=facts)
