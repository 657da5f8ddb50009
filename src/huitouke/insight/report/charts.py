"""Charts of the customers: small table in, plain ECharts option out, with its finding.

Each function is pure. Its title says the finding, its note what is shown and the n, its rows
the same numbers for a table. The groups and types stand in ``group_charts``, the models'
evidence in ``trust_charts``.
"""

from __future__ import annotations

from datetime import date
from itertools import accumulate, pairwise

from huitouke.insight.report.names import UNITS, name
from huitouke.insight.report.options import (
    ACCENT,
    QUIET,
    Chart,
    base,
    category,
    columns_with_intervals,
    heat,
    heatmap,
    histogram_bars,
    label,
    mark_line,
    narrow_without_numbers,
    on_heat,
    value_axis,
)
from huitouke.insight.report.picture import (
    Cohort,
    Cohorts,
    Concentration,
    Equity,
    Histogram,
    Rain,
    Score,
)
from huitouke.insight.report.reader import Reader, known
from huitouke.language import N_

__all__ = [
    "cohort_retention",
    "rain_or_shine",
    "score_distribution",
    "value_concentration",
    "value_distribution",
    "value_uncertainty",
]


def value_concentration(curve: Concentration, *, n: int, reader: Reader) -> Chart:
    """Return the curve of value held by the best share of customers."""
    points = list(zip(curve.customer_share, curve.value_share, strict=True))
    at, held = min(points, key=lambda point: abs(point[0] - 0.2))
    title = reader.say(
        N_("The best {share} of customers hold {value} of the value."),
        share=reader.percent(at),
        value=reader.percent(held),
    )
    note = reader.say(
        N_(
            "Expected value, customers ordered from best to least. The straight line: all"
            " equal. n = {n}."
        ),
        n=reader.whole(n),
    )
    best, value = reader.say(N_("Best customers")), reader.say(N_("Share of value"))
    line = {
        "type": "line",
        "symbol": "none",
        "lineStyle": {"width": 2.5, "color": ACCENT},
        "areaStyle": {"color": "var(--chart-band)", "opacity": 1},
        "emphasis": {"disabled": True},
        "data": [
            {
                "value": [100 * x, 100 * y],
                "tip": f"{best}: {reader.percent(x)}; {value}: {reader.percent(y)}",
            }
            for x, y in points
        ],
    }
    equal = {
        "type": "line",
        "symbol": "none",
        "silent": True,
        "lineStyle": {"width": 1, "color": "var(--chart-mark)", "type": "dashed"},
        "data": [[0, 0], [100, 100]],
    }
    dot = {
        "type": "scatter",
        "symbolSize": 9,
        "silent": True,
        "z": 4,
        "itemStyle": {"color": ACCENT, "opacity": 1},
        "data": [[100 * at, 100 * held]],
        "label": label(
            formatter=f"{reader.percent(at)} → {reader.percent(held)}",
            position="right",
            distance=8,
            fontWeight=600,
        ),
    }
    option = base(
        title=title,
        note=note,
        xAxis=value_axis(suffix="%", max=100, splitLine={"show": False}),
        yAxis=value_axis(suffix="%", max=100),
        series=[equal, line, dot],
    )
    option["tooltip"]["trigger"] = "axis"
    rows = tuple((reader.percent(x), reader.percent(y)) for x, y in points)
    return Chart("concentration", title, note, option, (best, value), rows)


def value_distribution(histogram: Histogram, *, n: int, reader: Reader) -> Chart:
    """Return how many customers are worth how much."""
    total = max(sum(histogram.counts), 1)
    below = [count / total for count in accumulate(histogram.counts)]
    ends = [i for i in range(len(below)) if known(histogram.edges[i + 1])]
    at = min(ends, key=lambda i: abs(below[i] - 0.5))
    title = reader.say(
        N_("{share} of customers are worth less than {value} each."),
        share=reader.percent(below[at]),
        value=reader.prose(histogram.edges[at + 1]),
    )
    note = reader.say(
        N_("Customers by expected value from today on. n = {n}."), n=reader.whole(n)
    )
    names = _money_bins(histogram, reader=reader)
    option = histogram_bars(
        edges=(*histogram.edges[:-1], float("inf")),
        counts=histogram.counts,
        tips=_bin_tips(names, histogram.counts, reader=reader),
        edge_labels=[reader.prose(edge) for edge in histogram.edges[:-1]],
        title=title,
        note=note,
    )
    return Chart(
        "value",
        title,
        note,
        option,
        _bin_heads(N_("Value"), reader),
        _bins(names, histogram, reader),
    )


