"""The ``huitouke`` command: analyse files, run the service, keep its data."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from typing import Any, cast

import click

from huitouke import __version__
from huitouke.cli.analyze import analyze
from huitouke.cli.backup import backup, restore
from huitouke.cli.children import child
from huitouke.cli.demo.command import demo
from huitouke.cli.imports import imports
from huitouke.cli.insight import insight
from huitouke.cli.keys import api_key
from huitouke.cli.ledger import ledger
from huitouke.cli.programme import programme
from huitouke.cli.reader import reader_language
from huitouke.cli.serve import migrate, serve, worker
from huitouke.cli.staff import staff
from huitouke.cli.world import world
from huitouke.errors import HuitoukeError
from huitouke.language import N_, Words, words

__all__ = ["cli", "main"]

_BROKEN = N_(
    "Huitouke itself failed ({kind}). Please report it; set HUITOUKE_DEBUG=1 to see where."
)
_USAGE = {
    click.MissingParameter: N_("{what} is missing."),
    click.NoSuchOption: N_("There is no option {what}."),
    click.BadParameter: N_("The value of {what} cannot be used: {detail}"),
    click.UsageError: N_("The command line cannot be read: {detail}"),
}
_HELP = N_("See huitouke {command} --help.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="huitouke")
def cli() -> None:
    """Huitouke (回头客): who comes back, rain or shine, why, and what it is worth."""


cli.add_command(analyze)
cli.add_command(demo)
cli.add_command(imports)
cli.add_command(insight)
cli.add_command(programme)
cli.add_command(world)
for _command in (serve, worker, migrate, api_key, staff, ledger, backup, restore, child):
    cli.add_command(_command)


def _usage(error: click.UsageError, given: list[str], reader: Words) -> str:
    """Return one sentence on what is wrong with the command line, and where help is."""
    says = next(text for kind, text in _USAGE.items() if isinstance(error, kind))
    what = getattr(error, "option_name", None)
    parameter = getattr(error, "param", None)
    if parameter is not None:
        what = (
            parameter.opts[0]
            if parameter.opts[0].startswith("-")
            else parameter.human_readable_name
        )
    told = reader.say(says, what=what or "", detail=error.message)
    command = given[0] if given and given[0] in cli.commands else ""
    return f"{told} {reader.say(_HELP, command=command).replace('  ', ' ')}"


def main(arguments: list[str] | None = None) -> None:
    """Run the command; an obstacle becomes one clear sentence and exit code 2.

    Parameters
    ----------
    arguments
        The words after ``huitouke``; by default those of the command line.
    """
    # A polite kill leaves the same way as an error: working folders hold personal data.
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    given = sys.argv[1:] if arguments is None else arguments
    language = reader_language(given)
    try:
        code = cast("Any", cli).main(args=given, prog_name="huitouke", standalone_mode=False)
    except HuitoukeError as error:
        click.echo(f"huitouke: {error.text(language)} [{error.code}]", err=True)
        sys.exit(2)
    except click.UsageError as error:
        click.echo(f"huitouke: {_usage(error, given, words(language))}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        # Whoever read our words has read enough; nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - the last door: no traceback reaches a user
        if os.environ.get("HUITOUKE_DEBUG"):
            traceback.print_exc()
        click.echo(words(language).say(_BROKEN, kind=type(error).__name__), err=True)
        sys.exit(1)
    sys.exit(code or 0)
