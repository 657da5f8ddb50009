"""Why a loyalty score is what it is: contributions that add up to it.

Contributions are exact Shapley values: in a model that is additive on the logit scale, a
feature's value is its curve less the curve's average. They are stretched by
``(score - base)/(logit - average logit)``, the mean slope of the calibrated curve between the
average customer and this one, so that base plus contributions is the score itself.

References
----------
Shapley (1953), "A value for n-person games"; Lundberg & Lee (2017), additive models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

from huitouke.insight.profiles.judged import Floats
from huitouke.insight.profiles.loyalty import LoyaltyModel

__all__ = ["Contributions", "contributions"]


@dataclass(frozen=True)
class Contributions:
    """Why these scores: base plus the contributions of a row is its score.

    Parameters
    ----------
    base
        Score of the average customer.
    names
        Features, then optional blocks answered or not.
    blocks
        Block of each name.
    values
        (customers, names) points of the score.
    """

    base: float
    names: tuple[str, ...]
    blocks: tuple[str, ...]
    values: Floats


def contributions(model: LoyaltyModel, *, features: Mapping[str, Floats]) -> Contributions:
    """Say what each feature adds to or takes from the score of these customers.

    Parameters
    ----------
    model
        A model whose verdict is ok.
    features
        (customers,) arrays by name, of the customers to explain.
    """
    additive = model.additive
    if additive is None:
        return Contributions(0.0, (), (), np.zeros((0, 0)))
    columns, names, blocks = [], [], []
    for term in additive.terms:
        height = np.nan_to_num(term.curve(features[term.feature]))
        columns.append(np.asarray(height - term.average))
        names.append(term.feature)
        blocks.append(term.block)
    for name, shift in additive.answered.items():
        seen = additive.observed(features, block=name)
        columns.append(np.asarray(shift * (seen - additive.answered_share[name])))
        names.append(f"{name}_answered")
        blocks.append(name)
    shapley = np.column_stack(columns)
    average = np.array([additive.average])
    base = 100 * float(special.expit(model.calibration.logit(average))[0])
    total = shapley.sum(axis=1)
    reached = 100 * special.expit(model.calibration.logit(average + total)) - base
    slope = base * (1 - base / 100) * float(model.calibration.slope(average)[0])
    near = np.abs(total) < 1e-9
    stretch = np.where(near, slope, reached / np.where(near, 1.0, total))
    return Contributions(base, tuple(names), tuple(blocks), shapley * stretch[:, None])
