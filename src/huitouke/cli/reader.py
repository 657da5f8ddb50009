"""Who reads: the language of the command, its progress lines, its final screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TypeVar

import click

from huitouke.language import LANGUAGES, Language, Words, language_of_tag, words

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
        What ``--lang`` says; else what the environment's locale is; else English.
    """
    for position, word in enumerate(arguments):
        if word.startswith("--lang="):
            return _given(word.removeprefix("--lang="))
        if word == "--lang" and position + 1 < len(arguments):
            return _given(arguments[position + 1])
    spoken = next(
        (
            os.environ[name]
            for name in ("LC_ALL", "LC_MESSAGES", "LANG")
            if os.environ.get(name)
        ),
        "",
    )
    return language_of_tag(spoken) or "en"


def _given(name: str) -> Language:
    return next((each for each in LANGUAGES if each == name), "en")


def words_of(given: str | None) -> Words:
    """Return the reader's words: what ``--lang`` says, else the locale's.

    Parameters
    ----------
    given
        The value of ``--lang``, if any.
    """
    return words(_given(given) if given else reader_language(()))


def language_option(function: F) -> F:
    """Add ``--lang zh|zh-Hant|en`` to a command.

    Parameters
    ----------
    function
        The click command function.
    """
    return click.option(
        "--lang",
        type=click.Choice(["zh", "zh-Hant", "en"]),
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
