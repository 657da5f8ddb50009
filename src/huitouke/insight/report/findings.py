"""The findings: what the shop should know first, each in a sentence with its certainty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from huitouke.insight.report.names import MODELS, name
from huitouke.insight.report.picture import Absent, Equity, People, Picture, Rain, Score
from huitouke.insight.report.reader import Reader, known
from huitouke.language import N_

__all__ = ["Finding", "findings"]


@dataclass(frozen=True)
class Finding:
    """One finding.

    Parameters
    ----------
    figure
        The number that stands out, short.
    sentence
        The finding.
    support
        Its interval, n, and what it rests on.
    tone
        ``bad``, ``warn``, ``good`` or ``info``: what it means for the shop.
    target
        The id of the part of the page that proves it.
    """

    figure: str
    sentence: str
    support: str
    tone: str
    target: str


def findings(picture: Picture, *, reader: Reader) -> tuple[Finding, ...]:
    """Return the findings that this picture supports, most urgent first."""
    makers: tuple[Callable[[Picture, Reader], Finding | None], ...] = (
        _slipping,
        _equity,
        _returning,
        _likely,
        _rain,
        _score,
        _trust,
    )
    found = (maker(picture, reader) for maker in makers)
    return tuple(finding for finding in found if finding is not None)


def _slipping(picture: Picture, reader: Reader) -> Finding | None:
    people = picture.at_risk
    if isinstance(people, Absent):
        return None
    if people.total == 0:
        return Finding(
            reader.whole(0),
            reader.say(N_("No customer of value is slipping away.")),
            reader.text(people.rule),
            "good",
            "at-risk",
        )
    if known(people.value.value):
        sentence = reader.count(
            N_("1 valuable customer is slipping away: {value} of margin is at stake."),
            N_("{n} valuable customers are slipping away: {value} of margin is at stake."),
            n=people.total,
            value=reader.prose(people.value.value),
        )
    else:
        sentence = reader.count(
            N_("1 customer is slipping away."),
            N_("{n} customers are slipping away."),
            n=people.total,
        )
    return Finding(
        reader.whole(people.total), sentence, _list_support(people, reader), "bad", "at-risk"
    )


def _list_support(people: People, reader: Reader) -> str:
    ends = reader.interval(people.value, how="prose")
    value = (
        reader.say(
            N_("80% interval: {interval}, each customer's own added up; n = {n}."),
            interval=ends,
            n=reader.whole(people.total),
        )
        if ends
        else ""
    )
    return reader.join((value, reader.text(people.rule)))


def _equity(picture: Picture, reader: Reader) -> Finding | None:
    equity = picture.equity
    if not isinstance(equity, Equity) or not known(equity.total.value):
        return None
    sentence = reader.say(
        N_("Today's customers are worth {value} from now on."),
        value=reader.prose(equity.total.value),
    )
    ends = reader.interval(equity.total, how="prose")
    support = reader.say(
        N_("80% interval: {interval}; margin {margin}, discounted at {rate} a year; n = {n}."),
        interval=ends or reader.say(N_("unknown")),
        margin=reader.percent(picture.margin),
        rate=reader.percent(picture.discount_rate),
        n=reader.whole(equity.total.n or picture.customers),
    )
    return Finding(reader.prose(equity.total.value), sentence, support, "info", "value")


def _returning(picture: Picture, reader: Reader) -> Finding | None:
    if picture.repeaters is None or picture.customers == 0:
        return None
    share = picture.repeaters / picture.customers
    sentence = reader.say(
        N_("{share} of customers have come back at least once."), share=reader.percent(share)
    )
    if known(picture.median_gap_days):
        support = reader.say(
            N_(
                "{n} of {all}; half of the gaps between purchases are shorter than {days} days."
            ),
            n=reader.whole(picture.repeaters),
            all=reader.whole(picture.customers),
            days=reader.whole(picture.median_gap_days),
        )
    else:
        support = reader.say(
            N_("{n} of {all}."),
            n=reader.whole(picture.repeaters),
            all=reader.whole(picture.customers),
        )
    return Finding(reader.percent(share), sentence, support, "info", "return")


def _likely(picture: Picture, reader: Reader) -> Finding | None:
    people = picture.likely_loyal
    if isinstance(people, Absent) or people.total == 0:
        return None
    sentence = reader.count(
        N_("1 customer is surely loyal."),
        N_("{n} customers are surely loyal."),
        n=people.total,
    )
    return Finding(
        reader.whole(people.total),
        sentence,
        _list_support(people, reader),
        "good",
        "likely-loyal",
    )


def _rain(picture: Picture, reader: Reader) -> Finding | None:
    rain = picture.rain
    if not isinstance(rain, Rain) or not known(rain.shop.value):
        return None
    sentence = reader.say(
        N_("Without promotions, {share} of purchases would remain."),
        share=reader.percent(rain.shop.value),
    )
    ends = reader.interval(rain.shop, how="percent")
    support = reader.say(
        N_("80% interval: {interval}; n = {n}."),
        interval=ends or reader.say(N_("unknown")),
        n=reader.whole(rain.shop.n),
    )
    return Finding(reader.percent(rain.shop.value), sentence, support, "info", "loyalty")


def _score(picture: Picture, reader: Reader) -> Finding | None:
    score = picture.score
    if not isinstance(score, Score) or not known(score.mean.value):
        return None
    sentence = reader.say(
        N_("The average loyalty score is {score} of 100."),
        score=reader.whole(score.mean.value),
    )
    kept = (
        N_("Of 100 such customers, about {score} buy at full price within {days} days.")
        if score.accepted
        else N_("The score failed a check on later data: read it as an order, not as a chance.")
    )
    ends = reader.interval(score.mean, how="whole")
    support = reader.join(
        (
            reader.say(
                N_("80% interval: {interval}, the mean of each customer's own; n = {n}."),
                interval=ends or reader.say(N_("unknown")),
                n=reader.whole(score.n),
            ),
            reader.say(
                kept,
                score=reader.whole(score.mean.value),
                days=reader.whole(picture.horizon_days),
            ),
        )
    )
    return Finding(
        reader.whole(score.mean.value),
        sentence,
        support,
        "info" if score.accepted else "warn",
        "loyalty",
    )


def _trust(picture: Picture, reader: Reader) -> Finding | None:
    chosen = next((c for c in picture.candidates if c.chosen), None)
    if chosen is None or not known(chosen.bias_total):
        return None
    off = abs(chosen.bias_total)
    sentence = reader.say(
        N_("On data it had not seen, {model} missed the total of purchases by {share}."),
        model=name(chosen.name, among=MODELS, reader=reader),
        share=reader.percent(off, digits=1),
    )
    support = reader.count(
        N_("Held against what happened from 1 past day on; n = {customers}."),
        N_("Held against what happened from {n} past days on; n = {customers}."),
        n=max(chosen.origins, 1),
        customers=reader.whole(chosen.n),
    )
    tone = "good" if off <= 0.05 else "info" if off <= 0.15 else "warn"
    return Finding(reader.percent(off, digits=1), sentence, support, tone, "believe")
