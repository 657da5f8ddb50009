"""What segments ask of profiles: what the latest analysis says of a customer.

Whoever was never analysed, or of whom it could not tell, is an unknown: neither in a segment
nor outside it. Who does not want to be profiled is unknown, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from babel.numbers import get_currency_precision

from huitouke.language import N_
from huitouke.service.customers.consenting import refusers
from huitouke.service.loop import names
from huitouke.service.loop.changes import LISTS
from huitouke.service.loop.models import Analysis
from huitouke.service.loop.queries import NoAnalysis, latest
from huitouke.service.segments.fields import Condition, Field, Ground, Option, Source, Sql
from huitouke.service.segments.making import number

__all__ = ["FIELDS"]

_PROFILE = """LEFT JOIN (SELECT p.* FROM loop_profile p
  WHERE p.analysis_id = %s AND p.customer_id NOT IN ({refusers})
  ) AS profile ON profile.customer_id = c.id"""


def _latest(ground: Ground) -> Analysis | None:
    def look() -> Analysis | None:
        try:
            return latest()
        except NoAnalysis:
            return None

    return ground.once("loop.latest", look)


def _profile(_: Condition, ground: Ground) -> Source:
    shown = _latest(ground)
    who, purpose = refusers("profiling")
    params = (None if shown is None else shown.id, *purpose)
    return Source("profile", _PROFILE.format(refusers=who), params)


def _as_of(ground: Ground) -> date | None:
    shown = _latest(ground)
    return None if shown is None else shown.as_of


def _minor(ground: Ground) -> float:
    return float(10 ** get_currency_precision(ground.currency))


def _hundred(_: Ground) -> float:
    return 100.0


def _listed(condition: Condition, ground: Ground) -> Sql:
    """Return who is on one of these lists; the words of the conditions are our own."""
    source = _profile(condition, ground)
    on = " OR ".join(f"({LISTS[str(each)]})" for each in condition.values)
    return Sql(f"CASE WHEN profile.customer_id IS NOT NULL THEN {on} END", (), (source,))


def _word(column: str) -> Callable[[Condition, Ground], Sql]:
    def make(condition: Condition, ground: Ground) -> Sql:
        source = _profile(condition, ground)
        return Sql(f"profile.{column} = ANY(%s)", (list(condition.values),), (source,))

    return make


def _named(labels: Mapping[str, str]) -> Callable[[Ground], tuple[Option, ...]]:
    made = tuple(Option(value, label) for value, label in labels.items())
    return lambda _: made


FIELDS: tuple[Field, ...] = (
    Field(
        "list",
        "profile",
        N_("On the list"),
        N_("Slipping: silent for longer than the own rhythm explains. As on the lists."),
        "choice",
        _listed,
        partial=True,
        options=_named(names.LISTS),
        as_of=_as_of,
    ),
    Field(
        "group",
        "profile",
        N_("Group"),
        N_("By profitability and projected loyalty."),
        "choice",
        _word("customer_group"),
        partial=True,
        options=_named(names.GROUPS),
        as_of=_as_of,
    ),
    Field(
        "loyalty_type",
        "profile",
        N_("Loyalty type"),
        N_("Why the customer comes back, by expert defaults until labels are given."),
        "choice",
        _word("loyalty_type"),
        partial=True,
        options=_named(names.TYPES),
        as_of=_as_of,
    ),
    Field(
        "value",
        "profile",
        N_("Worth from now on"),
        N_("Margin that is expected within the horizon of the analysis."),
        "number",
        number("profile.clv", source=_profile, scale=_minor),
        unit="money",
        partial=True,
        as_of=_as_of,
    ),
    Field(
        "loyalty_score",
        "profile",
        N_("Loyalty score"),
        N_("0 to 100: the chance of a purchase at full price within the horizon."),
        "number",
        number("profile.loyalty_score", source=_profile),
        most=100,
        partial=True,
        as_of=_as_of,
    ),
    Field(
        "rain_or_shine",
        "profile",
        N_("Rain or shine"),
        N_("Share of purchases that would remain without promotions."),
        "number",
        number("profile.rain_or_shine", source=_profile, scale=_hundred),
        unit="percent",
        most=100,
        partial=True,
        as_of=_as_of,
    ),
    Field(
        "churn_risk",
        "profile",
        N_("Risk of leaving"),
        N_("Chance not to buy within the horizon, where a model was good enough to tell."),
        "number",
        number("profile.churn_risk", source=_profile, scale=_hundred),
        unit="percent",
        most=100,
        partial=True,
        as_of=_as_of,
    ),
    Field(
        "chance_to_buy",
        "profile",
        N_("Chance to buy"),
        N_("Chance of at least one purchase within the horizon."),
        "number",
        number("profile.p_buy", source=_profile, scale=_hundred),
        unit="percent",
        most=100,
        partial=True,
        as_of=_as_of,
    ),
)
