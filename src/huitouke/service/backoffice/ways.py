"""Ways to pages, with what their addresses carry behind the question mark."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

__all__ = ["way"]


def way(name: str, *args: str, **query: str) -> str:
    """Return the address of a page.

    Parameters
    ----------
    name
        Of the address.
    *args
        Its places.
    **query
        What stands behind the question mark; empty values are left out.
    """
    asked = {key: value for key, value in query.items() if value}
    found = reverse(name, args=args)
    return f"{found}?{urlencode(asked)}" if asked else found
