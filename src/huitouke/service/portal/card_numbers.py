"""Card numbers as people read them out."""

from __future__ import annotations

__all__ = ["card_groups"]


def card_groups(number: str) -> str:
    """Return a card number in groups of four, as people read it out.

    Examples
    --------
    >>> card_groups("210000000005")
    '2100 0000 0005'
    """
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))
