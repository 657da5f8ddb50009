"""``huitouke programme``: what rules cost, before and after they are published."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from huitouke.cli.reader import language_option, words_of
from huitouke.cli.service import data_dir_option, service
from huitouke.errors import HuitoukeError
from huitouke.language import N_

if TYPE_CHECKING:  # these need Django's settings, which --help need not wait for
    from huitouke.service.programme.rules.definition import Definition

__all__ = [
    "CostUnreadable",
    "DraftUnreadable",
    "SameDraft",
    "backtest",
    "check",
    "liability",
    "programme",
]

F = TypeVar("F", bound=Callable[..., object])

_DRAFTS_MOST = 2
_DAY = timedelta(days=1)


class DraftUnreadable(HuitoukeError):
    """The file holds no JSON object."""

    code = "cli.draft_unreadable"
    says = N_("The draft {file} cannot be read: {why}.")
    remedy = N_("Give a JSON file with one definition, as the programme's API takes it.")


class SameDraft(HuitoukeError):
    """Two drafts of one name, or more than two."""

    code = "cli.same_draft"
    says = N_("A back-test takes one or two drafts with different file names, not {names}.")
    remedy = N_("Rename one of the files, or compare two at a time.")


class CostUnreadable(HuitoukeError):
    """--cost is no amount of money."""

    code = "cli.cost_unreadable"
    says = N_("--cost {given!r} is not a number of minor units, 0 or more.")
    remedy = N_("Write for example --cost 0.6 where a point costs six tenths of a cent.")


@click.group()
def programme() -> None:
    """Back-test rules, check them for money loops, report what points will cost."""


def _day(context: click.Context, _: click.Parameter, value: datetime | None) -> date | None:
    del context
    return value.date() if value else None


def _period_options(function: F) -> F:
    day = click.DateTime(["%Y-%m-%d"])
    for name, text in (("--until", "Last day, included."), ("--since", "First day.")):
        function = click.option(name, type=day, callback=_day, help=text)(function)
    return function


def _shared_options(function: F) -> F:
    options = (
        click.option(
            "--programme", "code", default="main", show_default=True, help="Its code."
        ),
        click.option("--unit", default="points", show_default=True, help="Unit to follow."),
        click.option(
            "--cost",
            metavar="MINOR",
            help="Cost of one redeemed point in minor units, e.g. 0.6 (default: what it pays).",
        ),
        click.option("--json", "as_json", is_flag=True, help="Say it as JSON."),
        data_dir_option,
        language_option,
    )
    for option in reversed(options):
        function = option(function)
    return function


def _cost(given: str | None) -> Fraction | None:
    if given is None:
        return None
    try:
        cost = Fraction(Decimal(given))
    except (ArithmeticError, ValueError):
        cost = Fraction(-1)
    if cost < 0:
        raise CostUnreadable(given=given[:60])
    return cost


def _read(file: Path, **own: str) -> Definition:
    """Return the definition in a file, in the programme's own zone and currency."""
    from huitouke.service.programme.rules.checks import (  # noqa: PLC0415
        DefinitionInvalid,
        parse,
        problems,
    )
    from huitouke.service.programme.rules.definition import Definition  # noqa: PLC0415

    try:
        given = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise DraftUnreadable(file=file, why=error.strerror) from error
    except (ValueError, RecursionError) as error:
        raise DraftUnreadable(file=file, why=str(error)[:200]) from error
    if not isinstance(given, dict):
        raise DraftUnreadable(file=file, why=type(given).__name__)
    definition = parse({**own, **given}, shape=Definition)
    wrong = problems(definition)
    if wrong:
        raise DefinitionInvalid(wrong)
    return definition


def _names(files: tuple[Path, ...]) -> dict[str, Path]:
    names = {file.stem: file for file in files}
    if len(names) < len(files) or len(files) > _DRAFTS_MOST:
        raise SameDraft(names=", ".join(file.name for file in files))
    return names


