"""What a member reads before points are set aside, and of those that come back or do not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from huitouke.language import N_
from huitouke.service.ledger.returning import Returning, on_release
from huitouke.service.portal.contexts.points import Back
from huitouke.service.portal.shop import PROGRAMME, Counted, counted
from huitouke.service.portal.signing.sessions import Me
from huitouke.service.portal.words import loss_words
from huitouke.service.programme.events.losing import before_losing
from huitouke.service.programme.events.rulebook import Rules
from huitouke.service.programme.models.rewards import Redemption
from huitouke.service.programme.rewards.offers import RewardOffer
from huitouke.service.programme.rewards.shown import Standing
from huitouke.service.programme.rules.losses import LAPSE_DAYS
from huitouke.service.ui.reader import current

__all__ = ["back_of", "friend_line", "lapse_lines", "late_lines", "warnings_before"]

_MOMENT = timedelta(microseconds=1)


def back_of(part: Redemption, *, standing: Standing, at: datetime, rules: Rules) -> Back:
    """Return what becomes of the points of a redemption that is given up or not used.

    Parameters
    ----------
    part
        The redemption, or the member's part of two.
    standing
        As of ``rewards.shown.standing_of``.
    at
        The present moment.
    rules
        In force.
    """
    if standing in {"handed_over", "reversed"}:
        return Back()
    found = on_release(part.account, part.hold_key)
    if found is None:
        return Back()
    number = counted(rules.definition)
    if standing in {"late", "given_up"}:
        return Back(done=_done_lines(found, number=number))
    late = on_release(part.account, part.hold_key, at=part.expires_at)
    return Back(
        risk=_risk(found, number=number),
        late=late_lines(late, number=number),
        now=_now_lines(found, number=number, rules=rules, at=at),
    )


def warnings_before(
    me: Me, *, offers: Iterable[RewardOffer], spends: int, unit: str
) -> tuple[str, ...]:
    """Return what the counter, too, says before points are spent on a reward.

    Parameters
    ----------
    me
        Who is about to.
    offers
        Of ``rewards_for``.
    spends
        How many points.
    unit
        Code of the unit.
    """
    lost = before_losing(
        me.customer,
        doing="redeeming",
        now=me.at,
        spends=spends,
        offers=tuple(offers),
        unit=unit,
        programme=PROGRAMME,
    )
    return loss_words(lost)


def lapse_lines(found: Returning, *, number: Counted) -> tuple[str, ...]:
    """Return how many of the points that one may give would be lost; nothing where none.

    Parameters
    ----------
    found
        As of the moment when their time is over.
    number
        How points are written.
    """
    if not found.lapsed:
        return ()
    text = N_("{n} of your points lapse in that time: set aside and not used, they are gone.")
    return (current().words.say(text, n=number.said(found.lapsed)),)


def late_lines(found: Returning | None, *, number: Counted) -> tuple[str, ...]:
    """Return what becomes of points that are set aside and not used in time.

    Parameters
    ----------
    found
        As of the moment when their time is over.
    number
        How points are written.
    """
    if found is None:
        return ()
    say = current().words.say
    back, lapsed = number.said(found.back), number.said(found.lapsed)
    if found.back and found.lapsed:
        said = say(
            N_("Not used by then, {back} come back to you and {lapsed} lapse."),
            back=back,
            lapsed=lapsed,
        )
    elif found.lapsed:
        said = say(N_("Not used by then, {lapsed} lapse."), lapsed=lapsed)
    else:
        said = say(N_("Not used by then, {back} come back to you."), back=back)
    return (said, *_owed(found, text=N_("{n} make up for points that you owe."), number=number))


def _risk(found: Returning, *, number: Counted) -> str:
    """Return the word before something is lost; empty where nothing is."""
    if not found.lapsed:
        return ""
    return current().words.say(
        N_("{n} of these have lapsed: used at the till they count, given up they are gone."),
        n=number.said(found.lapsed),
    )


def _now_lines(
    found: Returning, *, number: Counted, rules: Rules, at: datetime
) -> tuple[str, ...]:
    say = current().words.say
    lines = [say(N_("Nothing comes back to spend."))]
    if found.back:
        lines = [say(N_("{cost} come back to you at once."), cost=number.said(found.back))]
    if found.lapsed:
        lines.append(_risk(found, number=number))
    lines += _owed(found, text=N_("{n} make up for points that you owe."), number=number)
    first = found.first
    if first is not None and first.expires_at is not None:
        last = rules.day(first.expires_at - _MOMENT)
        if (last - rules.day(at)).days <= LAPSE_DAYS:
            lines.append(
                say(
                    N_("{n} of those that come back are good through {day}."),
                    n=number.said(first.points),
                    day=current().day(last),
                )
            )
    return tuple(lines)


def _done_lines(found: Returning, *, number: Counted) -> tuple[str, ...]:
    say = current().words.say
    lines = [say(N_("No points came back."))]
    if found.back:
        lines = [say(N_("{n} came back to you."), n=number.said(found.back))]
    if found.lapsed:
        lines.append(say(N_("{n} had lapsed by then."), n=number.said(found.lapsed)))
    lines += _owed(found, text=N_("{n} made up for points that you owed."), number=number)
    return tuple(lines)


def _owed(found: Returning, *, text: str, number: Counted) -> list[str]:
    if not found.repaid:
        return []
    return [current().words.say(text, n=number.said(found.repaid))]


def friend_line(part: Redemption, *, friend: str, number: Counted) -> str:
    """Return what the other of two gets back now; not how many of theirs have lapsed.

    Parameters
    ----------
    part
        Of the other one.
    friend
        How they are named here.
    number
        How points are written.
    """
    found, gave = on_release(part.account, part.hold_key), number.said(part.points)
    text = N_("{friend} gets {points} back.")
    if found is None or found.back < found.points:
        text = N_("{friend} gets back what is still good of {points}.")
    return current().words.say(text, friend=friend, points=gave)
