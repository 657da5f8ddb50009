"""A share that people read and write in percent."""

from __future__ import annotations

from typing import Any

from django import forms

from huitouke.service.ui.reader import Reader

__all__ = ["PercentField", "percent"]

#: A hundredth of a percent is asked for by nobody; more digits are noise of the division.
_DIGITS = 6


def percent(share: float, *, reader: Reader) -> str:
    """Return a share that somebody set, with the tenth of a percent where there is one.

    Parameters
    ----------
    share
        0 to 1, or more.
    reader
        Whose language.
    """
    return reader.share(share, digits=0 if round(share, 2) == round(share, 4) else 1)


class PercentField(forms.FloatField):
    """Shows a share as percent, and gives the percent that is written as a share."""

    def prepare_value(self, value: Any) -> Any:
        """Return what stands in the field.

        Parameters
        ----------
        value
            A share, or what was written.
        """
        return f"{100 * value:.{_DIGITS}g}" if isinstance(value, float) else value

    def clean(self, value: Any) -> Any:
        """Return the share; none where nothing was written.

        Parameters
        ----------
        value
            What was written.
        """
        percent = super().clean(value)
        return None if percent is None else round(percent / 100, _DIGITS)
