"""Segments of a demo shop, counted, so that their pages have something to show."""

from __future__ import annotations

from huitouke.service.core import clock
from huitouke.service.core.actor import Actor
from huitouke.service.loop.place import settled
from huitouke.service.segments import commands, queries
from huitouke.service.segments.fields import Condition

__all__ = ["SEGMENTS", "keep_segments"]

#: By name; a name is one string, in the language that the shop speaks.
SEGMENTS: dict[str, tuple[Condition, ...]] = {
    "正在流失、可发短信的顾客": (
        Condition("list", "any_of", ("slipping",)),
        Condition("consent_marketing", "any_of", ("sms",)),
    ),
    "30 天内有积分到期的会员": (Condition("lapsing", "at_least", (100,), days=30),),
    "半年没来的高消费老客": (
        Condition("spent", "at_least", (50_000,)),
        Condition("last_order", "ago", (180,)),
    ),
}


def keep_segments(*, actor: Actor) -> None:
    """Keep some segments, each with its count of now.

    Parameters
    ----------
    actor
        Who keeps them.
    """
    now, place = clock.now(), settled()
    ground = queries.ground_of(now=now, zone=place.zone, currency=place.currency)
    for name, conditions in SEGMENTS.items():
        kept = commands.save(name, conditions=conditions, ground=ground, at=now, actor=actor)
        tally = queries.counted(conditions, ground=ground)
        commands.note_count(kept.id, revision=kept.revision, tally=tally, at=now)
