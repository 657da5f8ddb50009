"""What is known of the shop, as a plain value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["Kind", "ShopView"]

#: Whose customers these are.
Kind = Literal["own", "simulated", "public"]


@dataclass(frozen=True, kw_only=True)
class ShopView:
    """What pages and commands may know of the shop.

    Parameters
    ----------
    code
        Stable name of a demo shop; empty for a merchant's own.
    kind
        ``own``, ``simulated`` (nobody in it exists) or ``public`` (public data for
        education).
    names, attribution
        By language, ``zh`` and ``en``; what is not known is left out.
    language
        ``zh`` or ``en``; empty where nothing was said.
    margin
        Part of what customers spend that is left after what the goods cost, above 0 to 1.
    discount_rate
        By how much money of a year later counts for less, 0 to 10.
    loaded
        False while a demo is being loaded, or where that was interrupted.
    """

    code: str = ""
    kind: Kind = "own"
    names: Mapping[str, str]
    attribution: Mapping[str, str]
    language: str = ""
    margin: float = 0.3
    discount_rate: float = 0.15
    loaded: bool = True

    @property
    def is_demo(self) -> bool:
        """Whether every page has to say that this is not a merchant's own shop."""
        return self.kind != "own"
