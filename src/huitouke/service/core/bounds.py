"""How large a number may be, and what a text may not hold, whoever sends it."""

from __future__ import annotations

__all__ = ["LARGEST", "NO_NUL"]

#: The largest amount of money or points anywhere: below 2^53, so that every client counts
#: exactly. The ledger's SQL says the same in ``ledger.most()``.
LARGEST = 9_000_000_000_000_000

#: Pattern of texts that PostgreSQL can keep.
NO_NUL = r"^[^\x00]*$"
