"""Addresses and names with most left out: known again, and not learned."""

from __future__ import annotations

__all__ = ["masked", "masked_name"]


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


def masked_name(name: str) -> str:
    """Return a name as somebody sees it who is not known to know it: its first letter.

    Parameters
    ----------
    name
        As it is kept; of an empty one nothing is left.

    Examples
    --------
    >>> masked_name("林晓雨"), masked_name(" anna lee"), masked_name("")
    ('林**', 'A**', '')
    """
    first = name.strip()[:1].upper()
    return f"{first}**" if first else ""
