"""The shop and its programme as members see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from huitouke.language import N_, one_of
from huitouke.service.core.shop import shop as described
from huitouke.service.programme.events.rulebook import Rulebook, Rules
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.versions import queries as versions
from huitouke.service.ui.frame import Shop
from huitouke.service.ui.reader import current

__all__ = ["PROGRAMME", "UNIT", "Counted", "counted", "name_of", "rules_of", "shop"]

#: The programme and the unit that members see here.
PROGRAMME = "main"
UNIT = "points"


@dataclass(frozen=True)
class Counted:
    """How points are written.

    Parameters
    ----------
    name
        What the unit is called, in the reader's language.
    scale
        Digits after the decimal point.
    """

    name: str
    scale: int = 0

    def number(self, points: int) -> str:
        """Return so many without the unit's name."""
        if not self.scale:
            return current().number(points)
        return current().number(points / 10**self.scale, digits=self.scale)

    def said(self, points: int) -> str:
        """Return so many with the unit's name."""
        say = current().words.say
        return say(N_("{number} {unit}"), number=self.number(points), unit=self.name)


def shop() -> Shop:
    """Return the shop: its programme's brand, money and time zone."""
    found, known = versions.programme(PROGRAMME), described()
    return Shop(
        name=name_of(dict(known.names)) or found.brand or name_of(found.name),
        currency=found.currency,
        zone=found.zone,
        simulated=known.kind == "simulated",
        source=name_of(known.attribution) if known.kind == "public" else "",
    )


def name_of(names: Mapping[str, str]) -> str:
    """Return what something is called for who reads.

    Parameters
    ----------
    names
        By language, at least one.
    """
    return one_of(names, language=current().language)


def rules_of(at: datetime) -> tuple[Rules, date]:
    """Return the rules in force, and which local day it is by them.

    Parameters
    ----------
    at
        The present moment.
    """
    rules = Rulebook.open(PROGRAMME, at=at).now
    return rules, rules.day(at)


def counted(definition: Definition) -> Counted:
    """Return how points are written under these rules.

    Parameters
    ----------
    definition
        The rules.
    """
    unit = definition.unit(UNIT)
    if unit is None:
        return Counted(current().words.say(N_("points")))
    return Counted(unit.name.said(current().language), unit.scale)
