"""The form that asks for an analysis."""

from __future__ import annotations

from typing import Any

from django import forms

from huitouke.language import N_
from huitouke.service.backoffice.percents import PercentField
from huitouke.service.core.shop_view import ShopView

__all__ = ["AskForm"]


class AskForm(forms.Form):
    """Conditions of an analysis; whoever leaves them alone gets those of the shop."""

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
    margin = PercentField(
        label=N_("Margin on what is spent, in percent"),
        required=False,
        min_value=0.1,
        max_value=100,
        help_text=N_("Left empty: the shop's own, which every night counts with."),
    )
    discount_rate = PercentField(
        label=N_("Discount of future money, in percent a year"),
        required=False,
        min_value=0,
        max_value=1000,
        help_text=N_("Left empty: the shop's own, which every night counts with."),
    )

    @classmethod
    def of(cls, shop: ShopView) -> AskForm:
        """Return the form as the shop's own conditions fill it in.

        Parameters
        ----------
        shop
            Whose margin and discount rate are meant.
        """
        usual = {"margin": shop.margin, "discount_rate": shop.discount_rate}
        return cls(initial=usual)

    def wish(self) -> dict[str, Any]:
        """Return the conditions as the bridge takes them."""
        return dict(self.cleaned_data)
