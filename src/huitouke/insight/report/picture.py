"""Everything the report shows, as plain frozen values; the main path fills it.

A part is either its dataclass or an ``Absent`` that says why there is nothing to show. Shares,
chances and rates run from 0 to 1; money is in currency units as ``float``; days are calendar
days in the shop's time zone. Tuples are ordered as they should be read, most important first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from huitouke.insight.report.evidence import (
    CalibrationBin,
    Candidate,
    Check,
    Churn,
    ChurnScore,
    Estimate,
    Fitted,
    Parameter,
    Tracking,
    TreeRule,
)
from huitouke.insight.report.texts import Text
from huitouke.insight.tables import Status

__all__ = [
    "Absent",
    "CalibrationBin",
    "Candidate",
    "Check",
    "Churn",
    "ChurnScore",
    "Cohort",
    "Cohorts",
    "Concentration",
    "Equity",
    "Estimate",
    "Fitted",
    "Group",
    "GroupPoint",
    "Groups",
    "Histogram",
    "Holder",
    "ListRow",
    "Missing",
    "Parameter",
    "People",
    "Picture",
    "Rain",
    "Rows",
    "Score",
    "Tracking",
    "TreeRule",
    "TypeShare",
    "Types",
]


@dataclass(frozen=True)
class Absent:
    """A part that cannot be shown.

    Parameters
    ----------
    status
        ``INSUFFICIENT`` (too few to tell) or ``NOT_IDENTIFIED`` (these data cannot tell).
    why, needed
        What is in the way and what would be needed. Without them the report says what each
        part needs in general.
    """

    status: Status = Status.INSUFFICIENT
    why: Text | None = None
    needed: Text | None = None


@dataclass(frozen=True)
class Histogram:
    """Counts of customers between edges: ``len(edges) == len(counts) + 1``."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Rows:
    """Where every row read went: ``read == used + merged + quarantined``."""

    read: int
    used: int
    merged: int
    quarantined: int
    without_customer: int = 0  # part of ``used``: counted in revenue, kept out of the models


@dataclass(frozen=True)
class Concentration:
    """Share of value held by the best share of customers; both start at 0 and end at 1."""

    customer_share: tuple[float, ...]
    value_share: tuple[float, ...]


@dataclass(frozen=True)
class Holder:
    """Customers with so many purchases (``most`` None: or more), and what they are worth."""

    least: int
    most: int | None
    customers: int
    value: Estimate
    share: float  # of the value of all


@dataclass(frozen=True)
class Equity:
    """What the customers of today are worth from now on.

    The three spreads are standard deviations in currency: of the fitted parameters, of what
    individual customers will happen to do, and of how far past forecasts missed. The total is
    discounted orders times spend per order times margin.
    """

    total: Estimate
    spread_parameters: float | None = None
    spread_customers: float | None = None
    spread_past_misses: float | None = None
    concentration: Concentration | None = None
    by_customer: Histogram | None = None  # edges in currency; the last bin may be open (inf)
    orders: Estimate = field(default_factory=Estimate)
    spend_per_order: Estimate = field(default_factory=Estimate)
    holders: tuple[Holder, ...] = ()


@dataclass(frozen=True)
class Group:
    """One of the four groups, or ``borderline``: how many customers and their value."""

    name: Literal["true_friend", "butterfly", "barnacle", "stranger", "borderline"]
    customers: int
    share: Estimate  # of all customers; the interval from the class probabilities
    value: float | None = None


@dataclass(frozen=True)
class GroupPoint:
    """One customer of the map's sample: chance to buy (0 to 1), yearly profit in currency."""

    loyalty: float
    profit: float
    group: str


@dataclass(frozen=True)
class Groups:
    """The four groups.

    ``rule`` says where the thresholds come from: ``decision`` (costs), ``youden`` (best split
    out of time) or ``descriptive`` (median; for display only). ``moves`` is the 4 x 4 matrix
    of shares from group (row) to group (column) between two days, ordered as ``move_names``.
    """

    groups: tuple[Group, ...]
    n: int
    profit_threshold: float
    loyalty_threshold: float
    rule: Literal["decision", "youden", "descriptive"]
    points: tuple[GroupPoint, ...] = ()  # at most about 1,500
    move_names: tuple[str, ...] = ()
    moves: tuple[tuple[float, ...], ...] = ()
    kappa: float | None = None
    cost_to_serve_known: bool = False


