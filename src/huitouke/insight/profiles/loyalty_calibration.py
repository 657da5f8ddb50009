"""The calibration of the loyalty score, learnt on an origin later than those of the fit.

The beta map ``logit p' = c + a ln p - b ln(1 - p)`` with a, b >= 0 is smooth and rising, so it
keeps the order of customers and the explanations of their scores.

References
----------
Kull, Silva Filho & Flach (2017), "Beta calibration", AISTATS, eq. 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from huitouke.insight.profiles.judged import Flags, Floats

__all__ = ["BetaMap", "fit_beta_map"]


@dataclass(frozen=True)
class BetaMap:
    """The calibration map ``logit p' = c + a ln p - b ln(1 - p)``.

    Parameters
    ----------
    a, b
        >= 0; both 1 with c = 0 changes nothing.
    c
        Shift, logits.
    """

    a: float
    b: float
    c: float

    def logit(self, eta: Floats) -> Floats:
        """Return the calibrated logit of a raw logit.

        Parameters
        ----------
        eta
            (customers,) raw logits.
        """
        low, high = special.log_expit(eta), special.log_expit(-eta)
        return np.asarray(self.c + self.a * low - self.b * high)

    def slope(self, eta: Floats) -> Floats:
        """Return the derivative of the calibrated logit.

        Parameters
        ----------
        eta
            (customers,) raw logits.
        """
        p = special.expit(eta)
        return np.asarray(self.a * (1 - p) + self.b * p)


def fit_beta_map(eta: Floats, *, bought: Flags) -> BetaMap:
    """Fit the calibration map on an origin later than those of the fit.

    A light ridge holds it to the identity where there is little to learn from.

    Parameters
    ----------
    eta
        (customers,) raw logits.
    bought
        (customers,) the outcome.

    Examples
    --------
    >>> eta = np.repeat([-1.0, 1.0], 500)
    >>> bought = np.concatenate([np.arange(500) < 134, np.arange(500) < 366])
    >>> found = fit_beta_map(eta, bought=bought)
    >>> bool(np.abs(found.logit(eta) - eta).max() < 0.05)
    True

    References
    ----------
    Kull, Silva Filho & Flach (2017), eq. 3.
    """
    y = bought.astype(np.float64)
    low, high = special.log_expit(eta), -special.log_expit(-eta)
    design = np.column_stack([low, high, np.ones(len(eta))])
    identity = np.array([1.0, 1.0, 0.0])

    def loss(theta: Floats) -> tuple[float, Floats]:
        z = design @ theta
        gap = theta - identity
        value = float(np.logaddexp(0.0, z).sum() - y @ z + 0.5 * gap @ gap)
        slope = design.T @ (special.expit(z) - y) + gap
        return value / len(y), slope / len(y)

    found = optimize.minimize(
        loss,
        identity,
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.0, 20.0), (0.0, 20.0), (None, None)],
        options={"ftol": 1e-14, "gtol": 1e-8, "maxiter": 1_000},
    )
    return BetaMap(float(found.x[0]), float(found.x[1]), float(found.x[2]))