def _moments(since: date | None, until: date | None, *, zone: str) -> dict[str, Any]:
    """Return the period as moments: from the first day's start to the last one's end."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    from huitouke.service.programme.rules.calendar import start_of_day  # noqa: PLC0415

    own = ZoneInfo(zone)
    return {
        "since": None if since is None else start_of_day(since, own),
        "until": None if until is None else start_of_day(until + _DAY, own),
    }


@programme.command()
@click.argument(
    "drafts",
    nargs=-1,
    required=True,
    metavar="DRAFT.json [OTHER.json]",
    type=click.Path(path_type=Path),
)
@_period_options
@click.option(
    "--redemption",
    type=click.FloatRange(0.0, 1.0),
    help="Share of points that is redeemed (default: what the ledger says).",
)
@click.option(
    "--members",
    type=click.Choice(["enrolled", "buyers"]),
    help="Who earns (default: the enrolled where there are any).",
)
@click.option("--top", default=10, type=click.IntRange(0, 1000), show_default=True)
@_shared_options
def backtest(
    drafts: tuple[Path, ...],
    *,
    since: date | None,
    until: date | None,
    code: str,
    cost: str | None,
    as_json: bool,
    data_dir: Path | None,
    lang: str | None,
    top: int,
    **options: Any,
) -> None:
    """Replay the merchant's own orders under drafts, beside the rules in force."""
    files, price = _names(drafts), _cost(cost)
    with service(data_dir=data_dir):
        from huitouke.cli.programme_screen import backtest_screen  # noqa: PLC0415
        from huitouke.service.core import clock  # noqa: PLC0415
        from huitouke.service.programme.economics import backtest as engine  # noqa: PLC0415
        from huitouke.service.programme.versions.queries import (  # noqa: PLC0415
            programme as find,
        )

        own = find(code)
        definitions = {
            name: _read(file, zone=own.zone, currency=own.currency)
            for name, file in files.items()
        }
        report = engine.backtest(
            definitions,
            programme=code,
            at=clock.now(),
            cost=price,
            listed=top,
            **_moments(since, until, zone=own.zone),
            **options,
        )
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        click.echo(backtest_screen(report, reader=words_of(lang)))


@programme.command()
@click.argument("draft", metavar="DRAFT.json", type=click.Path(path_type=Path))
@click.option(
    "--programme", "code", help="Look at this programme's rewards and coupon campaigns too."
)
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
@data_dir_option
@language_option
@click.pass_context
def check(
    context: click.Context,
    draft: Path,
    *,
    code: str | None,
    as_json: bool,
    data_dir: Path | None,
    lang: str | None,
) -> None:
    """Search a draft for money loops; exit 1 if any is critical or high."""
    from huitouke.cli.programme_screen import check_screen, finding_plain  # noqa: PLC0415
    from huitouke.service.programme.economics.exploits import check as look  # noqa: PLC0415

    if code is None:
        found = look(_read(draft))
    else:
        with service(data_dir=data_dir):
            from huitouke.service.programme.economics.catalogue import (  # noqa: PLC0415
                codes_of,
                prizes_of,
            )
            from huitouke.service.programme.versions.queries import (  # noqa: PLC0415
                programme as find,
            )

            own = find(code)
            definition = _read(draft, zone=own.zone, currency=own.currency)
            found = look(definition, rewards=prizes_of(code), campaigns=codes_of(code))
    if as_json:
        click.echo(json.dumps([finding_plain(each) for each in found], ensure_ascii=False))
    else:
        click.echo(check_screen(found, reader=words_of(lang)))
    if any(finding.severity in {"critical", "high"} for finding in found):
        context.exit(1)


@programme.command()
@_period_options
@_shared_options
def liability(
    *,
    since: date | None,
    until: date | None,
    code: str,
    unit: str,
    cost: str | None,
    as_json: bool,
    data_dir: Path | None,
    lang: str | None,
) -> None:
    """Report opening, issued, redeemed, expired, clawed back and closing points."""
    price = _cost(cost)
    with service(data_dir=data_dir):
        from huitouke.cli.programme_liability import liability_screen  # noqa: PLC0415
        from huitouke.service.core import clock  # noqa: PLC0415
        from huitouke.service.programme.economics import liability as engine  # noqa: PLC0415
        from huitouke.service.programme.versions.queries import (  # noqa: PLC0415
            programme as find,
        )

        period = _moments(since, until, zone=find(code).zone)
        report = engine.liability(code, at=clock.now(), unit=unit, cost=price, **period)
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        click.echo(liability_screen(report, reader=words_of(lang)))
