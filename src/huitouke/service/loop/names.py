"""What groups and types of customers are called: English messages, as in the report."""

from __future__ import annotations

from huitouke.insight.report.names import GROUPS, TYPES

__all__ = ["GROUPS", "TYPES"]
