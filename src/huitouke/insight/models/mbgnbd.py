"""MBG/NBD: as BG/NBD, but customers may leave after their very first purchase."""

from __future__ import annotations

from typing import ClassVar

from huitouke.insight.models.bgnbd import BgNbd

__all__ = ["MbgNbd"]


class MbgNbd(BgNbd):
    """Modified beta-geometric / negative binomial model.

    The customer may leave after every purchase, the first included: the default where many
    buy only once, because BG/NBD calls all of those alive.

    References
    ----------
    Batislam, Denizel & Filiztekin (2007), "Empirical validation and comparison of models
    for customer base analysis", International Journal of Research in Marketing 24.

    Examples
    --------
    >>> import numpy as np
    >>> from huitouke.insight.models.contract import Panel
    >>> model = MbgNbd().with_parameters({"r": 0.525, "alpha": 6.18, "a": 0.891, "b": 1.614})
    >>> once = Panel(np.array([0]), np.array([0.0]), np.array([38.86]))
    >>> bool(model.p_alive(once)[0] < 0.5)
    True
    """

    label: ClassVar[str] = "MBG/NBD"
    first_counts: ClassVar[int] = 1
