"""Reasons as answers show them: the code and its values, and a sentence in each language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huitouke.service.programme.rules.reasons import say

__all__ = ["said", "with_sentences"]


def said(reason: Mapping[str, Any]) -> dict[str, Any]:
    """Return a reason with what it says.

    Parameters
    ----------
    reason
        ``{"code": …, values}``.

    Returns
    -------
    dict
        The same with ``says``: ``{"zh": …, "en": …}``.
    """
    return {**reason, "says": {"zh": say(reason, "zh"), "en": say(reason, "en")}}


def with_sentences(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return effects or misses, each of their reasons with what it says.

    Parameters
    ----------
    rows
        Some with a ``reason``.
    """
    return [
        {**row, "reason": said(row["reason"])} if isinstance(row.get("reason"), dict) else row
        for row in rows
    ]
