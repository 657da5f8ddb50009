"""Everything an analysis found, in one value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huitouke.insight.facts.answers import Answers
from huitouke.insight.facts.read import Facts
from huitouke.insight.facts.reading import Note
from huitouke.insight.profiles.loyalty import LoyaltyModel, LoyaltyScores
from huitouke.insight.profiles.rain_or_shine import RainOrShine
from huitouke.insight.profiles.types import LoyaltyTypes
from huitouke.insight.steps.forecast import Purchases
from huitouke.insight.steps.leaving import Leaving
from huitouke.insight.steps.loyal import Placement
from huitouke.insight.steps.options import Options
from huitouke.insight.steps.people import Lists
from huitouke.insight.steps.snapshots import Shop, Snapshot
from huitouke.insight.steps.voice import Voice
from huitouke.insight.steps.worth import Worth

__all__ = ["Outcome"]


@dataclass(frozen=True)
class Outcome:
    """What every step found; the files and the report are made from it.

    Parameters
    ----------
    options, as_of, currency
        The conditions.
    facts, shop, snapshots
        What was read, and what was known on past days.
    panel, ids
        All customers as of the last day, and their identifiers in the same order.
    purchases, leaving, loyalty
        The models with their validation.
    worth, churn_risk, placement, types, steady, scores, lists
        What is said of each customer.
    features
        Features of the loyalty score, by name.
    voice, answers
        What customers said, by customer and as read; None without a survey.
    """

    options: Options
    as_of: date
    currency: str
    facts: Facts
    shop: Shop
    snapshots: tuple[Snapshot, ...]
    panel: pa.Table
    ids: pa.ChunkedArray
    purchases: Purchases
    leaving: Leaving
    loyalty: LoyaltyModel
    worth: Worth
    churn_risk: npt.NDArray[np.float64]
    placement: Placement
    types: LoyaltyTypes
    steady: RainOrShine
    scores: LoyaltyScores
    features: dict[str, npt.NDArray[np.float64]]
    lists: Lists
    voice: Voice | None
    answers: Answers | None

    @property
    def quarantine(self) -> pa.Table:
        """Every row of any file that could not be used."""
        if self.answers is None:
            return self.facts.quarantine
        return pa.concat_tables([self.facts.quarantine, self.answers.quarantine])

    @property
    def notes(self) -> tuple[Note, ...]:
        """Everything that was decided while reading."""
        return self.facts.notes + (() if self.answers is None else self.answers.notes)

    @property
    def full_price_told(self) -> bool:
        """True if the files tell discounts, so that full price means something."""
        return "discount" in self.facts.provides
