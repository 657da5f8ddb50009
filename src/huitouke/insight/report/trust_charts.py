"""Charts of the models' evidence: what was expected, what happened, and the cheap rivals."""

from __future__ import annotations

from collections.abc import Sequence

from huitouke.insight.report.evidence import CalibrationBin, Candidate, Churn, Tracking
from huitouke.insight.report.names import MODELS, SAMPLES, name
from huitouke.insight.report.options import (
    ACCENT,
    QUIET,
    STRONG,
    Chart,
    Option,
    band,
    base,
    category,
    columns_with_intervals,
    interval_series,
    label,
    mark_line,
    value_axis,
)
from huitouke.insight.report.reader import Reader, known
from huitouke.language import N_

__all__ = ["calibration", "candidate_errors", "churn_models", "purchase_tracking"]


def purchase_tracking(tracking: Tracking, *, reader: Reader) -> Chart:
    """Return purchases a week beside what the model expected before they happened."""
    told = [
        (actual, expected)
        for actual, expected in zip(tracking.actual, tracking.expected, strict=True)
        if known(actual) and known(expected)
    ]
    actual, expected = sum(pair[0] for pair in told), sum(pair[1] for pair in told)
    title = reader.say(
        N_("{expected} purchases were expected, {actual} happened ({change})."),
        expected=reader.whole(expected),
        actual=reader.whole(actual),
        change=reader.change(expected / actual - 1 if actual else None),
    )
    note = reader.say(
        N_(
            "Purchases a week by customers known on {day}; the model saw nothing after that"
            " day. Band: 80% interval. n = {n} customers."
        ),
        day=reader.day(tracking.origin),
        n=reader.whole(tracking.n),
    )
    words = [reader.say(text) for text in (N_("Expected"), N_("Happened"), N_("80% interval"))]
    option = base(
        title=title,
        note=note,
        legend={
            "top": 0,
            "left": 0,
            "itemWidth": 18,
            "itemHeight": 8,
            "data": words[:2],
            "textStyle": {"color": STRONG},
        },
        xAxis=category(
            [reader.axis_day(day) for day in tracking.weeks],
            boundaryGap=False,
            axisLabel={"hideOverlap": True},
        ),
        yAxis=value_axis(),
        series=_tracking_series(tracking, words=words, reader=reader),
    )
    option["grid"]["top"] = 40
    option["tooltip"]["trigger"] = "axis"
    columns = (reader.say(N_("Week from")), words[1], words[0], words[2])
    rows = tuple(
        (
            reader.short_day(day),
            reader.whole(tracking.actual[i]),
            reader.number(tracking.expected[i]),
            reader.between(reader.number(tracking.lo[i]), reader.number(tracking.hi[i]))
            if known(tracking.lo[i]) and known(tracking.hi[i])
            else "",
        )
        for i, day in enumerate(tracking.weeks)
    )
    return Chart("tracking", title, note, option, columns, rows, height=300, wide=True)


def _tracking_series(tracking: Tracking, *, words: list[str], reader: Reader) -> list[Option]:
    blank = [None if not known(v) else v for v in tracking.expected]
    expected: Option = {
        "type": "line",
        "name": words[0],
        "symbol": "none",
        "lineStyle": {"color": ACCENT, "width": 2.5},
        "itemStyle": {"color": ACCENT},
        "emphasis": {"disabled": True},
        "data": blank,
    }
    happened: Option = {
        "type": "line",
        "name": words[1],
        "symbol": "circle",
        "symbolSize": 4,
        "showAllSymbol": True,
        "lineStyle": {"color": STRONG, "width": 1.5},
        "itemStyle": {"color": STRONG},
        "emphasis": {"disabled": True},
        "data": [
            {
                "value": value if known(value) else None,
                "tip": _tracking_tip(tracking, i, words=words, reader=reader),
            }
            for i, value in enumerate(tracking.actual)
        ],
    }
    lo = [None if not known(v) else v for v in tracking.lo]
    hi = [None if not known(v) else v for v in tracking.hi]
    return [*band(lo, hi, name=words[2]), expected, happened]


