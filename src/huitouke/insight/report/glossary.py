"""The words the report uses, each explained in a sentence or two."""

from __future__ import annotations

from huitouke.insight.report.picture import Picture
from huitouke.insight.report.reader import Reader
from huitouke.language import N_

__all__ = ["CAUTIONS", "definitions"]

_WORDS: tuple[tuple[str, str], ...] = (
    (
        N_("As of"),
        N_(
            "The last day that is known, {as_of}. Nothing recorded after it was used for any"
            " prediction."
        ),
    ),
    (
        N_("Purchase"),
        N_(
            "A day on which a customer bought something and kept it. Orders of one day count"
            " once; returns are taken off the order they belong to."
        ),
    ),
    (N_("Horizon"), N_("The {days} days after the last known day.")),
    (
        N_("80% interval"),
        N_(
            "The range in which the truth lies 8 times out of 10. A wide range means: little is"
            " known."
        ),
    ),
    (N_("Chance to buy"), N_("The chance of at least one purchase within the horizon.")),
    (
        N_("Worth from now on"),
        N_(
            "Expected future spend times a margin of {margin}, later money counted less"
            " ({rate} a year). Past spend is not in it. {span}"
        ),
    ),
    (
        N_("Customer equity"),
        N_(
            "The sum of what all customers of today are worth from now on. Customers still to"
            " come are not in it."
        ),
    ),
    (
        N_("True friends, butterflies, barnacles, strangers"),
        N_(
            "True friends: profitable and likely to return. Butterflies: profitable, likely to"
            " leave. Barnacles: likely to return, not profitable. Strangers: neither. A"
            " customer is named only when the chance of the group is at least 70%."
        ),
    ),
    (
        N_("Six loyalty types"),
        N_(
            "Why a customer returns: forced, nostalgic, inertia, benefit, experience or"
            " identity. Orders alone seldom tell."
        ),
    ),
    (
        N_("Rain or shine"),
        N_(
            "The share of today's purchases that would remain if days with a promotion were"
            " like all others."
        ),
    ),
    (
        N_("Loyalty score"),
        N_(
            "100 times the chance of a purchase at full price within the horizon. It is not a"
            " mark for the customer, and scores of shops with other horizons cannot be"
            " compared."
        ),
    ),
    (
        N_("Rival"),
        N_(
            "A cheap method anyone could use. A model that does not beat it is not worth its"
            " trouble."
        ),
    ),
    (
        N_("Later in time"),
        N_(
            "The model is fitted on the past only and held against what happened afterwards:"
            " the one check that counts."
        ),
    ),
    (
        N_("Mean absolute error, RMSE, deviance"),
        N_(
            "How far predicted purchases are from actual ones, customer by customer. Smaller is"
            " better."
        ),
    ),
    (N_("Brier score"), N_("The mean squared error of a chance. Smaller is better.")),
    (
        N_("AUC"),
        N_(
            "How often a customer who left is ranked above one who stayed. 50% is a coin's"
            " work, 100% perfect."
        ),
    ),
    (
        N_("Lift"),
        N_(
            "How many times more leavers are among the riskiest tenth than among all customers."
        ),
    ),
    (
        N_("EMPC"),
        N_(
            "Expected profit of a retention campaign per customer, if the model chooses whom to"
            " contact."
        ),
    ),
)

#: What readers are tempted to read into such a report, and should not.
CAUTIONS: tuple[str, ...] = (
    N_(
        "A high risk of leaving is not a reason to contact someone. Field experiments found"
        " that those most at risk are often not those a contact can keep, and that it can even"
        " drive people away. Try it on a part of the list and leave the rest alone to compare."
    ),
    N_(
        "Loyal customers are not always cheaper to serve, do not always pay more and do not"
        " always recommend. Profit and loyalty are shown apart for that reason."
    ),
    N_(
        "These numbers describe customers as they were treated so far. They do not say what a"
        " new action would change."
    ),
)


def definitions(picture: Picture, *, reader: Reader) -> tuple[tuple[str, str], ...]:
    """Return the words and their meanings, with this picture's own numbers in them."""
    span = (
        reader.say(N_("Counted without an end date."))
        if picture.value_days is None
        else reader.say(
            N_("Counted over the next {days} days."), days=reader.whole(picture.value_days)
        )
    )
    values = {
        "span": span,
        "as_of": reader.day(picture.as_of),
        "days": reader.whole(picture.horizon_days),
        "margin": reader.percent(picture.margin),
        "rate": reader.percent(picture.discount_rate),
    }
    return tuple((reader.say(word), reader.say(meaning, **values)) for word, meaning in _WORDS)
