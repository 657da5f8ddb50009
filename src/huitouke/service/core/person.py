"""What every app knows of a person: the parts that export, merge and erase walk through.

An app that keeps something about customers registers a part when Django starts; the
commands in ``customers`` walk all parts in one transaction without knowing them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

__all__ = ["Part", "parts", "register"]


@dataclass(frozen=True)
class Part:
    """One app's share of a person.

    Parameters
    ----------
    name
        The key under which it stands in an export, e.g. ``"orders"``; also its order:
        parts run in order of ``place``, then name.
    export
        ``export(customer) -> JSON-able``: everything kept about the person.
    merge
        ``merge(loser, into=winner, at=, actor=) -> JSON-able``: move what belongs to the
        loser; what it returns is kept and given to ``unmerge``.
    unmerge
        ``unmerge(loser, winner=, moved=, at=, actor=)``: put back what ``merge`` moved.
    erase
        ``erase(customer, at=, actor=)``: remove what tells who the person is; amounts stay.
    place
        Parts with a lower place run first.
    leave
        ``leave(records, at=)``: note of all records of a person, while it is still known who
        they are, what has to be known after erasure; runs before the first ``erase``.
    """

    name: str
    export: Callable[[UUID], Any]
    merge: Callable[..., Any]
    unmerge: Callable[..., None]
    erase: Callable[..., None]
    place: int = 50
    leave: Callable[..., None] | None = None


_parts: dict[str, Part] = {}


def register(part: Part) -> None:
    """Add an app's part; the same name replaces (Django may start twice in tests)."""
    _parts[part.name] = part


def parts() -> list[Part]:
    """Return all parts in the order in which they run."""
    return sorted(_parts.values(), key=lambda part: (part.place, part.name))
