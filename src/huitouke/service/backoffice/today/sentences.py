"""The sentences of Today: each a figure, what it means, and the list it leads to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from huitouke.language import N_, one_of
from huitouke.service.backoffice.insight.contexts import FindingShown
from huitouke.service.backoffice.ways import way
from huitouke.service.core.ids import public_id
from huitouke.service.ledger.lapsing import Lapsing, lapsing
from huitouke.service.loop import queries
from huitouke.service.loop.calls import Staked, worth_a_call
from huitouke.service.loop.imports.models import Upload
from huitouke.service.loop.imports.queries import past
from huitouke.service.loop.models import Analysis
from huitouke.service.programme.events.rulebook import Rulebook
from huitouke.service.programme.queries import waiting_adjustments
from huitouke.service.programme.rewards.referrals import review_queue
from huitouke.service.programme.versions.queries import NothingPublished
from huitouke.service.ui.reader import Reader

__all__ = ["LAPSE_DAYS", "PROGRAMME", "analysed", "lapse", "unit_at", "waiting"]

#: Points that lapse within so many days are told.
LAPSE_DAYS = 7
PROGRAMME = "main"
_UNIT = "points"
_QUEUE_MOST = 100
_OPEN_LIST = N_("Open the list")


def unit_at(now: datetime) -> tuple[int, dict[str, str] | str] | None:
    """Return the unit that members collect and its name; none before rules are published.

    Parameters
    ----------
    now
        The present moment.
    """
    try:
        book = Rulebook.open(PROGRAMME, at=now)
    except NothingPublished:
        return None
    code = _UNIT if _UNIT in book.units else next(iter(sorted(book.units)), "")
    return (book.units[code], book.now.named(code)) if code else None


def _more(count: int, reader: Reader) -> str:
    """Return a number of a queue that is read only so far."""
    written = reader.number(min(count, _QUEUE_MOST))
    return f"{written}+" if count > _QUEUE_MOST else written


def waiting(may: frozenset[str], *, reader: Reader) -> Iterator[FindingShown]:
    """Yield what waits for a person's decision, and imports that ended or stopped.

    Parameters
    ----------
    may
        Permissions of the reader.
    reader
        Who reads.
    """
    say = reader.words.say
    if "points.approve" in may and (found := waiting_adjustments(limit=_QUEUE_MOST + 1)):
        oldest = say(N_("The oldest since {day}."), day=reader.day(found[0].asked_at))
        yield FindingShown(
            _more(len(found), reader),
            say(
                N_("An adjustment of points waits for a second person.")
                if len(found) == 1
                else N_("Adjustments of points wait for a second person.")
            ),
            oldest,
            "warn",
            way("adjustments"),
            say(N_("Decide")),
        )
    if "referrals.review" in may and (queue := review_queue(PROGRAMME, limit=_QUEUE_MOST + 1)):
        oldest = say(N_("The oldest since {day}."), day=reader.day(queue[0].created_at))
        yield FindingShown(
            _more(len(queue), reader),
            say(
                N_("A referral waits for a look: something about it is odd.")
                if len(queue) == 1
                else N_("Referrals wait for a look: something about them is odd.")
            ),
            oldest,
            "warn",
            way("programme_referrals"),
            say(N_("Decide")),
        )
    if "imports.run" in may:
        balances = ("balances",) if "imports.balances" in may else ()
        yield from _imports(reader, kinds=("orders", "customers", *balances))


def _imports(reader: Reader, *, kinds: tuple[str, ...]) -> Iterator[FindingShown]:
    """Yield the newest import where it failed, or where the analysis does not know it yet."""
    say = reader.words.say
    newest = next(iter(past(kinds=kinds, limit=1)), None)
    if newest is None or newest.ended_at is None:
        return
    moment = reader.moment(newest.ended_at)
    if newest.state == newest.State.FAILED:
        yield FindingShown(
            "!",
            say(N_("An import ended on {moment} and could not be made."), moment=moment),
            one_of(newest.error_says, language=reader.language),
            "bad",
            way("imports_one", public_id("imp", newest.id)),
            say(N_("See the import")),
        )
    elif newest.state == newest.State.DONE and _unknown_yet(newest):
        rows = reader.number(newest.rows_done)
        yield FindingShown(
            rows,
            say(
                N_("An import of 1 row ended on {moment}; the analysis is older.")
                if newest.rows_done == 1
                else N_("An import of {rows} rows ended on {moment}; the analysis is older."),
                rows=rows,
                moment=moment,
            ),
            say(N_("The next one knows these orders; it runs every night.")),
            "info",
            way("insight_analyses"),
            say(N_("Analyse anew")),
        )


def _unknown_yet(found: Upload) -> bool:
    """Say whether orders came in that the analysis shown does not know."""
    if found.kind != found.Kind.ORDERS:
        return False
    try:
        latest = queries.latest()
    except queries.NoAnalysis:
        return False
    return found.ended_at is not None and latest.asked_at < found.ended_at


def lapse(may: frozenset[str], *, reader: Reader, now: datetime) -> Iterator[FindingShown]:
    """Yield what lapses within a week.

    Parameters
    ----------
    may, reader
        As for :func:`waiting`.
    now
        The present moment.
    """
    unit = unit_at(now) if {"customers.read", "liability.read"} & may else None
    if unit is None:
        return
    found: Lapsing = lapsing(unit[0], until=now + timedelta(days=LAPSE_DAYS))
    if not found.accounts:
        return
    say = reader.words.say
    message = (
        N_("More than {points} points of {members} customers lapse within 7 days.")
        if found.more
        else N_("{points} points of 1 customer lapse within 7 days.")
        if found.accounts == 1
        else N_("{points} points of {members} customers lapse within 7 days.")
    )
    points = reader.number(found.points)
    yield FindingShown(
        points,
        say(message, points=points, members=reader.number(found.accounts)),
        say(N_("Counted in the ledger now. Redeemed before, they are not lost.")),
        "info",
        way("today_lapsing") if "customers.read" in may else "",
        say(_OPEN_LIST),
    )


def analysed(latest: Analysis, *, reader: Reader) -> Iterator[FindingShown]:
    """Yield who is slipping and who is surely loyal, and what is at stake.

    Parameters
    ----------
    latest
        The finished analysis that is shown.
    reader
        Who reads.
    """
    if latest.profiles_kept and latest.counts["slipping"]:
        yield from _slipping(latest, reader)
    say = reader.words.say
    loyal = latest.counts["likely_loyal"]
    if loyal:
        yield FindingShown(
            reader.number(loyal),
            say(
                N_("A customer is surely loyal: say thank you, and do not discount.")
                if loyal == 1
                else N_("Customers are surely loyal: thank them, and do not discount.")
            ),
            say(
                N_("Loyal even at the low end of the 80% interval; n = {n}."),
                n=reader.number(latest.counts["profiles"]),
            ),
            "good",
            way("insight_list", "likely_loyal"),
            say(_OPEN_LIST),
        )


def _slipping(latest: Analysis, reader: Reader) -> Iterator[FindingShown]:
    """Yield who is slipping, and whom to call first where that is not all of them."""
    say = reader.words.say
    found, slipping = worth_a_call(latest), latest.counts["slipping"]
    profiles = reader.number(latest.counts["profiles"])
    yield FindingShown(
        reader.number(slipping),
        say(
            N_("A customer is slipping and worth a call.")
            if slipping == 1
            else N_("Customers are slipping: silent for longer than their rhythm explains.")
        ),
        say(
            N_("Margin at stake: {value}; n = {n}."),
            value=_staked(found.all, latest, reader),
            n=profiles,
        ),
        "bad",
        way("insight_list", "slipping"),
        say(_OPEN_LIST),
    )
    # An analysis from before that list was kept has only the whole.
    if slipping > 1 and "worth_a_call" in latest.counts:
        yield FindingShown(
            reader.number(found.first.customers),
            say(
                N_("A customer is worth a call first: most of what is at stake is there.")
                if found.first.customers == 1
                else N_("Customers are worth a call first: they hold most of what is at stake.")
            ),
            say(
                N_("Of the margin at stake they hold {value}; n = {n}."),
                value=_staked(found.first, latest, reader),
                n=reader.number(slipping),
            ),
            "bad",
            way("insight_list", "worth_a_call"),
            say(_OPEN_LIST),
        )


def _staked(staked: Staked, latest: Analysis, reader: Reader) -> str:
    say = reader.words.say
    value = reader.worth(staked.at_stake, currency=latest.currency)
    if staked.lo is None or staked.hi is None:
        return say(N_("{value}, without an interval"), value=value)
    lo, hi = (reader.worth(end, currency=latest.currency) for end in (staked.lo, staked.hi))
    return say(
        N_("{value} (80% interval {lo} to {hi}, each customer's own added up)"),
        value=value,
        lo=lo,
        hi=hi,
    )
