"""The analysis of a demo shop, so that its pages have something to say about customers."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.loop import commands, running
from huitouke.service.loop.place import settled

__all__ = ["analyse", "week_before"]


def week_before() -> date:
    """Return the day a week before the last that is over in the shop."""
    today = clock.now().astimezone(ZoneInfo(settled().zone)).date()
    return today - timedelta(days=8)


def analyse(*, actor: Actor, as_of: date | None = None) -> bool:
    """Analyse the shop's orders, as the service does every night.

    Parameters
    ----------
    actor
        Who asks.
    as_of
        Last day that is known; None: that of the last order.

    Returns
    -------
    bool
        Whether it was done; the shop is served without profiles where it was not, and the
        service says why.
    """
    asked = commands.ask(at=clock.now(), actor=actor, as_of=as_of, ring=False)
    return running.run_here(asked, tell=lambda _: None).state == "done"
