"""``huitouke insight``: analyse the service's own customers, and see what was found."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from huitouke.cli.reader import language_option, progress_to_stderr, words_of
from huitouke.cli.service import data_dir_option, service
from huitouke.errors import HuitoukeError
from huitouke.language import N_, Words, one_of

if TYPE_CHECKING:  # these need Django's settings, which --help need not wait for
    from huitouke.service.loop.models import Analysis

__all__ = ["AnalysisFailed", "insight", "run", "show"]

_LOOK_SECONDS = 1.0
_AS_OF = N_("As of {as_of}: {customers:,} customers, {orders:,} orders.")
_EQUITY = N_("Worth from now on: {value:,.0f} {currency} ({lo:,.0f} to {hi:,.0f}).")
_NO_EQUITY = N_("What they are worth from now on cannot be told: {reason}")
_LISTS = N_("Slipping away: {slipping:,}. Surely loyal: {loyal:,}. Hardly back: {unlikely:,}.")
_SINCE = N_("Since {as_of}: {new:,} more are slipping away, {gone:,} no longer.")
_CANCELLED = N_("The analysis was cancelled.")


class AnalysisFailed(HuitoukeError):
    """The analysis ended without a result."""

    code = "cli.analysis_failed"
    says = N_("Nothing was analysed. {reason}")
    remedy = N_("What was found before is still shown.")


@click.group()
def insight() -> None:
    """Analyse the customers of the service: who comes back, and what they are worth."""


@insight.command()
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Last day that is known (default: the last order's day, at latest yesterday).",
)
@click.option(
    "--margin",
    type=click.FloatRange(0.0, 1.0, min_open=True),
    help="Margin on spend, 0 to 1 (default: the shop's own, of Settings > Shop).",
)
@click.option(
    "--discount-rate",
    type=click.FloatRange(0.0, 10.0),
    help="Yearly discount rate, e.g. 0.15 (default: the shop's own).",
)
@click.option("--quiet", is_flag=True, help="Show no progress.")
@data_dir_option
@language_option
def run(
    *,
    as_of: datetime | None,
    margin: float | None,
    discount_rate: float | None,
    quiet: bool,
    data_dir: Path | None,
    lang: str | None,
) -> None:
    """Analyse all customers now, and show what was found."""
    reader = words_of(lang)
    tell = progress_to_stderr(quiet=quiet)
    with service(data_dir=data_dir):
        from huitouke.service.core import clock  # noqa: PLC0415 - needs Django
        from huitouke.service.core.actor import Actor  # noqa: PLC0415
        from huitouke.service.loop import commands, running, steps  # noqa: PLC0415

        actor = Actor("staff", "command-line")
        running.rescue(at=clock.now())
        asked = commands.ask(
            at=clock.now(),
            actor=actor,
            as_of=as_of.date() if as_of else None,
            margin=margin,
            discount_rate=discount_rate,
            ring=False,
        )

        def told(now: Analysis) -> None:
            step = steps.said(now.step, language=reader.language)
            tell(f"{now.share:.0%} {step}")

        try:
            done = _ended(asked, tell=told)
        except KeyboardInterrupt:
            commands.cancel(asked.id, at=clock.now(), actor=actor)
            running.rescue(at=clock.now())
            raise
        if done.state == "cancelled":
            click.echo(reader.say(_CANCELLED))
        elif done.state == "failed":
            raise AnalysisFailed(reason=one_of(done.error_says, language=reader.language))
        else:
            click.echo("\n".join(_told(reader)))


def _ended(asked: Analysis, *, tell: Any) -> Analysis:
    """Work on an analysis, or wait for whoever does, until it has ended."""
    from huitouke.service.core import clock  # noqa: PLC0415 - needs Django
    from huitouke.service.loop import queries, running  # noqa: PLC0415

    now = running.run_here(asked, tell=tell)
    while now.state in {"queued", "running"}:
        time.sleep(_LOOK_SECONDS)
        running.rescue(at=clock.now())
        now = queries.analysis(asked.id)
        if now.state == "queued":
            now = running.run_here(now, tell=tell)
    return now


@insight.command()
@data_dir_option
@language_option
def show(*, data_dir: Path | None, lang: str | None) -> None:
    """Show what the latest analysis found."""
    with service(data_dir=data_dir):
        click.echo("\n".join(_told(words_of(lang))))


def _told(reader: Words) -> Iterator[str]:
    from huitouke.service.loop import queries  # noqa: PLC0415 - needs Django

    found = queries.summary(language=reader.language)
    counts, equity = found.analysis.counts, found.content["customer_equity"]
    yield reader.say(_AS_OF, as_of=found.analysis.as_of, **_some(counts, "customers", "orders"))
    if equity["value"] is None:
        yield reader.say(_NO_EQUITY, reason=equity["reason"])
    else:
        ends = _some(equity, "value", "lo", "hi")
        yield reader.say(_EQUITY, currency=found.content["currency"], **ends)
    yield reader.say(
        _LISTS,
        slipping=counts["slipping"],
        loyal=counts["likely_loyal"],
        unlikely=counts["unlikely"],
    )
    changes = found.analysis.changes
    # Lists are not compared with those of another time ahead.
    if changes and changes["lists"]:
        moved = _some(changes["lists"]["slipping"], "new", "gone")
        yield reader.say(_SINCE, as_of=changes["as_of"], **moved)
    for warning in found.content["warnings"]:
        yield warning["text"]


def _some(content: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: content[name] for name in names}
