"""``huitouke analyze``: an orders file in, a loyalty picture out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from huitouke.cli.reader import language_option, progress_to_stderr, reader_language
from huitouke.cli.screen import screen
from huitouke.errors import HuitoukeError
from huitouke.language import N_, words

__all__ = ["MapNotAPair", "analysis_options", "analyze", "pairs", "run"]

F = TypeVar("F", bound=Callable[..., object])


class MapNotAPair(HuitoukeError):
    """A --map option is not of the form field=column."""

    code = "cli.map_not_a_pair"
    says = N_("--map {given} is not of the form field=column.")
    remedy = N_("Write for example: --map customer_id=会员号")


def pairs(given: tuple[str, ...]) -> dict[str, str]:
    """Return what ``--map`` says, field to column.

    Parameters
    ----------
    given
        Each as ``field=column``.

    Raises
    ------
    MapNotAPair
        If one is not of that form.
    """
    mapping = {}
    for each in given:
        field, equals, column = each.partition("=")
        if not (field and equals and column):
            raise MapNotAPair(given=each)
        mapping[field.strip()] = column.strip()
    return mapping


def _day(context: click.Context, _: click.Parameter, value: datetime | None) -> date | None:
    del context
    return value.date() if value else None


def analysis_options(function: F) -> F:
    """Add the options that ``analyze`` and ``demo`` share.

    Parameters
    ----------
    function
        The click command function.
    """
    share = click.FloatRange(0.0, 1.0, min_open=True)
    options = (
        click.option(
            "--as-of",
            type=click.DateTime(["%Y-%m-%d"]),
            callback=_day,
            help="Last day that is known (default: the last order's day).",
        ),
        click.option(
            "--horizon-days",
            type=click.IntRange(1, 3650),
            help="How far ahead to look (default: 91 days or twice the median gap).",
        ),
        click.option("--engine", type=click.Choice(["duckdb", "spark"]), default="duckdb"),
        click.option("--margin", type=share, default=0.3, help="Margin on spend, 0 to 1."),
        click.option(
            "--discount-rate",
            type=click.FloatRange(0.0, 10.0),
            default=0.15,
            help="Yearly discount rate, e.g. 0.15.",
        ),
        click.option("--csv", is_flag=True, help="Also write customers.csv."),
        click.option("--quiet", is_flag=True, help="Show no progress and no summary."),
        language_option,
    )
    for option in reversed(options):
        function = option(function)
    return function


@click.command()
@click.argument("orders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(), help="Folder for the results.")
@click.option("--answers", type=click.Path(path_type=Path), help="Survey answers, if any.")
@click.option("--map", "mapping", multiple=True, metavar="FIELD=COLUMN", help="Name a column.")
@click.option("--timezone", metavar="TZ", help="The shop's time zone, e.g. Asia/Shanghai.")
@click.option("--currency", metavar="CUR", help="ISO code, e.g. CNY.")
@click.option("--date-order", type=click.Choice(["dmy", "mdy", "ymd"]))
@analysis_options
def analyze(orders: tuple[Path, ...], mapping: tuple[str, ...], **options: Any) -> None:
    """Read ORDERS (CSV, TSV, Excel or Parquet files) and write the loyalty picture."""
    run(orders, mapping=pairs(mapping), **options)


def run(orders: tuple[Path, ...], **options: Any) -> None:
    """Run the analysis and show the one-screen summary.

    Parameters
    ----------
    orders
        The files.
    **options
        As the command line gives them.
    """
    # Imported here: the stages bring SciPy and scikit-learn, which --help need not wait for.
    from huitouke.insight.flow import analyze as run_analysis  # noqa: PLC0415
    from huitouke.insight.steps.write import OutputUnwritable  # noqa: PLC0415

    if not str(options["out"]).strip():
        raise OutputUnwritable(folder='""', reason="--out")
    options["out"] = Path(options["out"])
    language = options.pop("lang") or reader_language(())
    quiet = options.pop("quiet")
    reader = words(language)
    done = run_analysis(
        list(orders),
        lang=language,
        progress=progress_to_stderr(quiet=quiet),
        **options,
    )
    if not quiet:
        click.echo(screen(done, reader=reader))
