"""Simulated surveys: who answers, what they say, and how far it is from what they feel."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from huitouke.insight.world.people import People
from huitouke.insight.world.rows import Rows
from huitouke.insight.world.scenarios import TYPES, Floats, Ints, Scenario

__all__ = ["COMMENTS", "KINDS", "SURVEY_WEEKS", "Survey"]

#: Weeks in which everybody who bought in the last 13 weeks is asked.
SURVEY_WEEKS = (12, 38, 64, 90)

#: The questions: recommendation 0-10, satisfaction 1-5, expectation and performance 1-7, and
#: one item 1-7 for each loyalty type.
KINDS = (
    "nps",
    "satisfaction",
    "expectation",
    "performance",
    *(f"type_{kind}" for kind in TYPES[:-1]),
)

#: What people write beside the recommendation: two when displeased, two when pleased.
COMMENTS = (
    "等太久，没人理。",
    "和说的不一样。",
    "服务很好，会再来。",
    "东西好，推荐给朋友了。",
)


def _rows() -> Rows:
    return Rows(who=np.int64, day=np.int64, kind=np.int64, score=np.float64, comment=np.int64)


@dataclass
class Survey:
    """The answers so far.

    Parameters
    ----------
    bias
        Each customer's own tendency to agree, shared by all type items.
    asked, answered
        How many were asked and how many answered, over all waves.
    rows
        The answers.
    """

    bias: Floats
    asked: int = 0
    answered: int = 0
    rows: Rows = field(default_factory=_rows)

    def ask(
        self,
        week: int,
        *,
        people: People,
        attitude: Floats,
        last_week: Ints,
        scenario: Scenario,
        rng: np.random.Generator,
    ) -> None:
        """Ask those who bought lately; the pleased and the angry answer most.

        Parameters
        ----------
        week
            The week; nothing happens outside ``SURVEY_WEEKS``.
        people
            Everybody.
        attitude
            Attitude now; shape (customers,).
        last_week
            Week of each customer's last purchase; -1: never.
        scenario
            The assumptions.
        rng
            The source of chance.
        """
        if week not in SURVEY_WEEKS:
            return
        asked = np.flatnonzero((last_week >= 0) & (week - last_week <= 13))
        logit = (
            scenario.response_intercept
            + 0.5 * np.abs(attitude[asked])
            + 0.3 * people.engagement[asked]
        )
        who = asked[rng.random(asked.size) < 1.0 / (1.0 + np.exp(-logit))]
        self.asked += asked.size
        self.answered += who.size
        day = week * 7 + rng.integers(0, 7, who.size)
        scores = self._scores(
            who, people=people, attitude=attitude[who], scenario=scenario, rng=rng
        )
        writes = rng.random(who.size) < 0.15
        words = 2 * (scores[0] >= 7) + rng.integers(0, 2, who.size)
        for kind, score in enumerate(scores):
            comment = np.where(writes & (kind == 0), words, -1)
            self.rows.add(who=who, day=day, kind=kind, score=score, comment=comment)

    def _scores(
        self,
        who: Ints,
        *,
        people: People,
        attitude: Floats,
        scenario: Scenario,
        rng: np.random.Generator,
    ) -> list[Floats]:
        usual = people.attitude[who]

        def said(mean: Floats, *, noise: float, least: int, most: int) -> Floats:
            return np.clip(np.rint(mean + rng.normal(0.0, noise, who.size)), least, most)

        scores = [
            said(7.0 + 1.8 * attitude, noise=1.5, least=0, most=10),
            said(3.3 + 0.8 * attitude, noise=scenario.satisfaction_noise, least=1, most=5),
            said(4.6 + 0.4 * usual, noise=0.8, least=1, most=7),
            said(4.2 + 1.0 * attitude, noise=0.7, least=1, most=7),
        ]
        for kind in range(len(TYPES) - 1):
            own = np.where(people.kind[who] == kind, 5.4, 3.0)
            scores.append(said(own + self.bias[who], noise=1.2, least=1, most=7))
        return scores
