"""What customers said, brought to the customers of the analysis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from huitouke.insight.profiles.attitude import (
    ExpectationGap,
    Satisfaction,
    answer_scale,
    expectation_gap,
    last_word,
    satisfaction_index,
)
from huitouke.insight.profiles.loyalty_model import Block
from huitouke.insight.profiles.net_promoter import NetPromoter, net_promoter
from huitouke.insight.profiles.type_signals import ITEM_TYPES

__all__ = ["ATTITUDE", "Voice", "listen"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: What answers may add to the loyalty score, if they prove to.
ATTITUDE = Block("attitude", (("satisfaction", 1), ("nps", 1)))

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Voice:
    """Answers by customer.

    Parameters
    ----------
    customer_no, day, kind, score
        One entry per answer of a customer whom the orders know.
    customers
        How many customers there are.
    signals
        Satisfaction (1 to 5) and nps (0 to 10) of each customer as of the last day, NaN
        where not asked.
    items
        (customers, 6) type items 1 to 7, NaN where not asked; None without any.
    nps
        The net promoter score of all recommendation answers; None without any.
    satisfaction
        The satisfaction index of each customer's last answer; None without any.
    gap
        How expectation and experience make satisfaction; None unless all three were asked.
    """

    customer_no: Ints
    day: Ints
    kind: npt.NDArray[np.str_]
    score: Floats
    customers: int
    signals: dict[str, Floats]
    items: Floats | None
    nps: NetPromoter | None
    satisfaction: Satisfaction | None = None
    gap: ExpectationGap | None = None

    def latest(self, kind: str, *, on: date) -> Floats:
        """Return each customer's last answer of a kind known on a day, 0 to 1, NaN if none.

        Parameters
        ----------
        kind
            E.g. ``satisfaction``.
        on
            The last day that is known.
        """
        # Later answers must not even tell the scale.
        use = (self.kind == kind) & (self.day <= (on - _EPOCH).days)
        if not use.any():
            return np.full(self.customers, np.nan)
        scores = self.score[use]
        return last_word(
            self.customer_no[use],
            day=self.day[use],
            score=scores,
            customers=self.customers,
            as_of_day=(on - _EPOCH).days,
            scale=answer_scale(scores, kind=kind),
        ).score

    def attitude(self, customer_no: Ints, *, on: date) -> dict[str, Floats]:
        """Return the attitude block of the loyalty score for some customers.

        Parameters
        ----------
        customer_no
            The customers.
        on
            The last day that is known.
        """
        return {name: self.latest(name, on=on)[customer_no] for name, _ in ATTITUDE.features}


def listen(answers: pa.Table, *, panel: pa.Table, as_of: date) -> Voice | None:
    """Bring answers to the customers of the analysis.

    Parameters
    ----------
    answers
        ``tables.ANSWERS`` rows.
    panel
        All customers as of the last day, in order of customer_no.
    as_of
        The last day.

    Returns
    -------
    Voice or None
        None without a single score from a known customer.
    """
    known = answers.filter(
        pc.and_(pc.is_valid(answers["customer_no"]), pc.is_valid(answers["score"]))
    )
    known = known.filter(pc.less_equal(known["answered_on"], as_of))
    if known.num_rows == 0 or panel.num_rows == 0:
        return None
    size = int(panel["customer_no"].to_numpy()[-1]) + 1
    numbers = known["customer_no"].to_numpy()
    inside = numbers < size
    base = Voice(
        customer_no=numbers[inside],
        day=known["answered_on"].cast(pa.int32()).to_numpy().astype(np.int64)[inside],
        kind=np.asarray(known["kind"].to_pylist(), dtype=np.str_)[inside],
        score=known["score"].to_numpy()[inside],
        customers=size,
        signals={},
        items=None,
        nps=None,
    )
    mine = panel["customer_no"].to_numpy()
    satisfaction = 1 + 4 * base.latest("satisfaction", on=as_of)[mine]
    recommend = 10 * base.latest("nps", on=as_of)[mine]
    asked = [base.latest(f"type_{name}", on=as_of)[mine] for name in ITEM_TYPES]
    items = 1 + 6 * np.column_stack(asked)
    told = base.score[base.kind == "nps"]
    index, gap = _satisfied(base, mine=mine, as_of=as_of)
    signals = {"satisfaction": satisfaction, "nps": recommend}
    return replace(
        base,
        signals={name: c for name, c in signals.items() if np.isfinite(c).any()},
        items=items if np.isfinite(items).any() else None,
        nps=net_promoter(told) if told.size else None,
        satisfaction=index,
        gap=gap,
    )


def _satisfied(
    voice: Voice, *, mine: Ints, as_of: date
) -> tuple[Satisfaction | None, ExpectationGap | None]:
    """Return the satisfaction index and the expectation gap, on a scale of 1 to 5."""
    expected, lived, satisfied, against = (
        1 + 4 * voice.latest(kind, on=as_of)[mine]
        for kind in ("expectation", "performance", "satisfaction", "disconfirmation")
    )
    if not np.isfinite(satisfied).any():
        return None, None
    index = satisfaction_index(satisfied[:, None], scale=(1.0, 5.0))
    if not np.isfinite(expected + lived + satisfied).any():
        return index, None
    asked = np.isfinite(against).any()
    gap = expectation_gap(
        expected,
        performance=lived,
        satisfaction=satisfied,
        disconfirmation=against - 3.0 if asked else None,
    )
    return index, gap
