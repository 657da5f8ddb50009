"""What may be asked about members of a programme; nothing is written."""

from huitouke.service.programme.events.adjusting import waiting as waiting_adjustments
from huitouke.service.programme.events.closing import left_behind
from huitouke.service.programme.events.quotes import quote
from huitouke.service.programme.events.reading import balance, history, tier

__all__ = ["balance", "history", "left_behind", "quote", "tier", "waiting_adjustments"]
