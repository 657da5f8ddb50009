"""What all members must have by the answers that were given: the client's side."""

from __future__ import annotations

import json
from typing import Any

from harness.book import Ask, Book, passing
from harness.member import Member

REFUSED = {"refused", "invalid"}


class World:
    """Members by name; every deciding answer is applied once, in the order it came.

    A member that one sender serves alone is followed exactly, and what the server decides
    about it is foretold. Of a member whom several serve at once only what does not depend
    on the order is followed.
    """

    def __init__(self) -> None:
        self.members: dict[str, Member] = {}
        self.shared: set[str] = set()
        #: Requests may arrive twice; making a customer is the one that has no key.
        self.twins = False
        self.moved: dict[str, int] = {}
        self.complaints: list[str] = []
        self.facts_kept: set[str] = set()
        self.keys_kept: set[str] = set()
        self._numbers: dict[str, str] = {}

    def member(self, name: str) -> Member:
        return self.members.setdefault(name, Member(name))

    def complain(self, ask: Ask, *, says: str, status: int, text: str) -> None:
        line = f"#{ask.n} {ask.what} {ask.facts}: {says}; the answer was {status} {text[:300]}"
        self.complaints.append(line)

    def apply(self, ask: Ask, *, status: int, text: str, lost_before: bool) -> None:
        """Take in the deciding answer of a request."""
        if status >= 500:
            self.complain(ask, says="no failure may come of it", status=status, text=text)
            return
        if ask.key is not None and ask.what != "other":
            self.keys_kept.add(ask.key)
        body = json.loads(text)
        act = getattr(self, f"_{ask.what}")
        said = act(ask, status, body, lost_before)
        if said:
            self.complain(ask, says=said, status=status, text=text)

    def _customer(self, ask: Ask, status: int, body: Any, lost_before: bool) -> str:
        member = self.member(ask.who[0])
        if status == 201:
            member.id = body["id"]
        elif status == 409 and (lost_before or self.twins) and body["code"] == "identity_taken":
            member.id = body["values"]["customer"]
        else:
            return "a new customer was expected"
        return ""

    def _other(self, ask: Ask, status: int, body: Any, _: bool) -> str:
        told = "another body under the same name must be refused"
        return "" if (status, body.get("code")) == (422, "idempotency_mismatch") else told

    def _facts(self, ask: Ask, status: int, body: Any, _: bool) -> str:
        items = ask.facts["items"]
        if isinstance(ask.body, list):
            if status != 200 or len(body["results"]) != len(items):
                return "a result for each fact was expected"
            results = body["results"]
        else:
            results = [body if status == 200 else body.get("values", {}).get("result", {})]
        wrong = [
            found
            for item, result in zip(items, results, strict=True)
            if (found := self._fact(item, result))
        ]
        return "; ".join(wrong)

    def _fact(self, item: dict[str, Any], result: dict[str, Any]) -> str:
        member = self.member(item["member"])
        status = result.get("status")
        if status == "invalid" or status is None:
            return f"{item} was to be kept"
        self.facts_kept.add(item["source_id"])
        if result.get("customer"):
            member.id = member.id or result["customer"]
        done = status == "done"
        if member.name in self.shared:
            return self._shared_fact(member, item, done=done, result=result)
        expected = self._foretold(member, item)
        if expected != done:
            return f"{item} was to be {'done' if expected else 'refused'}"
        return ""

    @staticmethod
    def _foretold(member: Member, item: dict[str, Any]) -> bool:
        kind = item["kind"]
        if kind == "join":
            member.join()
        elif kind == "review":
            member.review(item["day"])
        elif kind == "paid":
            member.buy(item["number"], lines=item["lines"], waits=item["waits"])
        elif kind == "cancel":
            return member.give_back(item["number"], lines=None)
        elif kind == "refund":
            lines = {int(k): v for k, v in item["lines"].items()}
            return member.give_back(item["number"], lines=lines)
        return True

    def _shared_fact(
        self, member: Member, item: dict[str, Any], *, done: bool, result: dict[str, Any]
    ) -> str:
        if not done:
            return "" if item["kind"] == "refund" else f"{item} was to be done"
        off = sum(
            each.get("written_off", 0)
            for each in result.get("effects", ())
            if each["type"] == "points.clawed_back" and each["unit"] == "points"
        )
        self.moved[member.name] = self.moved.get(member.name, 0) + off
        return self._changed(member, item)

    @staticmethod
    def _changed(member: Member, item: dict[str, Any]) -> str:
        """Follow what does not depend on the order in which facts of several come."""
        kind = item["kind"]
        if kind == "join":
            member.joined = True
        elif kind == "review":
            member.reviewed.add(item["day"])
        elif kind == "paid":
            member.orders[item["number"]] = _Kept(item["lines"])
        elif kind == "cancel":
            order = member.orders[item["number"]]
            order.lines = [0] * len(order.lines)
        else:
            order = member.orders[item["number"]]
            for position, minor in item["lines"].items():
                order.lines[int(position) - 1] -= minor
            if min(order.lines) < 0:
                return "more came back than was paid"
        return ""

    def _adjust(self, ask: Ask, status: int, body: Any, _: bool) -> str:
        name, points = ask.who[0], ask.facts["points"]
        if name in self.shared:
            if status == 201:
                self.moved[name] = self.moved.get(name, 0) + points
            return "" if status in {201, 409} else "done or refused was expected"
        expected = 201 if self.member(name).adjust(points) else 409
        return "" if status == expected else f"{expected} was expected"

    def _redeem(self, ask: Ask, status: int, body: Any, _: bool) -> str:
        name, points = ask.who[0], ask.facts["points"]
        if status == 201:
            self._numbers[ask.facts["name"]] = body["id"]
        if name in self.shared:
            return "" if status in {201, 409} else "held or refused was expected"
        expected = 201 if self.member(name).redeem(ask.facts["name"], points=points) else 409
        return "" if status == expected else f"{expected} was expected"

    def _ended(self, ask: Ask, status: int, body: Any, change: Any, points: int) -> str:
        expected = 201 if ask.what == "reverse" else 200
        if status != expected:
            return f"{expected} was expected"
        name = ask.who[0]
        if name in self.shared:
            self.moved[name] = self.moved.get(name, 0) + points
        else:
            change(self.member(name))
        return ""

    def _capture(self, ask: Ask, status: int, body: Any, _: bool) -> str:
        one, points = ask.facts["name"], ask.facts["points"]
        act = lambda member: member.capture(one, points=points)  # noqa: E731
        return self._ended(ask, status, body, act, -points)

    def _release(self, ask: Ask, status: int, body: Any, _: bool) -> str:
        one = ask.facts["name"]
        return self._ended(ask, status, body, lambda member: member.release(one), 0)

    def _reverse(self, ask: Ask, status: int, body: Any, _: bool) -> str:
        one, points = ask.facts["name"], ask.facts["points"]
        act = lambda member: member.reverse(one, points=points)  # noqa: E731
        return self._ended(ask, status, body, act, points)

    def id_of(self, name: str) -> str | None:
        """Return the id that a redemption was answered with."""
        return self._numbers.get(name)

    def shared_value(self, name: str) -> int:
        """Return what is conserved of a member whom several served."""
        member = self.member(name)
        given = 100 * member.joined + 20 * len(member.reviewed)
        return given + self.moved.get(name, 0) + self.shared_growth(name)

    def shared_growth(self, name: str) -> int:
        return sum(each.worth for each in self.member(name).orders.values())


class _Kept:
    """The lines of an order as they stand, in whatever order they changed."""

    def __init__(self, lines: list[int]) -> None:
        self.lines = list(lines)

    @property
    def worth(self) -> int:
        return sum(self.lines) // 100


def read(book: Book, *, shared: set[str], twins: bool = False) -> World:
    """Work the world out anew, from the file alone."""
    world = World()
    world.shared = set(shared)
    world.twins = twins
    asks: dict[int, Ask] = {}
    lost: set[int] = set()
    decided: set[int] = set()
    for line in book.lines():
        kind, n = line.pop("e"), line["n"]
        if kind == "ask":
            asks[n] = Ask(**{**line, "who": tuple(line["who"])})
        elif kind == "lost":
            lost.add(n)
        elif kind == "answer" and n not in decided:
            if passing(line["status"], line["text"]):
                lost.add(n)
                continue
            decided.add(n)
            world.apply(
                asks[n], status=line["status"], text=line["text"], lost_before=n in lost
            )
    return world
