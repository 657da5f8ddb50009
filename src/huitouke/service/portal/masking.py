"""Addresses with their middle left out: enough to know them again, too little to learn them."""

from __future__ import annotations

__all__ = ["card_groups", "masked"]


def masked(kind: str, value: str) -> str:
    """Return an identity as a page shows it.

    Parameters
    ----------
    kind, value
        As it is kept.

    Examples
    --------
    >>> masked("phone", "+8613812345678"), masked("email", "lin@example.com")
    ('+86 138 **** 5678', 'l***@example.com')
    >>> masked("external", "shop-77")
    '••77'
    """
    if kind == "email":
        name, _, host = value.partition("@")
        return f"{name[:1]}***@{host}"
    if kind == "phone" and value.startswith("+86") and len(value) == 14:
        return f"+86 {value[3:6]} **** {value[-4:]}"
    if kind == "phone":
        return f"{value[:3]} **** {value[-3:]}"
    return f"••{value[-2:]}"


def card_groups(number: str) -> str:
    """Return a card number in groups of four, as people read it out.

    Examples
    --------
    >>> card_groups("210000000005")
    '2100 0000 0005'
    """
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))
