"""Chance that follows from a name: the same name, the same course."""

from __future__ import annotations

import random


def dice(name: str) -> random.Random:
    """Return a source of chance of its own."""
    return random.Random(name)  # noqa: S311 - it only has to be the same again
