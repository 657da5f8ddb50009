"""The server beside the book: every figure of every member, and nothing that nobody sent."""

from __future__ import annotations

from typing import Any

import httpx
import psycopg

from harness.world import World


def compare(
    world: World, *, client: httpx.Client, name: str, database: str | None
) -> list[str]:
    """Return every difference, in words."""
    found = list(world.complaints)
    for member in world.members.values():
        shown = _figures(client, member.id)
        if member.name in world.shared:
            value = shown["active"] + shown["pending"] + shown["held"] - shown["owed"]
            got = (value, shown["growth"])
            wanted = (world.shared_value(member.name), world.shared_growth(member.name))
        else:
            got, wanted = shown, member.figures
        if got != wanted:
            found.append(f"{member.name} ({member.id}) has {got}, the book says {wanted}")
        found += _chain(client, member.id, shown=shown)
    if database is not None:
        found += _stored(world, name=name, database=database)
    return found


def _get(client: httpx.Client, path: str, **query: Any) -> Any:
    answer = client.get(path, params=query)
    answer.raise_for_status()
    return answer.json()


def _figures(client: httpx.Client, customer: str) -> dict[str, int]:
    path = f"/v1/customers/{customer}/balance"
    points, growth = _get(client, path), _get(client, path, unit="growth")
    names = ("active", "pending", "held", "owed")
    return {name: points[name] for name in names} | {"growth": growth["active"]}


def _chain(client: httpx.Client, customer: str, *, shown: dict[str, int]) -> list[str]:
    """Read the history page by page: no gap, every running figure right, the end as shown."""
    path, cursor, lines = f"/v1/customers/{customer}/entries", "", []
    while True:
        page = _get(client, path, cursor=cursor, limit=100)
        lines += page["entries"]
        cursor = page["next"]
        if cursor is None:
            break
    lines.reverse()
    available = pending = held = debt = 0
    for place, line in enumerate(lines, 1):
        available += line["amount"]
        pending += line["pending"]
        held += line["held"]
        debt += line["debt"]
        after = (line["seq"], line["available_after"], line["pending_after"])
        if after != (place, available, pending) or min(available, pending, held, debt) < 0:
            return [f"{customer}: entry {line['seq']} of its history does not follow"]
    last = {"active": available, "pending": pending, "held": held, "owed": debt}
    wanted = {name: shown[name] for name in last}
    return [] if last == wanted else [f"{customer}: history ends at {last}, not {wanted}"]


def _stored(world: World, *, name: str, database: str) -> list[str]:
    """Look for effects without a request, and answered requests without a record."""
    like = f"{name}-%"
    with psycopg.connect(database) as connection:
        facts = {
            row[0]
            for row in connection.execute(
                "SELECT source_id FROM programme_fact"
                " WHERE source = 'torture' AND source_id LIKE %s",
                [like],
            )
        }
        keys = {
            row[0]
            for row in connection.execute(
                "SELECT key FROM core_request WHERE scope = 'http' AND key LIKE %s", [like]
            )
        }
        broken = connection.execute("SELECT * FROM ledger.broken LIMIT 20").fetchall()
    found = [f"the ledger is broken: {row}" for row in broken]
    for what, kept, wanted in (
        ("fact", facts, world.facts_kept),
        ("key", keys, world.keys_kept),
    ):
        found += [f"{what} {each} is there and was never answered" for each in kept - wanted]
        found += [f"{what} {each} was answered and is not there" for each in wanted - kept]
    return found
