"""The ``huitouke`` command: analyse files, show the demo, make a simulated shop."""

from __future__ import annotations

import os
import sys
import traceback
from typing import Any, cast

import click

from huitouke import __version__
from huitouke.cli.analyze import analyze
from huitouke.cli.demo import demo
from huitouke.cli.reader import reader_language
from huitouke.cli.world import world
from huitouke.insight.errors import HuitoukeError
from huitouke.insight.language import N_, words

__all__ = ["cli", "main"]

_BROKEN = N_(
    "Huitouke itself failed ({kind}). Nothing was written. Please report it; "
    "set HUITOUKE_DEBUG=1 to see where."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="huitouke")
def cli() -> None:
    """Huitouke (回头客): who comes back, rain or shine, why, and what it is worth."""


cli.add_command(analyze)
cli.add_command(demo)
cli.add_command(world)


def main(arguments: list[str] | None = None) -> None:
    """Run the command; an obstacle becomes one clear sentence and exit code 2.

    Parameters
    ----------
    arguments
        The words after ``huitouke``; by default those of the command line.
    """
    given = sys.argv[1:] if arguments is None else arguments
    language = reader_language(given)
    try:
        code = cast("Any", cli).main(args=given, prog_name="huitouke", standalone_mode=False)
    except HuitoukeError as error:
        click.echo(f"huitouke: {error.text(language)} [{error.code}]", err=True)
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - the last door: no traceback reaches a user
        if os.environ.get("HUITOUKE_DEBUG"):
            traceback.print_exc()
        click.echo(words(language).say(_BROKEN, kind=type(error).__name__), err=True)
        sys.exit(1)
    sys.exit(code or 0)
