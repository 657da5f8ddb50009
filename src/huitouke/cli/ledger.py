"""``huitouke ledger``: is every point accounted for, and was nothing changed since."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from huitouke.cli.reader import language_option, words_of
from huitouke.cli.service import data_dir_option, service
from huitouke.errors import HuitoukeError
from huitouke.language import N_, Words
from huitouke.service.core.actor import Actor

if TYPE_CHECKING:
    from huitouke.service.ledger.seal import Head
    from huitouke.service.ledger.verify import Verdict

__all__ = ["HeadUnreadable", "ledger", "seal", "told", "verify"]

_WHOLE = N_("The ledger is whole: {entries} entries checked, no row broken.")
_BROKEN = N_("The ledger is broken in {count} places:")
_HEAD = N_("Head of the chain: {head}")
_SEALED = N_("{sealed} operations are sealed, {unsealed} not yet.")
_BLOCKS = N_("{blocks} blocks sealed.")
_ACTOR = Actor("staff", "operator")


class HeadUnreadable(HuitoukeError):
    """The text is no head of a chain."""

    code = "cli.head_unreadable"
    says = N_("{given!r} is no head of the ledger's chain.")
    remedy = N_("Give it as huitouke ledger verify printed it: a block, a colon, a hash.")


@click.group()
def ledger() -> None:
    """Check and seal the points ledger."""


def told(verdict: Verdict, *, reader: Words) -> list[str]:
    """Return what a verdict says, a line each; every broken row is named.

    Parameters
    ----------
    verdict
        Of :func:`huitouke.service.ledger.verify.verify`.
    reader
        The reader's words.
    """
    if verdict.broken:
        lines = [reader.say(_BROKEN, count=len(verdict.broken))]
        lines += [f"{each.invariant}\t{each.text(reader.language)}" for each in verdict.broken]
    else:
        lines = [reader.say(_WHOLE, entries=verdict.entries)]
    lines.append(reader.say(_SEALED, sealed=verdict.sealed, unsealed=verdict.unsealed))
    head = verdict.head
    return [*lines, reader.say(_HEAD, head=f"{head.block}:{head.hash}" if head else "-")]


@ledger.command()
@click.option(
    "--full/--incremental",
    default=True,
    help="Everything, or only what came since the last good check.  [default: full]",
)
@click.option(
    "--head",
    "kept",
    metavar="BLOCK:HASH",
    help="A head of the chain that was kept elsewhere: it must still be in it.",
)
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
@data_dir_option
@language_option
@click.pass_context
def verify(
    context: click.Context,
    *,
    full: bool,
    kept: str | None,
    as_json: bool,
    data_dir: Path | None,
    lang: str | None,
) -> None:
    """Check every rule of the ledger and its chain; exit 1 if any row is broken."""
    reader = words_of(lang)
    with service(data_dir=data_dir):
        from huitouke.service.ledger.checking import check  # noqa: PLC0415

        verdict = check(full=full, actor=_ACTOR, published=_head(kept) if kept else None)
    if as_json:
        said = dataclasses.asdict(verdict)
        click.echo(json.dumps(said, ensure_ascii=False, default=str))
    else:
        click.echo("\n".join(told(verdict, reader=reader)))
    if verdict.broken:
        context.exit(1)


def _head(kept: str) -> Head:
    from huitouke.service.ledger.seal import Head  # noqa: PLC0415 - needs Django

    block, _, digest = kept.partition(":")
    if not block.isdecimal() or not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise HeadUnreadable(given=kept[:100])
    return Head(int(block), digest)


@ledger.command()
@data_dir_option
@language_option
def seal(*, data_dir: Path | None, lang: str | None) -> None:
    """Seal what is not sealed yet (the worker does it by itself)."""
    with service(data_dir=data_dir):
        from huitouke.service.ledger.seal import seal as write  # noqa: PLC0415

        blocks = write()
    click.echo(words_of(lang).say(_BLOCKS, blocks=blocks))
