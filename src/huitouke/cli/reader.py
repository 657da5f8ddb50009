"""Who reads: the language of the command, its progress lines, its final screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TypeVar

import click

from huitouke.language import Language, Words, words

F = TypeVar("F", bound=Callable[..., object])

__all__ = ["language_option", "progress_to_stderr", "reader_language", "words_of"]


def reader_language(arguments: Sequence[str]) -> Language:
    """Return the language of a command line, before it is parsed.

    Parameters
    ----------
    arguments
        The words after ``huitouke``.

    Returns
    -------
    Language
        What ``--lang`` says; else Chinese if the environment's locale is Chinese.
    """
    for position, word in enumerate(arguments):
        if word.startswith("--lang="):
            return "zh" if word == "--lang=zh" else "en"
        if word == "--lang" and position + 1 < len(arguments):
            return "zh" if arguments[position + 1] == "zh" else "en"
    spoken = next(
        (
            os.environ[name]
            for name in ("LC_ALL", "LC_MESSAGES", "LANG")
            if os.environ.get(name)
        ),
        "",
    )
    return "zh" if spoken.lower().startswith("zh") else "en"


def words_of(given: str | None) -> Words:
    """Return the reader's words: what ``--lang`` says, else the locale's.

    Parameters
    ----------
    given
        The value of ``--lang``, if any.
    """
    return words("zh" if (given or reader_language(())) == "zh" else "en")


def language_option(function: F) -> F:
    """Add ``--lang zh|en`` to a command.

    Parameters
    ----------
    function
        The click command function.
    """
    return click.option(
        "--lang",
        type=click.Choice(["zh", "en"]),
        default=None,
        help="Language of messages and report (default: the locale's).",
    )(function)


def progress_to_stderr(*, quiet: bool) -> Callable[[str], None]:
    """Return what shows a step of long work: a line on standard error.

    Parameters
    ----------
    quiet
        Show nothing.
    """

    def show(step: str) -> None:
        if not quiet:
            click.echo(f"· {step}", err=True)

    return show
