"""Who acts: a person of the staff, a machine with a key, a member, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["SYSTEM", "Actor"]


@dataclass(frozen=True)
class Actor:
    """Who is named in the journal and the audit log.

    Parameters
    ----------
    kind
        ``"staff"``, ``"key"`` (an API key), ``"member"`` or ``"system"``.
    name
        The public id or name of the one who acts; never a secret.

    Examples
    --------
    >>> str(Actor("key", "till-7"))
    'key:till-7'
    """

    kind: Literal["staff", "key", "member", "system"]
    name: str

    def __str__(self) -> str:
        """Return kind and name as written in the journal."""
        return f"{self.kind}:{self.name}"


SYSTEM = Actor("system", "huitouke")
