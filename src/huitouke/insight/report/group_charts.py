"""Charts of the four groups and the six loyalty types."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from huitouke.insight.report.evidence import Estimate
from huitouke.insight.report.medians import median_of
from huitouke.insight.report.names import GROUPS, TYPES, name
from huitouke.insight.report.options import (
    ACCENT,
    QUIET,
    Chart,
    Option,
    base,
    category,
    columns_with_intervals,
    heat,
    heatmap,
    mark_line,
    on_heat,
    value_axis,
)
from huitouke.insight.report.picture import Groups, Types
from huitouke.insight.report.reader import Reader, known
from huitouke.insight.tables import Status
from huitouke.language import N_

__all__ = ["group_map", "group_moves", "group_shares", "type_shares"]

_COLORS: dict[str, str] = {
    "true_friend": "var(--series-2)",
    "butterfly": "var(--series-1)",
    "barnacle": "var(--series-3)",
    "stranger": QUIET,
    "borderline": "var(--chart-faint)",
}
#: Shape beside colour, so that colour never speaks alone.
_SHAPES = {
    "true_friend": "circle",
    "butterfly": "triangle",
    "barnacle": "rect",
    "stranger": "diamond",
    "borderline": "circle",
}


_RULES = {
    "decision": N_("The limits follow from costs."),
    "youden": N_("The limits are those that best told returners apart, later in time."),
    "descriptive": N_("The limits are medians: they describe and decide nothing."),
}
_NO_COST = N_(
    "Profit is margin only: what a customer costs to serve is not known, so barnacles can"
    " hardly be told."
)


def group_shares(groups: Groups, *, reader: Reader) -> Chart:
    """Return the share of each of the four groups, with intervals."""
    shown = [group for group in groups.groups if known(group.share.value)]
    largest = max(shown, key=lambda group: group.customers)
    title = reader.say(
        N_("The largest group: {group}, {share} of customers."),
        group=reader.lower(name(largest.name, among=GROUPS, reader=reader)),
        share=reader.percent(largest.share.value),
    )
    note = reader.join(
        (
            reader.say(
                N_("Share of customers in each group with its 80% interval. n = {n}."),
                n=reader.whole(groups.n),
            ),
            reader.say(_RULES[groups.rule]),
            "" if groups.cost_to_serve_known else reader.say(_NO_COST),
        )
    )
    names = [name(group.name, among=GROUPS, reader=reader) for group in shown]
    shares = [group.share for group in shown]
    option = _share_bars(
        names=names,
        shares=shares,
        colors=[_COLORS.get(group.name, QUIET) for group in shown],
        title=title,
        note=note,
        reader=reader,
    )
    columns = tuple(
        reader.say(text)
        for text in (N_("Group"), N_("Customers"), N_("Share"), N_("80% interval"), N_("Value"))
    )
    rows = tuple(
        (
            name(group.name, among=GROUPS, reader=reader),
            reader.whole(group.customers),
            reader.percent(group.share.value)
            if group.share.status == Status.OK
            else reader.status(group.share.status),
            reader.interval(group.share, how="percent"),
            reader.money(group.value),
        )
        for group in groups.groups
    )
    return Chart("groups", title, note, option, columns, rows, height=24 + 40 * len(shown))


def group_map(groups: Groups, *, horizon_days: int, reader: Reader) -> Chart:
    """Return a sample of customers by chance to buy and profit, with the two thresholds."""
    told = tuple(p for p in groups.points if known(p.profit) and known(p.loyalty))
    groups = replace(groups, points=told)
    friends = next((g for g in groups.groups if g.name == "true_friend"), None)
    share = friends.share.value if friends is not None else None
    if known(share):
        title = reader.say(
            N_("{share} of customers are both profitable and likely to return."),
            share=reader.percent(share),
        )
    else:
        title = reader.say(N_("Profit and chance to return, customer by customer."))
    note = reader.say(
        N_(
            "Each mark is one customer: chance to buy within {days} days, and profit a year."
            " Lines: the thresholds. A sample of {n} customers. In the table, medians with the"
            " 80% interval that their ranks give."
        ),
        days=reader.whole(horizon_days),
        n=reader.whole(len(groups.points)),
    )
    cap = _profit_cap(groups)
    if any(p.profit > cap for p in groups.points):
        above = N_("Profits above {value} are drawn at the top edge.")
        note = reader.join((note, reader.say(above, value=reader.prose(cap))))
    order = [key for key in _COLORS if any(p.group == key for p in groups.points)]
    series: list[Option] = []
    for key in order:
        text = name(key, among=GROUPS, reader=reader)
        series.append(
            {
                "type": "scatter",
                "name": text,
                "symbol": _SHAPES[key],
                "symbolSize": 6,
                "itemStyle": _mark(key),
                "emphasis": {"disabled": True},
                "data": [
                    {
                        "value": [100 * p.loyalty, min(p.profit, cap)],
                        "tip": f"{text}: {reader.percent(p.loyalty)}, {reader.prose(p.profit)}",
                    }
                    for p in groups.points
                    if p.group == key
                ],
            }
        )
    if series:
        series[0]["markLine"] = {
            **mark_line(text="", at={"xAxis": 100 * groups.loyalty_threshold}),
            "data": [
                {"xAxis": 100 * groups.loyalty_threshold},
                {"yAxis": groups.profit_threshold},
            ],
        }
    option = base(
        title=title,
        note=note,
        legend={
            "top": 0,
            "left": 0,
            "itemWidth": 10,
            "itemHeight": 10,
            "textStyle": {"color": "var(--text-strong)"},
        },
        xAxis=value_axis(suffix="%", max=100, splitLine={"show": False}),
        yAxis=value_axis(
            prefix=reader.symbol, max=cap, min=min(0.0, *(p.profit for p in groups.points))
        ),
        series=series,
    )
    option["grid"]["top"] = 48
    return Chart(
        "map",
        title,
        note,
        option,
        *_map_table(groups, order, reader=reader),
        height=360,
        wide=True,
    )


def _mark(key: str) -> Option:
    """Return how a group's marks are painted; those on the border are rings."""
    if key == "borderline":
        return {"color": "transparent", "borderColor": _COLORS[key], "borderWidth": 1.2}
    return {"color": _COLORS[key], "opacity": 0.8}


