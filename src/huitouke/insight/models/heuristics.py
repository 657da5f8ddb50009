"""The cheap rivals: rules of thumb that a model must beat out of time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from huitouke.insight.models.contract import Panel
from huitouke.insight.models.quadrature import FloatArray

__all__ = ["hiatus_rule", "past_rate"]


def past_rate(panel: Panel, *, horizon: float) -> FloatArray:
    """Return the occasions of the horizon if everybody went on as before.

    Parameters
    ----------
    panel
        The customers.
    horizon
        Length in the panel's time unit.

    Examples
    --------
    >>> panel = Panel(np.array([2, 0]), np.array([5.0, 0.0]), np.array([10.0, 0.0]))
    >>> past_rate(panel, horizon=5.0).tolist()
    [1.0, 0.0]
    """
    tenure = np.where(panel.tenure > 0, panel.tenure, 1.0)
    return np.where(panel.tenure > 0, panel.repeat_count * horizon / tenure, 0.0)


def hiatus_rule(panel: Panel, *, longest: float) -> npt.NDArray[np.bool_]:
    """Return who counts as active: whoever bought within the last ``longest``.

    Parameters
    ----------
    panel
        The customers.
    longest
        Longest silence of an active customer, in the panel's time unit.

    References
    ----------
    Wübben & Wangenheim (2008), "Instant customer base analysis: managerial heuristics often
    get it right", Journal of Marketing 72.

    Examples
    --------
    >>> panel = Panel(np.array([2, 0]), np.array([8.0, 0.0]), np.array([10.0, 9.0]))
    >>> hiatus_rule(panel, longest=5.0).tolist()
    [True, False]
    """
    return np.asarray(panel.tenure - panel.recency <= longest)
