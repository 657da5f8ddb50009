"""What the page of one customer says of value and loyalty: the include and its context."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from huitouke.language import N_
from huitouke.service.backoffice.insight.contexts import Figure
from huitouke.service.backoffice.insight.wording import (
    LISTS,
    STATUS,
    TONES,
    figure,
    group_name,
    type_name,
)
from huitouke.service.loop import queries
from huitouke.service.loop.views import ProfileView
from huitouke.service.ui.reader import Reader, current

__all__ = ["ProfileShown", "Weight", "profile_of"]

_NOTHING = N_(
    "The analysis of {day} says nothing of this customer: no purchase was kept by then, or "
    "they do not want to be profiled."
)
_SURE = N_("{share} sure")
_NOTHING_SAID = Figure("")


@dataclass(frozen=True)
class Weight:
    """How much one feature adds to the loyalty score, in words."""

    label: str
    points: str
    tone: str


@dataclass(frozen=True)
class ProfileShown:
    """What the analysis says of one customer.

    Parameters
    ----------
    as_of, horizon_days
        The conditions.
    absent
        Why nothing is said; empty if something is.
    value, chance, score, steady, at_stake
        In words with intervals.
    group, group_note, type, type_note
        English messages of group and type, and how sure or why not.
    lists
        English messages of the lists that the customer is on, with tones.
    reasons
        Why, the weightiest first.
    base, weights
        What makes up the score.
    """

    as_of: date
    horizon_days: int
    absent: str
    value: Figure = _NOTHING_SAID
    chance: Figure = _NOTHING_SAID
    score: Figure = _NOTHING_SAID
    steady: Figure = _NOTHING_SAID
    at_stake: Figure | None = None
    group: str = ""
    group_note: str = ""
    type: str = ""
    type_note: str = ""
    lists: tuple[tuple[str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    base: str = ""
    weights: tuple[Weight, ...] = ()


def profile_of(customer: UUID) -> ProfileShown | None:
    """Return what the latest analysis says of a customer, or why it says nothing.

    Before anything was analysed there is nothing to show.

    Parameters
    ----------
    customer
        Any id the person ever had.

    Raises
    ------
    CustomerUnknown
        If there is no such person.
    """
    reader = current()
    try:
        view = queries.profile(customer)
    except queries.NoAnalysis:
        return None
    except queries.NoProfile as error:
        as_of = error.values["as_of"]
        return ProfileShown(as_of, 0, reader.words.say(_NOTHING, day=reader.day(as_of)))
    return _shown(view, replace(reader, currency=view.currency or reader.currency))


def _shown(view: ProfileView, reader: Reader) -> ProfileShown:
    numbers = view.numbers
    staked = view.at_stake
    return ProfileShown(
        as_of=view.as_of,
        horizon_days=view.horizon_days,
        absent="",
        value=figure(numbers["clv"], how="worth", reader=reader),
        chance=figure(numbers["p_buy"], how="share", reader=reader),
        score=figure(numbers["loyalty_score"], how="score", reader=reader),
        steady=figure(numbers["rain_or_shine"], how="share", reader=reader),
        at_stake=None if staked is None else figure(staked, how="worth", reader=reader),
        group=group_name(view.group),
        group_note=_sure(
            view.chances.get(view.group or ""), status=view.group_status, reader=reader
        ),
        type=type_name(view.loyalty_type),
        type_note=_sure(view.type_confidence, status=view.type_status, reader=reader),
        lists=tuple((LISTS[name], TONES[name]) for name in view.lists),
        reasons=tuple(each.text(reader.language) for each in view.reasons),
        base="" if view.base_points is None else reader.number(view.base_points, digits=0),
        weights=tuple(
            Weight(
                reader.words.say(each.says),
                f"{'+' if each.points > 0 else ''}{reader.number(each.points, digits=1)}",
                "good" if each.points > 0 else "bad",
            )
            for each in sorted(view.points, key=lambda one: -abs(one.points))
        ),
    )


def _sure(share: float | None, *, status: str, reader: Reader) -> str:
    """Return how sure it is, or why nothing can be told."""
    if status != "ok":
        return reader.words.say(STATUS.get(status, STATUS["insufficient_evidence"]))
    return "" if share is None else reader.words.say(_SURE, share=reader.share(share))
