"""``huitouke demo``: everything started with one command, on a shop to look at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import platformdirs

from huitouke.cli.demo.opening import Opened, opened
from huitouke.cli.demo.report import data_folder, write_report
from huitouke.cli.demo.shops import SHOPS
from huitouke.cli.reader import language_option, words_of
from huitouke.cli.serve import Listening, address_of, free_port, keep_serving
from huitouke.language import N_, Words, one_of

__all__ = ["demo"]

_HOST = "127.0.0.1"
_ANSWERS = N_("{shop} answers at {address} (stop with Ctrl-C).")
_STAFF = N_("Sign in as one of the staff, all with the password {password}:")
_MEMBER = N_("As a member at {address}/my/: {member}, with the code that is shown here then")
_PAGES = N_("Pages of the staff: {address}/staff/")
_KEY = N_("As a machine, with the API key: {key}")
_FOLDER = N_("The data are in {folder}; delete it to have the shop loaded anew.")
_AGAIN = N_("The shop was loaded before; nothing is loaded.")
_MINUTES = N_("Loading the shop takes a few minutes, this once.")
#: Settings by which messages would reach somebody, and what a demo is allowed on this machine.
_REACHING = ("HUITOUKE_SMS", "HUITOUKE_MAIL", "HUITOUKE_EMAIL")
_ALLOWED = {"HUITOUKE_DEMO": "1", "HUITOUKE_WEBHOOK_PRIVATE": "1"}


@click.command()
@click.option(
    "--shop",
    "code",
    type=click.Choice(list(SHOPS)),
    default="simulated",
    show_default=True,
    help="A simulated tea shop, or the Complete Journey (public educational data).",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Port to listen on (default: a free one).",
)
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the demo's data (default: one per shop in the user's data folder).",
)
@click.option(
    "--report", is_flag=True, help="Only analyse the Complete Journey and write its report."
)
@click.option(
    "--out",
    default=Path("huitouke-demo"),
    type=click.Path(path_type=Path),
    help="Folder for the results of --report.",
    show_default=True,
)
@click.option("--open", "show", is_flag=True, help="Open the report in the browser.")
@click.option("--customers", type=click.IntRange(50), hidden=True)
@click.option("--quiet", is_flag=True, help="Show no progress.")
@language_option
def demo(*, report: bool, out: Path, show: bool, **options: Any) -> None:
    """Start everything on a demo shop: PostgreSQL, pages, API, worker; print the sign-ins."""
    if report:
        write_report(out=out, show=show, quiet=options["quiet"], lang=options["lang"])
    else:
        _start(**options)


def _start(
    *,
    code: str,
    port: int,
    data_dir: Path | None,
    customers: int | None,
    quiet: bool,
    lang: str | None,
) -> None:
    reader = words_of(lang)
    # What would stop us is told before anything is loaded, not minutes later.
    free_port(_HOST, port=port)
    if code == "journey":
        data_folder()
    folder = data_dir or _usual_folder(code)
    if not quiet and not folder.exists():
        click.echo(reader.say(_MINUTES), err=True)
    with (
        _allowed(),
        opened(code, folder=folder, customers=customers, tell=_teller(reader, quiet)) as shop,
    ):
        os.environ.pop("HUITOUKE_WEBHOOK_PRIVATE", None)
        free = free_port(_HOST, port=port)
        at = Listening(_HOST, free)
        address = address_of(_HOST, port=free)
        say = _welcome(code, shop=shop, address=address, folder=folder, reader=reader)
        keep_serving(shop.running, at=at, reader=reader, say=say)


def _usual_folder(code: str) -> Path:
    base = Path(platformdirs.user_data_dir("huitouke", appauthor=False))
    return base / f"demo-{code}"


@contextmanager
def _allowed() -> Iterator[None]:
    """Allow what a demo may, and let nothing out, for us and our children in the block."""
    before = dict(os.environ)
    for name in [each for each in before if each.startswith(_REACHING)]:
        del os.environ[name]
    os.environ.update(_ALLOWED)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _teller(reader: Words, quiet: bool) -> Callable[..., None]:
    def tell(sentence: str, **values: object) -> None:
        if not quiet:
            click.echo(f"· {reader.say(sentence, **values)}", err=True)

    return tell


def _welcome(
    code: str, *, shop: Opened, address: str, folder: Path, reader: Words
) -> Callable[[], None]:
    its, given = SHOPS[code], shop.sign_ins
    lines = [
        reader.say(_ANSWERS, shop=one_of(its.names, language=reader.language), address=address),
        one_of(its.attribution, language=reader.language),
        "",
        reader.say(_PAGES, address=address),
        reader.say(_STAFF, password=given.password),
        *(f"  {role:<10}  {email}" for role, email in given.emails.items()),
        reader.say(_MEMBER, address=address, member=given.member),
        reader.say(_KEY, key=given.api_key),
        reader.say(_FOLDER, folder=folder),
    ]
    if not shop.new:
        lines.insert(2, reader.say(_AGAIN))

    def say() -> None:
        click.echo("\n".join(lines))

    return say