def value_uncertainty(equity: Equity, *, reader: Reader) -> Chart:
    """Return how much each source adds to the uncertainty of the total."""
    parts = [
        (reader.say(text), spread)
        for text, spread in (
            (N_("How far past forecasts missed"), equity.spread_past_misses),
            (N_("What each customer happens to do"), equity.spread_customers),
            (N_("How well the model is known"), equity.spread_parameters),
        )
        if spread is not None and known(spread)
    ]
    parts.sort(key=lambda part: -part[1])
    title = reader.say(
        N_("The largest source of doubt: {what}."), what=reader.lower(parts[0][0])
    )
    note = reader.say(
        N_(
            "Standard deviation of the total from each source alone; the interval joins them."
            " n = {n}."
        ),
        n=reader.whole(equity.total.n),
    )
    texts = [reader.prose(spread) for _, spread in parts]
    option = columns_with_intervals(
        names=[what for what, _ in parts],
        values=[spread for _, spread in parts],
        labels=[f"± {text}" for text in texts],
        tips=[f"{what}: ± {text}" for (what, _), text in zip(parts, texts, strict=True)],
        colors=[ACCENT, *([QUIET] * (len(parts) - 1))],
        title=title,
        note=note,
    )
    rows = tuple((what, reader.money(spread)) for what, spread in parts)
    columns = (reader.say(N_("Source of doubt")), reader.say(N_("Standard deviation")))
    return Chart("uncertainty", title, note, option, columns, rows, height=128, wide=True)


def cohort_retention(cohorts: Cohorts, *, reader: Reader) -> Chart:
    """Return who came back, by when they began and how long after."""
    unit = name(cohorts.unit, among=UNITS, reader=reader)
    first = [(c.customers, c.returned[0]) for c in cohorts.cohorts if c.returned]
    people = sum(customers for customers, _ in first)
    again = sum(customers * share for customers, share in first) / max(people, 1)
    title = reader.say(
        N_("{share} of new customers bought again in the {unit} after their first."),
        share=reader.percent(again),
        unit=unit,
    )
    note = reader.join(
        (
            reader.say(
                N_("Share of each starting {unit} that bought in each {unit} after. n = {n}."),
                unit=unit,
                n=reader.whole(people),
            ),
            _again(cohorts, reader),
        )
    )
    drawn = [cohort for cohort in cohorts.cohorts if cohort.returned]
    names = [_period(cohorts.unit, c.first_on, reader=reader) for c in drawn]
    longest = max((len(c.returned) for c in drawn), default=0)
    top = max((share for c in drawn for share in c.returned), default=0.0)
    cells = [
        {
            "value": [k, i, round(share, 4)],
            "tip": f"{names[i]}, +{k + 1}: {_returned(c, k, reader)}, n = {c.customers:,}",
            "itemStyle": {"color": heat(share, top=top)},
            "label": {
                "color": on_heat(share, top=top),
                "formatter": reader.percent(share, digits=0),
            },
        }
        for i, c in enumerate(drawn)
        for k, share in enumerate(c.returned)
    ]
    option = base(
        title=title,
        note=note,
        xAxis=category(
            [f"+{k + 1}" for k in range(longest)], position="top", axisLine={"show": False}
        ),
        yAxis=category(names, inverse=True, axisLine={"show": False}),
        series=[heatmap(cells)],
        media=narrow_without_numbers(columns=longest),
    )
    columns = (
        reader.say(N_("Began in")),
        reader.say(N_("Customers")),
        *(f"+{k + 1}" for k in range(longest)),
    )
    rows = tuple(
        (
            names[i],
            reader.whole(c.customers),
            *(_returned(c, k, reader) for k in range(len(c.returned))),
            *("" for _ in range(longest - len(c.returned))),
        )
        for i, c in enumerate(drawn)
    )
    height = 36 + 28 * len(names)
    return Chart("cohorts", title, note, option, columns, rows, height=height, wide=True)


def _again(cohorts: Cohorts, reader: Reader) -> str:
    ends = reader.interval(cohorts.again, how="percent")
    if not ends:
        return ""
    return reader.say(
        N_(
            "80% interval of the share of all: {interval}; each share has its own in brackets"
            " (Wilson)."
        ),
        interval=ends,
    )


def _returned(cohort: Cohort, at: int, reader: Reader) -> str:
    """Return a share of a cohort with its interval in brackets."""
    share = reader.percent(cohort.returned[at])
    if not cohort.ends:
        return share
    lo, hi = (reader.percent(end, digits=0) for end in cohort.ends[at])
    return f"{share} ({lo}–{hi})"


