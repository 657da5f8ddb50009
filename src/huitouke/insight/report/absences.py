"""Why a part of the picture is absent, and what it would take to show it."""

from __future__ import annotations

from dataclasses import dataclass

from huitouke.insight.report.picture import Absent, Missing, Picture, Rain
from huitouke.insight.report.reader import Reader
from huitouke.insight.tables import Status
from huitouke.language import N_

__all__ = ["Gap", "absence", "gap", "gaps"]


@dataclass(frozen=True)
class Gap:
    """One thing that could not be told, in the reader's words; ``part`` of the picture."""

    part: str
    what: str
    status: Status
    verdict: str
    why: str
    needed: str


#: What each part is called, and what it needs in general.
_PARTS: dict[str, tuple[str, str]] = {
    "equity": (
        N_("What today's customers are worth"),
        N_(
            "At least 500 customers and a history of at least twice the usual gap between"
            " purchases; at least 30 customers who came back, to learn how much they spend."
        ),
    ),
    "perceived": (
        N_("Value, brand and relationship equity as drivers"),
        N_(
            "A survey: what customers think of price, quality and convenience, of the brand,"
            " and of the programme, each beside the shops they also buy from; where they bought"
            " last, and where they will next."
        ),
    ),
    "tracking": (
        N_("Forecasts held against what happened"),
        N_("A history long enough to hide its last part from the model."),
    ),
    "cohorts": (
        N_("Who came back, by when they began"),
        N_("A history of at least two periods."),
    ),
    "groups": (
        N_("The four groups"),
        N_(
            "At least a year of orders and 2,000 customers; for barnacles, what each customer"
            " costs to serve."
        ),
    ),
    "types": (
        N_("The six loyalty types"),
        N_(
            "At least three purchases a customer and signals beside orders: survey answers,"
            " contracts, referrals, promotions shown to each customer."
        ),
    ),
    "rain": (
        N_("Loyalty rain or shine"),
        N_(
            "Discounts on each order, days with and days without promotions, and customers with"
            " at least three purchases."
        ),
    ),
    "rain_by_customer": (
        N_("Loyalty rain or shine, customer by customer"),
        N_(
            "Customers with six purchases or more whose use of promotions differs more than"
            " chance explains."
        ),
    ),
    "score": (
        N_("The loyalty score"),
        N_("At least three past days from which a prediction can be held against the outcome."),
    ),
    "churn": (
        N_("Who is likely to leave"),
        N_("At least 300 customers who left within the horizon, and as many who stayed."),
    ),
    "at_risk": (
        N_("Customers slipping away"),
        N_("A purchase model that passed its check on later data."),
    ),
    "likely_loyal": (
        N_("Customers who are surely loyal"),
        N_("A purchase model that passed its check on later data."),
    ),
    "unlikely": (
        N_("Customers unlikely to return"),
        N_("A purchase model that passed its check on later data."),
    ),
}

_WHY: dict[Status, str] = {
    Status.INSUFFICIENT: N_("There are too few customers or too little history to tell."),
    Status.NOT_IDENTIFIED: N_("Nothing in these data can tell it, however many there are."),
    Status.OK: N_("It was not part of this analysis."),
}


def gap(part: str, *, absent: Absent, reader: Reader) -> Gap:
    """Return the words for one absent part.

    Examples
    --------
    >>> gap("score", absent=Absent(), reader=Reader("en")).verdict
    'too few to tell'
    """
    what, needed = _PARTS[part]
    return Gap(
        part=part,
        what=reader.say(what),
        status=absent.status,
        verdict=reader.status(absent.status),
        why=reader.text(absent.why) or reader.say(_WHY[absent.status]),
        needed=reader.text(absent.needed) or reader.say(needed),
    )


def absence(picture: Picture, part: str) -> Absent | None:
    """Return why a part is absent, or None where it is there."""
    if part == "rain_by_customer":
        found = picture.rain.by_customer if isinstance(picture.rain, Rain) else None
    else:
        found = getattr(picture, part)
    return found if isinstance(found, Absent) else None


def gaps(picture: Picture, *, reader: Reader) -> tuple[Gap, ...]:
    """Return everything the data could not tell: absent parts first, then the rest."""
    found = ((part, absence(picture, part)) for part in _PARTS)
    parts = (
        gap(part, absent=absent, reader=reader) for part, absent in found if absent is not None
    )
    return (*parts, *(_said(missing, reader=reader) for missing in picture.missing))


def _said(missing: Missing, *, reader: Reader) -> Gap:
    return Gap(
        part="",
        what=reader.text(missing.what),
        status=missing.status,
        verdict=reader.status(missing.status),
        why=reader.text(missing.why),
        needed=reader.text(missing.needed),
    )