@dataclass(frozen=True)
class TypeShare:
    """One loyalty type: customers labelled with it, and its expected share of all judged."""

    name: str  # forced, nostalgic, inertia, benefit, experience, identity, none, mixed
    customers: int
    share: Estimate


@dataclass(frozen=True)
class Types:
    """The six loyalty types: of ``n`` customers, ``judged`` could be given one."""

    shares: tuple[TypeShare, ...]
    judged: int
    n: int
    capped: tuple[str, ...] = ()  # types held at their prior because a gate is unmet


@dataclass(frozen=True)
class Rain:
    """Rain or shine: the share of purchases that would remain without promotions."""

    shop: Estimate
    opportunity: float | None = None  # share of days with a promotion on
    by_customer: Histogram | Absent = field(default_factory=Absent)  # edges 0 to 1
    overdispersion_p: float | None = None


@dataclass(frozen=True)
class Score:
    """The loyalty score 0 to 100 and how well it kept its word out of time."""

    by_customer: Histogram  # edges 0 to 100
    n: int
    mean: Estimate = field(default_factory=Estimate)
    calibration: tuple[CalibrationBin, ...] = ()
    checks: tuple[Check, ...] = ()
    accepted: bool = True


@dataclass(frozen=True)
class Cohort:
    """Customers who began in one period: ``returned[k]`` bought in the k-th period after."""

    first_on: date
    customers: int
    returned: tuple[float, ...]  # k = 1, 2, …: shares of the cohort; stops where as_of stops
    ends: tuple[tuple[float, float], ...] = ()  # of each share, 80 %; none were computed


@dataclass(frozen=True)
class Cohorts:
    """Who came back, by when they began."""

    unit: Literal["week", "month", "quarter", "year"]
    cohorts: tuple[Cohort, ...]
    again: Estimate = field(
        default_factory=Estimate
    )  # of all: bought in the first period after


@dataclass(frozen=True)
class ListRow:
    """One customer of a list, with the sentences that say why they are in it."""

    customer_id: str
    last_order_on: date
    orders: int
    spend: float
    p_buy: Estimate
    value: Estimate = field(default_factory=Estimate)
    orders_expected: Estimate = field(default_factory=Estimate)
    score: Estimate = field(default_factory=Estimate)
    reasons: tuple[Text, ...] = ()


@dataclass(frozen=True)
class People:
    """One list: the rows shown (some 25), how many there are, what they are worth."""

    rows: tuple[ListRow, ...]
    total: int
    value: Estimate = field(default_factory=Estimate)
    rule: Text | None = None  # who is in it, in a sentence


@dataclass(frozen=True)
class Missing:
    """One thing the data could not tell, why, and what would be needed."""

    what: Text
    status: Status
    why: Text
    needed: Text


@dataclass(frozen=True)
class Picture:
    """The loyalty picture of one shop as of one day."""

    as_of: date
    horizon_days: int
    currency: str  # ISO 4217
    margin: float
    discount_rate: float  # a year
    rows: Rows
    period_first: date
    period_last: date
    customers: int
    orders: int
    revenue: float
    shop: Text | None = None
    attribution: Text | None = None  # where public data come from
    value_days: int | None = None  # length of the value calendar; None: without end
    repeaters: int | None = None  # customers with a second occasion
    median_gap_days: float | None = None
    notes: tuple[Text, ...] = ()
    warnings: tuple[Text, ...] = ()
    fitted: tuple[Fitted, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    equity: Equity | Absent = field(default_factory=Absent)
    tracking: Tracking | Absent = field(default_factory=Absent)
    cohorts: Cohorts | Absent = field(default_factory=Absent)
    groups: Groups | Absent = field(default_factory=Absent)
    types: Types | Absent = field(default_factory=Absent)
    rain: Rain | Absent = field(default_factory=Absent)
    score: Score | Absent = field(default_factory=Absent)
    churn: Churn | Absent = field(default_factory=Absent)
    at_risk: People | Absent = field(default_factory=Absent)
    likely_loyal: People | Absent = field(default_factory=Absent)
    unlikely: People | Absent = field(default_factory=Absent)
    perceived: Absent = field(default_factory=lambda: Absent(Status.NOT_IDENTIFIED))
    missing: tuple[Missing, ...] = ()
    version: str = ""
