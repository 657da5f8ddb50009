"""The signals of the six loyalty types, and how likely each is under every type.

The likelihoods are expert defaults in the sense of Dick & Basu (relative attitude x repeat
patronage) and Jones & Sasser (apostle, mercenary, hostage): starting points that labels
replace. A signal that was not observed contributes nothing.

References
----------
Dick & Basu (1994), JAMS 22; Oliver (1999), J. Marketing 63; Jones & Sasser (1995), HBR;
Burnham, Frels & Mahajan (2003), JAMS 31 (switching costs).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from huitouke.insight.profiles.judged import Floats, Ints, even_length

__all__ = [
    "ITEM_TYPES",
    "PRIOR",
    "SIGNALS",
    "TYPES",
    "Signal",
    "TypeEvidence",
    "gap_rhythm",
]

#: The types in the order of their codes; the last is no type.
TYPES: tuple[str, ...] = (
    "forced",
    "nostalgic",
    "inertia",
    "benefit",
    "experience",
    "identity",
    "none",
)
#: The types that have a survey item.
ITEM_TYPES = TYPES[:6]
#: Shares before any evidence.
PRIOR: Floats = np.array([0.12, 0.08, 0.22, 0.22, 0.16, 0.10, 0.10])

Kind = Literal["flag", "count", "level", "positive", "rhythm", "promo"]


@dataclass(frozen=True)
class Signal:
    """One signal and its likelihood under each type.

    Parameters
    ----------
    name
        Its name in ``TypeEvidence.values``; ``promo`` has fields of its own.
    family
        Signals of one family repeat each other.
    kind
        ``flag`` (0 or 1), ``count`` (Poisson), ``level`` (normal), ``positive`` (gamma of
        shape 2), ``rhythm`` (gamma gaps of shape k), ``promo`` (binomial against opportunity).
    by_type
        Per type: chance, mean, mean, mean, k, rate ratio.
    spread
        Standard deviation of a level.
    """

    name: str
    family: str
    kind: Kind
    by_type: tuple[float, ...]
    spread: float = 1.0


def _flag(name: str, family: str, *by_type: float) -> Signal:
    return Signal(name, family, "flag", by_type)


_ATTITUDE = (-0.8, 0.8, 0.1, 0.2, 1.2, 1.5, 0.0)

#: Every signal. The columns: forced, nostalgic, inertia, benefit, experience, identity, none.
SIGNALS: tuple[Signal, ...] = (
    _flag("contract", "barrier", 0.85, 0.08, 0.08, 0.08, 0.08, 0.08, 0.08),
    _flag("sole_supplier", "barrier", 0.50, 0.05, 0.05, 0.03, 0.03, 0.03, 0.05),
    _flag("complained_and_stayed", "barrier", 0.35, 0.15, 0.12, 0.15, 0.18, 0.18, 0.12),
    _flag("first_in_category", "life", 0.08, 0.60, 0.08, 0.08, 0.08, 0.08, 0.08),
    _flag("family_link", "life", 0.08, 0.40, 0.10, 0.06, 0.10, 0.12, 0.06),
    _flag("public_badge", "public", 0.05, 0.05, 0.05, 0.05, 0.05, 0.60, 0.05),
    _flag("referral", "public", 0.02, 0.15, 0.04, 0.06, 0.30, 0.35, 0.02),
    _flag("deep_use", "use", 0.15, 0.15, 0.15, 0.15, 0.60, 0.15, 0.15),
    Signal("engagement", "use", "positive", (0.5, 0.8, 0.2, 1.0, 1.5, 2.5, 0.6)),
    Signal("variety", "habit", "count", (3.0, 3.0, 1.2, 3.0, 3.0, 3.0, 3.0)),
    Signal("rhythm", "habit", "rhythm", (1.0, 1.0, 4.0, 1.0, 1.0, 1.0, 1.0)),
    Signal("promo", "promo", "promo", (1.1, 1.1, 1.1, 8.0, 1.1, 1.0, 2.5)),
    Signal("satisfaction", "attitude", "level", tuple(3.3 + 0.8 * a for a in _ATTITUDE), 0.77),
    Signal("nps", "attitude", "level", tuple(7.0 + 1.8 * a for a in _ATTITUDE), 1.85),
)


@dataclass(frozen=True)
class TypeEvidence:
    """What was observed of each customer; NaN means not observed.

    Parameters
    ----------
    purchases
        (customers,) purchase occasions.
    gaps
        (customers,) gaps between occasions.
    values
        Signal name to (customers,) values: flags 0 or 1; ``variety`` as categories bought on
        a scale where three is usual; ``engagement`` relative to 1; ``rhythm`` from
        ``gap_rhythm``; satisfaction 1 to 5, nps 0 to 10.
    rhythm_gaps
        (customers,) gaps behind ``rhythm``; two if not given.
    promo_occasions, promo_opportunity
        (customers,) occasions bought on promotion, of all purchases, and the share of the
        customer's time with one on.
    items
        (customers, 6) survey items 1 to 7, in the order of ``ITEM_TYPES``.
    """

    purchases: Ints
    gaps: Ints
    values: Mapping[str, Floats] = field(default_factory=dict)
    rhythm_gaps: Ints | None = None
    promo_occasions: Ints | None = None
    promo_opportunity: Floats | None = None
    items: Floats | None = None

    @property
    def customers(self) -> int:
        """How many customers there are."""
        return len(self.purchases)

    def signal(self, name: str) -> Floats | None:
        """Return the values of a signal, None if it is not there.

        Parameters
        ----------
        name
            A name of ``SIGNALS``.
        """
        if name != "promo":
            return self.values.get(name)
        if self.promo_occasions is None or self.promo_opportunity is None:
            return None
        return self.promo_occasions.astype(np.float64)

    def check(self) -> None:
        """Hold every array to one value per customer.

        Raises
        ------
        ArraysUneven
            At the first array of another length.
        """
        even_length(
            self.customers,
            gaps=self.gaps,
            rhythm_gaps=self.rhythm_gaps,
            promo_occasions=self.promo_occasions,
            promo_opportunity=self.promo_opportunity,
            items=self.items,
            **dict(self.values),
        )

    def take(self, rows: Ints) -> TypeEvidence:
        """Return the evidence of some customers.

        Parameters
        ----------
        rows
            Their places.
        """

        def some(array: Any) -> Any:
            return None if array is None else array[rows]

        return TypeEvidence(
            self.purchases[rows],
            self.gaps[rows],
            {name: array[rows] for name, array in self.values.items()},
            some(self.rhythm_gaps),
            some(self.promo_occasions),
            some(self.promo_opportunity),
            some(self.items),
        )


def gap_rhythm(gap_last_days: Floats, *, gap_previous_days: Floats) -> Floats:
    """Return how uneven the last two gaps are: ``ln mean - mean ln``, 0 when they are equal.

    Parameters
    ----------
    gap_last_days, gap_previous_days
        (customers,) days; NaN where there is no such gap.

    Examples
    --------
    >>> gap_rhythm(np.array([7.0, 1.0]), gap_previous_days=np.array([7.0, 13.0])).round(3)
    array([0.   , 0.663])

    References
    ----------
    Wheat & Morrison (1990): regularity from each customer's last two gaps.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (gap_last_days + gap_previous_days) / 2
        uneven = np.log(mean) - (np.log(gap_last_days) + np.log(gap_previous_days)) / 2
    return np.asarray(np.where(np.isfinite(uneven), np.maximum(uneven, 0.0), np.nan))
