"""What the analyst asked for, checked once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from babel.numbers import list_currencies

from huitouke.errors import HuitoukeError
from huitouke.insight.engine import EngineName
from huitouke.language import LANGUAGES, N_, Language

__all__ = ["AsOfOutsidePeriod", "NothingKept", "OptionInvalid", "Options"]


class OptionInvalid(HuitoukeError):
    """An option has a value that makes no sense."""

    code = "steps.option_invalid"
    says = N_("Option {option} is {value}.")
    remedy = N_("Give {expected}.")


class AsOfOutsidePeriod(HuitoukeError):
    """The day of the analysis lies before the first order."""

    code = "steps.as_of_outside_period"
    says = N_("No order was placed by {as_of}: the orders run from {first_on} to {last_on}.")
    remedy = N_("Give a later --as-of, or none to take the last order's day.")


class NothingKept(HuitoukeError):
    """No purchase is left once returns and cancellations are taken off."""

    code = "steps.nothing_kept"
    says = N_(
        "By {as_of} every purchase was returned or cancelled and {quarantined} rows were set "
        "aside: nothing is left to analyse."
    )
    remedy = N_("Check that returns are marked as such, and sales are not.")


@dataclass(frozen=True)
class Options:
    """The conditions of an analysis.

    Parameters
    ----------
    as_of
        Last day that is known; None: the day of the last order.
    horizon_days
        How far ahead to look; None: the larger of 91 days and twice the median gap.
    margin
        Margin on spend, above 0 to 1.
    discount_rate
        A year, e.g. 0.15; continuous discounting at ln(1 + rate) / 365.25 a day.
    value_days
        Length of the calendar over which a customer's value is counted.
    currency
        ISO 4217; None: what the files show, else the unknown currency XXX.
    language
        Of the report and the quarantine's explanations.
    engine
        ``"duckdb"`` or ``"spark"``.
    seed
        Of every random draw.
    """

    as_of: date | None = None
    horizon_days: int | None = None
    margin: float = 0.3
    discount_rate: float = 0.15
    value_days: int = 1095
    currency: str | None = None
    language: Language = "en"
    engine: EngineName = "duckdb"
    seed: int = 20_240_229

    def __post_init__(self) -> None:
        """Refuse values that make no sense.

        Raises
        ------
        OptionInvalid
            At the first such value.
        """
        ahead = self.horizon_days
        if self.currency is not None:
            object.__setattr__(self, "currency", self.currency.upper())
        checks = (
            ("horizon_days", ahead, ahead is None or ahead >= 1, "≥ 1"),
            ("margin", self.margin, 0 < self.margin <= 1, "0 < margin ≤ 1"),
            ("discount_rate", self.discount_rate, 0 <= self.discount_rate <= 10, "0–10"),
            ("value_days", self.value_days, 1 <= self.value_days <= 36_500, "1–36500"),
            ("currency", self.currency, _is_code(self.currency), "CNY, USD, …"),
            ("lang", self.language, self.language in LANGUAGES, "zh, zh-Hant, en"),
            ("engine", self.engine, self.engine in {"duckdb", "spark"}, "duckdb, spark"),
        )
        for option, value, holds, expected in checks:
            if not holds:
                raise OptionInvalid(option=option, value=value, expected=expected)


def _is_code(currency: str | None) -> bool:
    return currency is None or currency in list_currencies()
