"""The main path on one screen: facts in, a loyalty picture out.

facts → features → models → validation → profiles → files and report. Each line of ``look``
is a stage's door or a step of ``insight/steps``; only this file puts them in order. Facts
come from files (``analyze``) or from a system that knows its orders (``facts.told``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from threadpoolctl import threadpool_limits

from huitouke.insight.engine import Engine, EngineName
from huitouke.insight.facts.answers import Answers, read_answers
from huitouke.insight.facts.read import Facts, read_orders
from huitouke.insight.facts.reading import DateOrder, Reading
from huitouke.insight.report.render import render
from huitouke.insight.report.story import story_of
from huitouke.insight.report.texts import Text
from huitouke.insight.steps.customers import customer_ids, customer_rows
from huitouke.insight.steps.forecast import choose_purchase_model
from huitouke.insight.steps.leaving import learn_churn, predict_churn
from huitouke.insight.steps.loyal import (
    learn_loyalty,
    place_in_groups,
    promotion_days,
    score_now,
    steadiness,
    tell_types,
)
from huitouke.insight.steps.options import AsOfOutsidePeriod, NothingKept, Options
from huitouke.insight.steps.outcome import Outcome
from huitouke.insight.steps.people import list_people
from huitouke.insight.steps.picture import picture_of
from huitouke.insight.steps.reasons import reason_rows, reason_schema
from huitouke.insight.steps.snapshots import enough_to_judge, open_shop
from huitouke.insight.steps.summary import summary_of, validation_of
from huitouke.insight.steps.voice import listen
from huitouke.insight.steps.worth import now_panel, weigh
from huitouke.insight.steps.write import ParquetOut, delivery, protect, write_csv, write_json
from huitouke.insight.tables import CUSTOMERS, PANEL, POSTINGS
from huitouke.insight.validation.splits import origins
from huitouke.language import N_, Language, words

__all__ = ["Analysis", "Told", "analyze", "look", "reasons_of", "rows_of", "tell_in"]

_ORIGINS = 4
#: DuckDB may hold this much before it spills: models and profiles need the rest.
_ENGINE_MEMORY_GB = 4.0


@dataclass(frozen=True)
class Analysis:
    """What ``analyze`` returns.

    Parameters
    ----------
    summary, validation
        The content of ``summary.json`` and ``validation.json``.
    customers
        ``tables.CUSTOMERS``; None where it was written to a folder.
    quarantine
        ``tables.QUARANTINE``.
    folder
        Where the files are; None if none were asked for.
    """

    summary: dict[str, Any]
    validation: dict[str, Any]
    customers: pa.Table | None
    quarantine: pa.Table
    folder: Path | None


def analyze(  # noqa: PLR0913 - one keyword for each option of the command
    orders: Sequence[Path | str],
    *,
    out: Path | str | None = None,
    answers: Path | str | None = None,
    as_of: date | None = None,
    horizon_days: int | None = None,
    mapping: dict[str, str] | None = None,
    timezone: str | None = None,
    currency: str | None = None,
    date_order: DateOrder | None = None,
    engine: EngineName = "duckdb",
    lang: Language = "en",
    margin: float = 0.3,
    discount_rate: float = 0.15,
    csv: bool = False,
    shop: Text | None = None,
    attribution: Text | None = None,
    progress: Callable[[str], None] | None = None,
) -> Analysis:
    """Read orders and say who is loyal, why, worth what, and how far to believe it.

    Parameters
    ----------
    orders
        CSV, TSV, Excel or Parquet files.
    out
        Folder for the files; None returns the tables only.
    answers
        A survey file: customer, date, kind, score, text.
    as_of
        Last day that is known; None: the day of the last order.
    horizon_days
        How far ahead to look; None: the larger of 91 days and twice the median gap.
    mapping
        Field to column, as ``--map``.
    timezone, currency, date_order
        As the options of the command.
    engine
        ``"duckdb"`` or ``"spark"``.
    lang
        Of report and messages.
    margin, discount_rate
        For values: share of spend, and a year's rate.
    csv
        Also write ``customers.csv``.
    shop, attribution
        Title of the report, and where public data come from.
    progress
        Told in words what is being done.

    Returns
    -------
    Analysis
        The same numbers as in the files.

    Raises
    ------
    HuitoukeError
        If files or options cannot be used; nothing is written then.
    """
    options = Options(
        as_of=as_of, horizon_days=horizon_days, margin=margin, discount_rate=discount_rate,
        currency=currency, language=lang, engine=engine,
    )  # fmt: skip
    reading = Reading(mapping or {}, timezone, date_order, lang, currency)
    tell = progress or (lambda _: None)
    if out is not None:
        given = [*orders, *([] if answers is None else [answers])]
        protect([Path(each) for each in given], folder=Path(out))
    # Threads that spin on small matrices cost more than they save, and change last digits.
    with threadpool_limits(1), Engine(engine, memory_gb=_ENGINE_MEMORY_GB) as running:
        paths = [Path(each) for each in orders]
        facts = read_orders(paths, engine=running, reading=reading, progress=tell)
        voiced = None
        if answers is not None:
            voiced = read_answers(
                [Path(answers)], customers=facts.customers, engine=running, reading=reading
            )
        found = look(facts, engine=running, options=options, answers=voiced, tell=tell)
        tell(words(lang).say(N_("Writing")))
        return _deliver(
            found, out=None if out is None else Path(out), csv=csv, shop=shop,
            attribution=attribution,
        )  # fmt: skip


def look(
    facts: Facts,
    *,
    engine: Engine,
    options: Options,
    answers: Answers | None = None,
    tell: Callable[[str], None],
) -> Outcome:
    """Walk the whole path from facts to what is said of each customer.

    Parameters
    ----------
    facts
        What was bought, on the engine.
    engine
        The running engine.
    options
        The conditions.
    answers
        What customers said, if anything.
    tell
        Told in words what is being done.

    Raises
    ------
    AsOfOutsidePeriod
        If no order was placed by ``as_of``.
    NothingKept
        If everything that was bought by then was returned.
    """
    say = words(options.language).say
    POSTINGS.check(facts.postings.schema())
    day = options.as_of or facts.last_on
    if day < facts.first_on:
        raise AsOfOutsidePeriod(as_of=day, first_on=facts.first_on, last_on=facts.last_on)

    tell(say(N_("Features")))
    shop = open_shop(
        engine, postings=facts.postings, categories=facts.categories, as_of=day,
        first_on=facts.first_on, horizon_days=options.horizon_days,
        promotion_days=promotion_days,
    )  # fmt: skip
    if shop.customers == 0:
        raise NothingKept(as_of=day, quarantined=facts.rows.quarantined)
    ahead = shop.horizon_days
    days = origins(
        day, horizon_days=ahead, first_on=facts.first_on, step_days=ahead,
        history_days=max(1, ahead // 2), at_most=_ORIGINS,
    )  # fmt: skip
    snapshots = enough_to_judge(shop.snapshot(on) for on in days)
    panel = engine.fetch(shop.panel(day), order_by=("customer_no",)).cast(PANEL.arrow_schema())
    voice = None if answers is None else listen(answers.table, panel=panel, as_of=day)
    told = "discount" in facts.provides

    tell(say(N_("Purchase models")))
    bought = choose_purchase_model(snapshots, now=now_panel(panel), horizon_days=ahead)
    worth = weigh(
        panel, purchases=bought, snapshots=snapshots, horizon_days=ahead, options=options
    )
    tell(say(N_("Churn models")))
    leaving = learn_churn(
        snapshots, forecasts=bought.forecasts, horizon_days=ahead, seed=options.seed
    )
    tell(say(N_("Loyalty")))
    placement = place_in_groups(
        panel, worth=worth, last=snapshots[-1] if snapshots else None,
        forecast=bought.forecasts[-1] if bought.forecasts else None,
        own={} if bought.model is None else bought.model.parameters_, margin=options.margin,
        horizon_days=ahead, history_days=(day - facts.first_on).days + 1,
    )  # fmt: skip
    loyalty = learn_loyalty(
        snapshots, forecasts=bought.forecasts, full_price=told, voice=voice, seed=options.seed
    )
    scores, features = score_now(
        loyalty, panel=panel, worth=worth, full_price=told, voice=voice, as_of=day
    )
    steady = steadiness(panel)
    return Outcome(
        options=options, as_of=day, currency=options.currency or facts.currency or "XXX",
        facts=facts, shop=shop, snapshots=snapshots, panel=panel,
        ids=customer_ids(engine, keys=facts.customers, panel=panel),
        purchases=bought, leaving=leaving, loyalty=loyalty, worth=worth,
        churn_risk=predict_churn(leaving, panel=panel, p_buy=worth.p_buy, as_of=day),
        placement=placement,
        types=tell_types(panel, voice=voice), steady=steady, scores=scores, features=features,
        lists=list_people(
            panel, worth=worth, scores=scores, steady=steady, model=bought.model,
            horizon_days=ahead, margin=options.margin, full_price=told,
        ),
        voice=voice, answers=answers,
    )  # fmt: skip


def rows_of(found: Outcome) -> Iterator[pa.Table]:
    """Yield what is said of each customer, ``tables.CUSTOMERS``, in parts.

    Parameters
    ----------
    found
        From :func:`look`.
    """
    return customer_rows(
        found.panel, ids=found.ids, as_of=found.as_of, worth=found.worth,
        churn_risk=found.churn_risk, placement=found.placement, types=found.types,
        steady=found.steady, scores=found.scores, full_price=found.full_price_told,
    )  # fmt: skip


def reasons_of(found: Outcome) -> Iterator[pa.Table]:
    """Yield why each loyalty score is what it is: points that add up to it, in parts.

    Parameters
    ----------
    found
        From :func:`look`.
    """
    return reason_rows(found)


@dataclass(frozen=True)
class Told:
    """What is said of the shop, in one language, as plain values ready for JSON.

    Parameters
    ----------
    summary, validation
        The content of ``summary.json`` and ``validation.json``.
    story
        The findings, charts and words of the report, without any customer.
    """

    summary: dict[str, Any]
    validation: dict[str, Any]
    story: dict[str, Any]


def tell_in(found: Outcome, *, language: Language) -> Told:
    """Return what is said of the shop in a language; the numbers are the same in each.

    Parameters
    ----------
    found
        From :func:`look`.
    language
        The reader's.
    """
    outcome = replace(found, options=replace(found.options, language=language))
    picture = picture_of(outcome, shop=None, attribution=None)
    return Told(
        summary_of(outcome), validation_of(outcome), story_of(picture, language=language)
    )


def _deliver(
    found: Outcome, *, out: Path | None, csv: bool, shop: Text | None, attribution: Text | None
) -> Analysis:
    """Write the files together, or return the customers in memory."""
    rows = rows_of(found)
    summary, validation = summary_of(found), validation_of(found)
    quarantine, language = found.quarantine, found.options.language
    if out is None:
        table = pa.concat_tables([CUSTOMERS.arrow_schema().empty_table(), *rows])
        return Analysis(summary, validation, table, quarantine, None)
    page = render(picture_of(found, shop=shop, attribution=attribution), language=language)
    with delivery(out) as folder:
        _write_rows(folder / "customers.parquet", rows, schema=CUSTOMERS.arrow_schema())
        if csv:
            whole = pq.read_table(folder / "customers.parquet")
            write_csv(whole, folder / "customers.csv", language=language)
        reasons = reasons_of(found)
        _write_rows(folder / "loyalty_reasons.parquet", reasons, schema=reason_schema(found))
        write_csv(quarantine, folder / "quarantine.csv", language=language)
        write_json(summary, folder / "summary.json")
        write_json(validation, folder / "validation.json")
        (folder / "report.html").write_text(page, encoding="utf-8")
    return Analysis(summary, validation, None, quarantine, out)


def _write_rows(path: Path, parts: Iterable[pa.Table], *, schema: pa.Schema) -> None:
    file = ParquetOut(path, schema=schema)
    try:
        for part in parts:
            file.add(part)
    finally:
        file.close()
