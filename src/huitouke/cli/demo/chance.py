"""Chance for the demo shops: seeded, so that a shop is the same every time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

__all__ = ["Chance"]

T = TypeVar("T")


class Chance:
    """A stream of chance.

    Parameters
    ----------
    *seeds
        Whole numbers from 0 that name the stream.

    Examples
    --------
    >>> Chance(8, 1).below(100) == Chance(8, 1).below(100)
    True
    """

    def __init__(self, *seeds: int) -> None:
        self._stream = np.random.Generator(np.random.PCG64(list(seeds)))

    def below(self, end: int) -> int:
        """Return a whole number from 0 to below the end.

        Parameters
        ----------
        end
            Above 0.
        """
        return int(self._stream.integers(end))

    def is_so(self, share: float) -> bool:
        """Say yes in a share of all cases.

        Parameters
        ----------
        share
            0 to 1.
        """
        return self.share() < share

    def share(self) -> float:
        """Return a number from 0 to below 1."""
        return float(self._stream.random())

    def choice(self, among: Sequence[T]) -> T:
        """Return one of several.

        Parameters
        ----------
        among
            At least one.
        """
        return among[self.below(len(among))]

    def some(self, among: Sequence[T], *, count: int) -> list[T]:
        """Return so many of several, each once; all of them where there are fewer.

        Parameters
        ----------
        among
            Any number.
        count
            How many.
        """
        order = self._stream.permutation(len(among))[:count]
        return [among[int(place)] for place in order]
