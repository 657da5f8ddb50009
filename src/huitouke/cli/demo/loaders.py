"""Which loader fills which shop."""

from __future__ import annotations

from collections.abc import Callable

from huitouke.cli.demo.journey import load as load_journey
from huitouke.cli.demo.simulated.loading import load as load_simulated

__all__ = ["loader_of"]


def loader_of(code: str) -> Callable[..., str]:
    """Return what fills an empty database with a shop.

    Parameters
    ----------
    code
        Which shop.
    """
    return {"simulated": load_simulated, "journey": load_journey}[code]
