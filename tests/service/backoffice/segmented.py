"""Segments that are there already, for tests of pages."""

from __future__ import annotations

from counter import BOSS

from huitouke.service.core import clock
from huitouke.service.segments import commands, queries
from huitouke.service.segments.fields import Condition


def saved(name="Rich", *conditions):
    ground = queries.ground_of(now=clock.now(), zone="Asia/Shanghai", currency="CNY")
    asked = conditions or (Condition("points", "at_least", (100,)),)
    return commands.save(name, conditions=asked, ground=ground, at=clock.now(), actor=BOSS)
