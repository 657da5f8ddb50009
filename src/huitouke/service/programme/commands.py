"""What may be done to members of a programme; each once per key, in one transaction."""

from huitouke.service.programme.events.adjusting import adjust, approve, reject
from huitouke.service.programme.events.closing import erase
from huitouke.service.programme.events.granting import buy_tier, grant_tier
from huitouke.service.programme.events.membership import enrol
from huitouke.service.programme.events.record import record

__all__ = ["adjust", "approve", "buy_tier", "enrol", "erase", "grant_tier", "record", "reject"]
