"""``huitouke import``: customers, orders and old balances from files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from huitouke.cli.analyze import pairs
from huitouke.cli.reader import language_option, progress_to_stderr, words_of
from huitouke.cli.service import data_dir_option, service, typed_again
from huitouke.language import N_
from huitouke.service.core.actor import Actor

__all__ = ["balances", "customers", "imports", "orders"]

F = TypeVar("F", bound=Callable[..., object])
_ACTOR = Actor("staff", "import")


def _import_options(function: F) -> F:
    """Add the options that the three imports share."""
    options = (
        click.argument("file", type=click.Path(path_type=Path)),
        data_dir_option,
        click.option("--dry-run", is_flag=True, help="Say what would change; write nothing."),
        click.option(
            "--quarantine",
            type=click.Path(path_type=Path, dir_okay=False),
            help="CSV for the rows that are not brought in, with place and reason.",
        ),
        click.option("--map", "mapping", multiple=True, metavar="FIELD=COLUMN"),
        click.option("--date-order", type=click.Choice(["dmy", "mdy", "ymd"])),
        click.option("--quiet", is_flag=True, help="Show no progress."),
        language_option,
    )
    for option in reversed(options):
        function = option(function)
    return function


def _programme_options(function: F) -> F:
    zone = click.option(
        "--timezone",
        metavar="TZ",
        help="Time zone of the file's times (default: the programme's, else Asia/Shanghai).",
    )
    return click.option(
        "--programme", default="main", show_default=True, help="Code of the programme."
    )(zone(function))


def _run(kind: str, *, data_dir: Path | None, **options: Any) -> None:
    """Bring a file in and say what that changed."""
    reader = words_of(options.pop("lang"))
    mapping = pairs(options.pop("mapping"))
    quarantine: Path | None = options.pop("quarantine")
    show = progress_to_stderr(quiet=options.pop("quiet"))
    with service(data_dir=data_dir) as running:
        # Records can be loaded only once Django is ready.
        from huitouke.cli.imports_screen import report  # noqa: PLC0415
        from huitouke.service.loop.imports.opening import Request  # noqa: PLC0415
        from huitouke.service.loop.imports.report import (  # noqa: PLC0415
            quarantine_table,
            write_quarantine,
        )
        from huitouke.service.loop.imports.running import run  # noqa: PLC0415

        def tell(rows: int) -> None:
            reading = reader.say(N_("Reading {path}"), path=options["file"].name)
            show(reader.say(N_("{n:,} rows"), n=rows) if rows else reading)

        request = Request(reader=reader, mapping=mapping, actor=_ACTOR, **options)
        result = run(kind, request=request, tell=tell)
        if quarantine is not None:
            refusals = result.difference.refusals
            table = quarantine_table(result.unread, refusals, reader=reader)
            write_quarantine(table, quarantine, reader=reader)
        again = typed_again("insight run", folder=running.folder)
        analyse = again if kind == "orders" else ""
        click.echo(report(result, reader=reader, quarantine=quarantine, analyse=analyse))


@click.group("import")
def imports() -> None:
    """Bring customers, orders or old balances in from a file, as often as you like."""


@imports.command()
@_import_options
def customers(**options: Any) -> None:
    """Bring in customers from FILE: ids, phones, e-mails, names, birthdays, households."""
    _run("customers", **options)


@imports.command()
@_import_options
@_programme_options
@click.option(
    "--currency",
    metavar="CUR",
    help="ISO code (default: the file's, else the programme's, else CNY).",
)
def orders(**options: Any) -> None:
    """Bring in orders from FILE as history; no points are earned from them."""
    _run("orders", **options)


@imports.command()
@_import_options
@_programme_options
@click.option("--unit", default="points", show_default=True, help="Which points these are.")
def balances(**options: Any) -> None:
    """Bring in old balances from FILE: points with their expiry, tiers with their dates."""
    _run("balances", **options)
