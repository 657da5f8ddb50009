"""The evidence as tables in words: every candidate, every check, every parameter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from huitouke.insight.report.evidence import Candidate, ChurnScore, Estimate, Fitted
from huitouke.insight.report.names import MODELS, SAMPLES, name
from huitouke.insight.report.picture import Churn, Picture, Score
from huitouke.insight.report.reader import DASH, Reader, known
from huitouke.language import N_

__all__ = ["Table", "evidence_tables"]


@dataclass(frozen=True)
class Table:
    """One table of the evidence, written for a reader.

    Parameters
    ----------
    key
        Its id.
    title, note
        Its heading, and how to read it.
    columns, rows
        What stands in it; the first cell names the row.
    chosen
        Places of the rows that are in use.
    """

    key: str
    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    chosen: tuple[int, ...] = ()


def evidence_tables(picture: Picture, *, reader: Reader) -> tuple[Table, ...]:
    """Return the tables of how far to believe the rest, as the report shows them."""
    return tuple(_tables(picture, reader))


def _tables(picture: Picture, reader: Reader) -> Iterator[Table]:
    if picture.candidates:
        yield _candidates(picture.candidates, reader)
    if isinstance(picture.churn, Churn):
        yield _churn(picture.churn, reader)
        if picture.churn.rules:
            yield _rules(picture.churn, reader)
    if isinstance(picture.score, Score) and picture.score.checks:
        yield _checks(picture.score, reader)
    for fitted in picture.fitted:
        yield _fitted(fitted, reader)


def _heads(reader: Reader, *messages: str) -> tuple[str, ...]:
    return tuple(reader.say(each) for each in messages)


def _named(one: Candidate | ChurnScore, reader: Reader) -> str:
    found = name(one.name, among=MODELS, reader=reader)
    remark = reader.say(N_("rival")) if one.kind == "rival" else ""
    return f"{found} · {remark}" if remark else found


def _places(rows: Sequence[Candidate | ChurnScore]) -> tuple[int, ...]:
    return tuple(at for at, each in enumerate(rows) if each.chosen)


def _candidates(found: tuple[Candidate, ...], reader: Reader) -> Table:
    columns = _heads(
        reader,
        N_("Candidate"),
        N_("Mean absolute error"),
        N_("RMSE"),
        N_("Bias of the total"),
        N_("Deviance"),
        N_("Brier score"),
        N_("AUC"),
        N_("Test days"),
    )
    rows = tuple(
        (
            _named(one, reader),
            reader.number(one.mae, digits=3),
            reader.number(one.rmse, digits=3),
            reader.change(one.bias_total),
            reader.number(one.deviance, digits=3),
            reader.number(one.brier, digits=3),
            reader.number(one.auc, digits=3),
            reader.whole(one.origins),
        )
        for one in found
    )
    return Table(
        "candidates",
        reader.say(N_("Every candidate on data it had not seen")),
        reader.say(
            N_("Smaller is better, but for AUC. Bias: predicted total against actual total.")
        ),
        columns,
        rows,
        _places(found),
    )


def _ends(one: Estimate, reader: Reader, *, digits: int) -> str:
    value = reader.number(one.value, digits=digits)
    if not (known(one.lo) and known(one.hi)):
        return value
    lo, hi = reader.number(one.lo, digits=digits), reader.number(one.hi, digits=digits)
    return f"{value} ({lo}–{hi})"


def _churn(churn: Churn, reader: Reader) -> Table:
    columns = _heads(
        reader, N_("Model"), N_("Sample"), N_("AUC"), N_("Brier score"), N_("Lift"), N_("EMPC")
    )
    rows = tuple(
        (
            _named(one, reader),
            reader.say(SAMPLES[one.sample]),
            _ends(one.auc, reader, digits=3),
            _ends(one.brier, reader, digits=3),
            _ends(one.lift, reader, digits=2),
            _ends(one.empc, reader, digits=2),
        )
        for one in churn.scores
    )
    note = reader.say(
        N_(
            "A score on the same data flatters; only “later in time” counts. Of {n} customers,"
            " {events} left ({rate})."
        ),
        n=reader.whole(churn.n),
        events=reader.whole(churn.events),
        rate=reader.percent(churn.base_rate),
    )
    title = reader.say(N_("Churn models on three samples"))
    return Table("churn", title, note, columns, rows, _places(churn.scores))


def _rules(churn: Churn, reader: Reader) -> Table:
    rows = tuple(
        (
            reader.listed([reader.text(each) for each in rule.conditions]),
            reader.whole(rule.customers),
            reader.percent(rule.risk.value),
            reader.interval(rule.risk, how="percent") or DASH,
        )
        for rule in churn.rules
    )
    return Table(
        "rules",
        reader.say(N_("The decision tree in words")),
        reader.say(N_("Each row is a leaf of the tree; a customer is in exactly one.")),
        _heads(reader, N_("If"), N_("Customers"), N_("Risk of leaving"), N_("80% interval")),
        rows,
    )


def _checks(score: Score, reader: Reader) -> Table:
    said = {None: N_("not tested"), True: N_("passed"), False: N_("failed")}
    rows = tuple(
        (
            reader.text(check.name),
            reader.number(check.value, digits=3),
            reader.text(check.limit),
            reader.say(said[check.passed]),
        )
        for check in score.checks
    )
    return Table(
        "checks",
        reader.say(N_("What the loyalty score had to pass")),
        reader.say(N_("On a day later than any it was fitted on.")),
        _heads(reader, N_("Check"), N_("Found"), N_("Limit"), N_("Verdict")),
        rows,
    )


def _fitted(fitted: Fitted, reader: Reader) -> Table:
    says = {
        "purchases": N_("The purchase model: {name}"),
        "spend": N_("The spend model: {name}"),
    }
    model = name(fitted.name, among=MODELS, reader=reader)
    rows = tuple(
        (
            one.name,
            reader.number(one.value, digits=3),
            reader.interval(Estimate(one.value, one.lo, one.hi)) or DASH,
        )
        for one in fitted.parameters
    )
    note = reader.say(
        N_("Log-likelihood {value}; n = {n}"),
        value=reader.number(fitted.log_likelihood, digits=2),
        n=reader.whole(fitted.n),
    )
    return Table(
        f"fitted-{fitted.role}",
        reader.say(says[fitted.role], name=model),
        note,
        _heads(reader, N_("Parameter"), N_("Estimate"), N_("80% interval")),
        rows,
    )