def rain_or_shine(rain: Rain, *, reader: Reader) -> Chart:
    """Return customers by the share of purchases that would remain without promotions."""
    histogram = rain.by_customer
    if not isinstance(histogram, Histogram):
        message = "there is no share by customer"
        raise TypeError(message)
    n = sum(histogram.counts)
    title = reader.say(
        N_("Of 100 purchases today, about {n} would remain without promotions."),
        n=reader.whole(100 * (rain.shop.value or 0.0)),
    )
    note = reader.join(
        (
            reader.say(
                N_("Customers by the share of their purchases that would remain. n = {n}."),
                n=reader.whole(n),
            ),
            reader.say(
                N_("A promotion was on during {share} of days."),
                share=reader.percent(rain.opportunity),
            )
            if known(rain.opportunity)
            else "",
            reader.say(N_("Customers differ more than chance explains (p < 0.01)."))
            if known(rain.overdispersion_p) and rain.overdispersion_p < 0.01
            else "",
        )
    )
    scaled = tuple(100 * edge for edge in histogram.edges)
    names = _percent_bins(histogram, reader=reader)
    option = histogram_bars(
        edges=scaled,
        counts=histogram.counts,
        tips=_bin_tips(names, histogram.counts, reader=reader),
        edge_labels=names,
        title=title,
        note=note,
        mark=mark_line(
            text=reader.say(N_("Shop: {share}"), share=reader.percent(rain.shop.value)),
            at={"xAxis": 100 * (rain.shop.value or 0.0)},
        ),
        suffix="%",
    )
    columns = _bin_heads(N_("Share that would remain"), reader)
    return Chart("rain", title, note, option, columns, _bins(names, histogram, reader))


def score_distribution(score: Score, *, horizon_days: int, reader: Reader) -> Chart:
    """Return how many customers have which loyalty score."""
    edges, counts = score.by_customer.edges, score.by_customer.counts
    high = sum(count for low, count in zip(edges, counts, strict=False) if low >= 70)
    title = reader.count(
        N_("1 customer scores 70 or more."), N_("{n} customers score 70 or more."), n=high
    )
    note = reader.say(
        N_(
            "Customers by loyalty score; a score of 70 means that about 70 of 100 such"
            " customers buy at full price within {days} days. n = {n}."
        ),
        days=reader.whole(horizon_days),
        n=reader.whole(score.n),
    )
    names = [f"{reader.whole(low)}–{reader.whole(top)}" for low, top in pairwise(edges)]
    option = histogram_bars(
        edges=edges,
        counts=counts,
        tips=_bin_tips(names, counts, reader=reader),
        edge_labels=names,
        title=title,
        note=note,
        colors=[ACCENT if low >= 70 else QUIET for low in edges[:-1]],
    )
    columns = _bin_heads(N_("Loyalty score"), reader)
    return Chart("score", title, note, option, columns, _bins(names, score.by_customer, reader))


def _bin_heads(what: str, reader: Reader) -> tuple[str, ...]:
    return (reader.say(what), reader.say(N_("Customers")), reader.say(N_("Share")))


def _bins(
    names: list[str], histogram: Histogram, reader: Reader
) -> tuple[tuple[str, ...], ...]:
    total = max(sum(histogram.counts), 1)
    return tuple(
        (text, reader.whole(count), reader.percent(count / total))
        for text, count in zip(names, histogram.counts, strict=True)
    )


def _bin_tips(names: list[str], counts: tuple[int, ...], *, reader: Reader) -> list[str]:
    return [
        f"{text}: " + reader.count(N_("1 customer"), N_("{n} customers"), n=count)
        for text, count in zip(names, counts, strict=True)
    ]


def _money_bins(histogram: Histogram, *, reader: Reader) -> list[str]:
    return [
        f"{reader.prose(low)}–{reader.prose(top)}"
        if known(top)
        else reader.say(N_("{value} and more"), value=reader.prose(low))
        for low, top in pairwise(histogram.edges)
    ]


def _percent_bins(histogram: Histogram, *, reader: Reader) -> list[str]:
    return [
        f"{reader.percent(low, digits=0)}–{reader.percent(top, digits=0)}"
        for low, top in pairwise(histogram.edges)
    ]


def _period(unit: str, day: date, *, reader: Reader) -> str:
    # Weeks and quarters are counted back from as_of: their first day names them.
    if unit in {"week", "quarter"}:
        return reader.short_day(day)
    if unit == "year":
        return str(day.year)
    return reader.month(day)