def _tracking_tip(tracking: Tracking, i: int, *, words: list[str], reader: Reader) -> str:
    parts = [
        f"{reader.short_day(tracking.weeks[i])}: {words[1]} {reader.whole(tracking.actual[i])}"
    ]
    if known(tracking.expected[i]):
        ends = reader.between(reader.whole(tracking.lo[i]), reader.whole(tracking.hi[i]))
        parts.append(f"{words[0]} {reader.whole(tracking.expected[i])}, {ends}")
    return "; ".join(parts)


def calibration(
    bins: Sequence[CalibrationBin], *, key: str, title: str, note: str, reader: Reader
) -> Chart:
    """Return observed rates against predictions, with intervals and the line of truth.

    Parameters
    ----------
    bins
        In order of prediction.
    key
        The chart's id.
    title
        A sentence with ``{points}``, the mean distance in percentage points; translated.
    note
        A sentence with ``{n}``; translated.
    reader
        The reader.
    """
    n = sum(one.n for one in bins)
    off = sum(one.n * abs(one.predicted - one.observed) for one in bins) / max(n, 1)
    title = reader.say(title, points=reader.number(100 * off, digits=1))
    note = reader.say(note, n=reader.whole(n))
    top = min(1.0, max(max(one.hi, one.predicted) for one in bins) * 1.08)
    end = 100 * (1.0 if top > 0.6 else round(top + 0.05, 1))
    truth: Option = {
        "type": "line",
        "symbol": "none",
        "silent": True,
        "lineStyle": {"color": "var(--chart-mark)", "width": 1, "type": "dashed"},
        "data": [[0, 0], [end, end]],
    }
    dots: Option = {
        "type": "scatter",
        "symbolSize": 8,
        "z": 4,
        "itemStyle": {"color": ACCENT, "opacity": 1},
        "emphasis": {"disabled": True},
        "data": [
            {
                "value": [100 * one.predicted, 100 * one.observed],
                "tip": reader.say(
                    N_("Predicted {predicted}, happened {observed}, {ends}; n = {n}."),
                    predicted=reader.percent(one.predicted),
                    observed=reader.percent(one.observed),
                    ends=reader.between(reader.percent(one.lo), reader.percent(one.hi)),
                    n=reader.whole(one.n),
                ),
            }
            for one in bins
        ],
    }
    bars = interval_series(
        [(100 * one.predicted, 100 * one.lo, 100 * one.hi) for one in bins], color=ACCENT
    )
    option = base(
        title=title,
        note=note,
        xAxis=value_axis(
            reader.say(N_("Predicted")),
            suffix="%",
            max=end,
            nameLocation="middle",
            nameGap=28,
            splitLine={"show": False},
        ),
        yAxis=value_axis(
            reader.say(N_("Happened")), suffix="%", max=end, nameTextStyle={"align": "left"}
        ),
        series=[truth, bars, dots],
    )
    option["grid"]["top"] = 32
    columns = tuple(
        reader.say(text)
        for text in (N_("Predicted"), N_("Happened"), N_("80% interval"), N_("Customers"))
    )
    rows = tuple(
        (
            reader.percent(one.predicted),
            reader.percent(one.observed),
            reader.between(reader.percent(one.lo), reader.percent(one.hi)),
            reader.whole(one.n),
        )
        for one in bins
    )
    return Chart(key, title, note, option, columns, rows, height=320)