def _profit_cap(groups: Groups) -> float:
    """Return a round profit under which all but about a hundredth of the sample lie."""
    profits = sorted(p.profit for p in groups.points)
    high = max(profits[int(0.99 * (len(profits) - 1))], 1.5 * groups.profit_threshold, 1.0)
    unit = 10.0 ** math.floor(math.log10(high)) / 2
    return unit * math.ceil(high / unit)


def _map_table(
    groups: Groups, order: Sequence[str], *, reader: Reader
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    columns = tuple(
        reader.say(text)
        for text in (
            N_("Group"),
            N_("Customers in the sample"),
            N_("Median chance to buy"),
            N_("80% interval"),
            N_("Median profit a year"),
            N_("80% interval"),
        )
    )
    rows = []
    for key in order:
        mine = [p for p in groups.points if p.group == key]
        chance, profit = (
            median_of([p.loyalty for p in mine]),
            median_of([p.profit for p in mine]),
        )
        rows.append(
            (
                name(key, among=GROUPS, reader=reader),
                reader.whole(len(mine)),
                *_told(chance, how="percent", reader=reader),
                *_told(profit, how="money", reader=reader),
            )
        )
    return columns, tuple(rows)


def _told(found: Estimate, *, how: str, reader: Reader) -> tuple[str, str]:
    """Return a number and its interval, or that there are too few to tell."""
    if found.status != Status.OK:
        return reader.status(found.status), ""
    return getattr(reader, how)(found.value), reader.interval(found, how=how)


def group_moves(groups: Groups, *, reader: Reader) -> Chart:
    """Return where customers of each group were found at the next look."""
    names = [name(key, among=GROUPS, reader=reader) for key in groups.move_names]
    steady = max(range(len(names)), key=lambda i: groups.moves[i][i])
    title = reader.say(
        N_("The steadiest group: {group}; {share} stayed from one look to the next."),
        group=reader.lower(names[steady]),
        share=reader.percent(groups.moves[steady][steady]),
    )
    note = reader.say(
        N_(
            "Rows: the group before; columns: the group after. Agreement beyond chance"
            " κ = {kappa}. n = {n}."
        ),
        kappa=reader.number(groups.kappa, digits=2),
        n=reader.whole(groups.n),
    )
    cells = [
        {
            "value": [j, i, round(share, 4)],
            "tip": f"{names[i]} → {names[j]}: {reader.percent(share)}",
            "itemStyle": {"color": heat(share, top=1.0)},
            "label": {
                "color": on_heat(share, top=1.0),
                "formatter": reader.percent(share, digits=0),
            },
        }
        for i, row in enumerate(groups.moves)
        for j, share in enumerate(row)
    ]
    option = base(
        title=title,
        note=note,
        xAxis=category(
            names, position="top", axisLine={"show": False}, axisLabel={"interval": 0}
        ),
        yAxis=category(names, inverse=True, axisLine={"show": False}),
        series=[heatmap(cells)],
    )
    columns = (reader.say(N_("Before, after")), *names)
    rows = tuple(
        (names[i], *(reader.percent(share) for share in row))
        for i, row in enumerate(groups.moves)
    )
    return Chart("moves", title, note, option, columns, rows, height=28 + 40 * len(names))


def type_shares(types: Types, *, reader: Reader) -> Chart:
    """Return the expected share of each loyalty type, with intervals."""
    shown = [share for share in types.shares if known(share.share.value)]
    title = reader.say(
        N_("A loyalty type could be told for {judged} of {n} customers."),
        judged=reader.whole(types.judged),
        n=reader.whole(types.n),
    )
    capped = [reader.lower(_type_name(key, reader=reader)) for key in types.capped]
    note = reader.join(
        (
            reader.say(
                N_(
                    "Expected share of each type among those told, with its 80% interval."
                    " n = {n}."
                ),
                n=reader.whole(types.judged),
            ),
            reader.say(
                N_("These data hold no sign that could tell: {types}."),
                types=reader.listed(capped),
            )
            if capped
            else "",
        )
    )
    names = [_type_name(share.name, reader=reader) for share in shown]
    option = _share_bars(
        names=names,
        shares=[share.share for share in shown],
        colors=[ACCENT if share.name != "none" else QUIET for share in shown],
        title=title,
        note=note,
        reader=reader,
    )
    columns = tuple(
        reader.say(text)
        for text in (N_("Type"), N_("Customers"), N_("Share"), N_("80% interval"))
    )
    rows = tuple(
        (
            _type_name(share.name, reader=reader),
            reader.whole(share.customers),
            reader.percent(share.share.value)
            if share.share.status == Status.OK
            else reader.status(share.share.status),
            reader.interval(share.share, how="percent"),
        )
        for share in types.shares
    )
    return Chart(
        "types", title, note, option, columns, rows, height=24 + 36 * len(shown), wide=True
    )


def _type_name(key: str, *, reader: Reader) -> str:
    if key.startswith("mixed"):
        return name("mixed", among=TYPES, reader=reader)
    return name(key, among=TYPES, reader=reader)


def _share_bars(
    *,
    names: Sequence[str],
    shares: Sequence[Estimate],
    colors: Sequence[str],
    title: str,
    note: str,
    reader: Reader,
) -> Option:
    texts = [reader.percent(share.value) for share in shares]
    return columns_with_intervals(
        names=names,
        values=[100 * (share.value or 0.0) for share in shares],
        labels=texts,
        tips=[
            reader.join((f"{text}: {written}", reader.interval(share, how="percent")))
            for text, written, share in zip(names, texts, shares, strict=True)
        ],
        ends=[
            (at, 100 * share.lo, 100 * share.hi)
            for at, share in enumerate(shares)
            if share.lo is not None and share.hi is not None
        ],
        colors=colors,
        title=title,
        note=note,
    )
