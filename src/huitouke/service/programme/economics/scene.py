"""What is fixed while orders are replayed: rules, period, and where the counts go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from huitouke.service.programme.economics.replay_stamps import replayed_cards
from huitouke.service.programme.economics.replay_totals import Totals
from huitouke.service.programme.rules.compiled import compile_definition
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.expiry import timing_of
from huitouke.service.programme.rules.shapes import Inactivity

__all__ = ["Bonus", "Lived", "Scene"]


@dataclass(frozen=True, slots=True)
class Bonus:
    """What a referral gives one of the two.

    Parameters
    ----------
    at
        When it falls due.
    leg
        Whose it is.
    points
        So many.
    back_at
        When it is taken back, because the order came back after all; or none.
    """

    at: datetime
    leg: Literal["advocate", "friend"]
    points: int
    back_at: datetime | None


@dataclass(frozen=True, slots=True)
class Lived:
    """What one person had under one definition.

    Parameters
    ----------
    points
        Of the unit that is followed, earned in the period less what refunds took back in it.
    tier
        At the end.
    spend_minor
        Eligible spend in the period, net of refunds.
    """

    points: int
    tier: str | None
    spend_minor: int


class Scene:
    """One definition over one period.

    Parameters
    ----------
    definition
        The rules.
    unit
        Code of the unit whose points are followed to their end.
    since, until
        What happens from (including) and to (excluding) these moments is counted; what was
        before is replayed all the same, for tiers and caps.
    everyone
        True: who buys is a member from the first order on.

    Attributes
    ----------
    bonuses
        What referrals give, by customer; filled before people are replayed.
    """

    bonuses: Mapping[UUID, Sequence[Bonus]] = MappingProxyType({})

    def __init__(
        self,
        definition: Definition,
        *,
        unit: str,
        since: datetime | None,
        until: datetime,
        everyone: bool,
    ) -> None:
        self.definition = definition
        self.unit = unit
        self.since = since
        self.until = until
        self.everyone = everyone
        self.zone = definition.zone_info
        self.tiers = tiers = definition.tiers
        self.qualifying = tiers.unit if tiers and tiers.metric == "qualifying" else None
        self.cards = replayed_cards(definition)
        self.listens = frozenset(compile_definition(definition).on)
        self.totals = Totals(self.zone, unit)
        self.idle = {
            rule.id: timing.expiry.months
            for rule in definition.rules
            if rule.unit == unit
            and isinstance(
                (timing := timing_of(rule, definition=definition)).expiry, Inactivity
            )
        }
        self.last_on = (until - timedelta(microseconds=1)).astimezone(self.zone).date()

    def counts(self, at: datetime) -> bool:
        """Say whether a moment lies in the period.

        Parameters
        ----------
        at
            The moment.
        """
        return at < self.until and (self.since is None or at >= self.since)
