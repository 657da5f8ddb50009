"""What groups, types and lists of customers are called: English messages."""

from __future__ import annotations

from huitouke.insight.report.names import GROUPS, TYPES
from huitouke.language import N_

__all__ = ["GROUPS", "LISTS", "TYPES"]

LISTS: dict[str, str] = {
    "slipping": N_("Slipping"),
    "worth_a_call": N_("Worth a call first"),
    "likely_loyal": N_("Surely loyal"),
    "unlikely": N_("Unlikely to return"),
}
