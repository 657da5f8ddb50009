"""The form that asks for an analysis."""

from __future__ import annotations

from typing import Any

from django import forms

from huitouke.language import N_

__all__ = ["AskForm"]

_MARGIN = 30
_RATE = 15


class AskForm(forms.Form):
    """Conditions of an analysis; whoever leaves them alone gets the usual ones."""

    as_of = forms.DateField(
        label=N_("Known until"),
        required=False,
        help_text=N_("The last day that counts. Left empty: the day of the last order."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    horizon_days = forms.IntegerField(
        label=N_("Days to look ahead"),
        required=False,
        min_value=1,
        max_value=3650,
        help_text=N_("Left empty: as the usual gap between purchases asks for."),
    )
    margin = forms.FloatField(
        label=N_("Margin on what is spent, in percent"),
        min_value=0.1,
        max_value=100,
        initial=_MARGIN,
    )
    discount_rate = forms.FloatField(
        label=N_("Discount of future money, in percent a year"),
        min_value=0,
        max_value=1000,
        initial=_RATE,
    )

    def wish(self) -> dict[str, Any]:
        """Return the conditions as the bridge takes them."""
        given = self.cleaned_data
        return {
            "as_of": given["as_of"],
            "horizon_days": given["horizon_days"],
            "margin": given["margin"] / 100,
            "discount_rate": given["discount_rate"] / 100,
        }
