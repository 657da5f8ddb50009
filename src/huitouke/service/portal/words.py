"""What a member reads about points, tiers and rewards, in whole sentences."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from huitouke.errors import HuitoukeError
from huitouke.language import N_
from huitouke.service.portal.shop import Counted
from huitouke.service.programme.events.reading import TierView
from huitouke.service.programme.mine.ahead import Ahead, Loss
from huitouke.service.programme.models.rewards import Redemption
from huitouke.service.programme.rewards.offers import RewardOffer
from huitouke.service.programme.rewards.shown import Standing
from huitouke.service.programme.rules.losses import Loss as Warned
from huitouke.service.programme.rules.reasons import say as say_reason
from huitouke.service.ui.reader import current

__all__ = [
    "lapse_lines",
    "loss_line",
    "loss_words",
    "no_because",
    "points_lines",
    "standing_line",
    "tier_lines",
    "why_not",
]

_STANDINGS: dict[Standing, tuple[str, str]] = {
    "waits": (N_("Waits at the till"), "info"),
    "missing": (N_("Waits for a friend"), "warn"),
    "late": (N_("Not used in time"), ""),
    "given_up": (N_("Cancelled"), ""),
    "handed_over": (N_("Handed over"), "good"),
    "reversed": (N_("Points were given back"), ""),
}
_COUPON = (N_("Coupon issued"), "good")
_NO = {
    "programme.insufficient_points": N_("You do not have the points for it at this moment."),
    "programme.member_limit_reached": N_("You have had it as often as one may."),
    "programme.reward_out_of_stock": N_("It is gone for now."),
    "programme.reward_not_valid_now": N_("It is not offered at this time."),
    "programme.tier_too_low": N_("It is for other tiers."),
    "programme.not_enrolled": N_("It is for members."),
    "programme.redemption_not_captured": N_("It was handed over already."),
    "programme.redemption_of_pact": N_("It is shared: open it to give it up for both."),
    "programme.pact_of_one": N_("Each of two gives at least 1 point, and nobody both parts."),
    "programme.pact_not_open": N_("It was handed over or given up already."),
    "programme.hold_expired": N_("Its time is over. Redeem it again if you like."),
    "core.idempotency_mismatch": N_("This form was for another reward. Open the page anew."),
    "core.idempotency_running": N_("It is being done at this moment. Look again in a moment."),
}
_OTHER = N_("This did not work, and nothing was changed. Ask the shop.")


def points_lines(points: Ahead, *, counted: Counted) -> tuple[str, ...]:
    """Return what comes and what goes, one sentence each, the first of each kind.

    Parameters
    ----------
    points
        What lies ahead.
    counted
        How points are written.
    """
    say, found = current().words.say, []
    for each in points.coming[:1]:
        if each.day is None:
            found.append(
                say(N_("{n} more once the goods have arrived"), n=counted.number(each.points))
            )
        else:
            found.append(
                say(
                    N_("{n} more from {day}"),
                    n=counted.number(each.points),
                    day=current().day(each.day),
                )
            )
    found += lapse_lines(points, counted=counted)
    if points.held:
        found.append(
            say(N_("{n} set aside for what you redeemed"), n=counted.number(points.held))
        )
    if points.owed:
        found.append(
            say(N_("{n} to be made up with what you earn next"), n=counted.number(points.owed))
        )
    return tuple(found)


def lapse_lines(points: Ahead, *, counted: Counted) -> list[str]:
    """Return what lapses first, and when.

    Parameters
    ----------
    points
        What lies ahead.
    counted
        How points are written.
    """
    return [
        current().words.say(
            N_("{n} lapse on {day}"),
            n=counted.number(each.points),
            day=current().day(each.day),
        )
        for each in points.lapsing[:1]
    ]


def tier_lines(tier: TierView) -> tuple[str, ...]:
    """Return how far it is to keep the tier and to the next, in sentences.

    Parameters
    ----------
    tier
        Where a member stands.
    """
    if tier.progress is None:
        return ()
    return tuple(say_reason(each, current().language) for each in tier.progress.reasons)


def loss_line(loss: Loss, *, counted: Counted, today: date) -> str:
    """Return one sentence on what is about to be lost: how much, and when.

    Parameters
    ----------
    loss
        What.
    counted
        How points are written.
    today
        By the programme's calendar.
    """
    say = current().words.say
    if loss.kind == "points":
        amount, days = counted.said(loss.points), (loss.by - today).days
        if days <= 0:
            return say(N_("{amount} lapse tonight."), amount=amount)
        if days == 1:
            return say(N_("{amount} lapse tomorrow night."), amount=amount)
        return say(
            N_("{amount} lapse after {day}, in {days} days."),
            amount=amount,
            day=current().day(loss.by),
            days=days,
        )
    return say_reason(loss.reason or {}, current().language)


def loss_words(losses: Iterable[Warned]) -> tuple[str, ...]:
    """Return what the counter would say to the member before they lose something.

    Parameters
    ----------
    losses
        Of ``before_losing``.
    """
    return tuple(say_reason(each.words, current().language) for each in losses)


def why_not(offer: RewardOffer, *, counted: Counted) -> str:
    """Return what stands between a member and a reward; empty: nothing.

    Parameters
    ----------
    offer
        The reward as the member sees it.
    counted
        How points are written.
    """
    if offer.reachable or not offer.why_not:
        return ""
    first = offer.why_not[0]
    if first.code == "programme.insufficient_points":
        return current().words.say(
            N_("{amount} to go"), amount=counted.said(offer.points_missing)
        )
    return no_because(first)


def no_because(error: HuitoukeError) -> str:
    """Return a refusal in a member's words.

    Parameters
    ----------
    error
        What a command refused with.
    """
    return current().words.say(_NO.get(error.code, _OTHER))


def standing_line(standing: Standing, *, part: Redemption | None) -> tuple[str, str]:
    """Return where something stands that was redeemed, in a word, and the tone of it.

    Parameters
    ----------
    standing
        As of ``rewards.shown.standing_of``.
    part
        The redemption, or the part of the one who began; none where nothing was set aside.
    """
    issued = standing == "handed_over" and part is not None and bool(part.code)
    said, tone = _COUPON if issued else _STANDINGS[standing]
    return current().words.say(said), tone
