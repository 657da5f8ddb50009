"""A keyboard in a browser."""

from __future__ import annotations


def typed(page, text, *, into="q"):
    """Type into the field that the page begins in, once the cursor is there; then Enter."""
    page.wait_for_function("name => document.activeElement?.name === name", arg=into)
    page.keyboard.type(text)
    page.keyboard.press("Enter")
