"""The analysis of a demo shop, so that its pages have something to say about customers."""

from __future__ import annotations

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.loop import commands, running

__all__ = ["analyse"]


def analyse(*, actor: Actor) -> bool:
    """Analyse the shop's orders, as the service does every night.

    Parameters
    ----------
    actor
        Who asks.

    Returns
    -------
    bool
        Whether it was done; the shop is served without profiles where it was not, and the
        service says why.
    """
    asked = commands.ask(at=clock.now(), actor=actor, ring=False)
    return running.run_here(asked, tell=lambda _: None).state == "done"
