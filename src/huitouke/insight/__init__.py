"""The pure wing: tables in, tables out. ``analyze`` is the main path.

Examples
--------
>>> from huitouke.insight import analyze
>>> analyze.__module__
'huitouke.insight.flow'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huitouke.insight.flow import Analysis, analyze

__all__ = ["Analysis", "analyze"]


def __getattr__(name: str) -> Any:
    # The main path pulls in every stage and their libraries; a caller of one model waits
    # for none of it.
    if name in __all__:
        from huitouke.insight import flow  # noqa: PLC0415 - that is the point

        return getattr(flow, name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