def candidate_errors(candidates: Sequence[Candidate], *, reader: Reader) -> Chart:
    """Return each candidate's mean error on the holdout, the rivals in grey."""
    shown = sorted((c for c in candidates if known(c.mae)), key=lambda c: c.mae or 0.0)
    best = shown[0]
    chosen = next((c for c in shown if c.chosen), best)
    rivals = [c for c in shown if c.kind == "rival"]
    rival = rivals[0] if rivals else None
    values = {
        "model": name(chosen.name, among=MODELS, reader=reader),
        "error": reader.number(chosen.mae, digits=3),
        "rival": name(rival.name, among=MODELS, reader=reader) if rival else "",
        "rival_error": reader.number(rival.mae, digits=3) if rival else "",
    }
    if rival is None:
        title = reader.say(N_("{model} misses by {error} purchases a customer."), **values)
    elif (chosen.mae or 0.0) < (rival.mae or 0.0):
        title = reader.say(
            N_(
                "{model} misses by {error} purchases a customer; its best cheap rival,"
                " {rival}, by {rival_error}."
            ),
            **values,
        )
    else:
        title = reader.say(
            N_(
                "The cheap rival {rival} misses by {rival_error} purchases a customer, no more"
                " than {model} with {error}."
            ),
            **values,
        )
    note = reader.say(
        N_("Mean absolute error of predicted purchases, later in time. Grey: rivals. n = {n}."),
        n=reader.whole(max(c.n for c in shown)),
    )
    names = [name(c.name, among=MODELS, reader=reader) for c in shown]
    texts = [reader.number(c.mae, digits=3) for c in shown]
    option = columns_with_intervals(
        names=names,
        values=[c.mae or 0.0 for c in shown],
        labels=texts,
        tips=[f"{text}: {error}" for text, error in zip(names, texts, strict=True)],
        ends=[
            (i, c.mae_lo, c.mae_hi)
            for i, c in enumerate(shown)
            if c.mae_lo is not None and c.mae_hi is not None
        ],
        colors=[_candidate_color(c) for c in shown],
        title=title,
        note=note,
    )
    columns = tuple(
        reader.say(text)
        for text in (N_("Candidate"), N_("Mean absolute error"), N_("80% interval"))
    )
    rows = tuple(
        (
            text,
            error,
            reader.between(reader.number(c.mae_lo, digits=3), reader.number(c.mae_hi, digits=3))
            if known(c.mae_lo)
            else "",
        )
        for text, error, c in zip(names, texts, shown, strict=True)
    )
    return Chart("candidates", title, note, option, columns, rows, height=24 + 40 * len(shown))


def _candidate_color(candidate: Candidate) -> str:
    if candidate.chosen:
        return ACCENT
    return QUIET if candidate.kind == "rival" else "var(--chart-other)"


def churn_models(churn: Churn, *, reader: Reader) -> Chart:
    """Return how well each churn model told leavers from stayers later in time."""
    shown = [s for s in churn.scores if s.sample == "out_of_time" and known(s.auc.value)]
    shown = shown or [s for s in churn.scores if known(s.auc.value)]
    shown.sort(key=lambda s: -(s.auc.value or 0.0))
    best = shown[0]
    title = reader.say(
        N_("{model} tells leavers from stayers best: in {share} of pairs."),
        model=name(best.name, among=MODELS, reader=reader),
        share=reader.percent(best.auc.value),
    )
    note = reader.say(
        N_(
            "AUC ({sample}): how often a leaver is ranked above a stayer; 50% is chance."
            " 80% intervals; grey: rivals. n = {n}, of whom {events} left."
        ),
        sample=reader.lower(name(best.sample, among=SAMPLES, reader=reader)),
        n=reader.whole(churn.n),
        events=reader.whole(churn.events),
    )
    names = [name(s.name, among=MODELS, reader=reader) for s in shown]
    dots: Option = {
        "type": "scatter",
        "symbolSize": 10,
        "z": 4,
        "emphasis": {"disabled": True},
        "data": [
            {
                "value": [100 * (s.auc.value or 0.0), i],
                "tip": f"{names[i]}: {reader.percent(s.auc.value, digits=1)} "
                + reader.interval(s.auc, how="percent"),
                "itemStyle": {"color": QUIET if s.kind == "rival" else ACCENT, "opacity": 1},
                "label": label(
                    formatter=reader.percent(s.auc.value, digits=1), position="top", distance=6
                ),
            }
            for i, s in enumerate(shown)
        ],
        "markLine": mark_line(text="", at={"xAxis": 50}),
    }
    ends = [
        (i, 100 * s.auc.lo, 100 * s.auc.hi)
        for i, s in enumerate(shown)
        if s.auc.lo is not None and s.auc.hi is not None
    ]
    option = base(
        title=title,
        note=note,
        xAxis=value_axis(suffix="%", min=50, max=100),
        yAxis=category(
            names,
            inverse=True,
            axisLine={"show": False},
            axisLabel={"color": STRONG, "fontSize": 13},
        ),
        series=[interval_series(ends, across=True), dots],
    )
    columns = tuple(reader.say(text) for text in (N_("Model"), N_("AUC"), N_("80% interval")))
    rows = tuple(
        (
            names[i],
            reader.percent(s.auc.value, digits=1),
            reader.interval(s.auc, how="percent"),
        )
        for i, s in enumerate(shown)
    )
    return Chart("churn", title, note, option, columns, rows, height=48 + 42 * len(shown))
