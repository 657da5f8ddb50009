"""The rest of a definition as sentences: units, expiry, tiers, referral, stamps, payment."""

from __future__ import annotations

from huitouke.language import N_, Language
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.rules.extras import Burn, Referral, StampCard
from huitouke.service.programme.rules.shown import joined
from huitouke.service.programme.rules.tier_shapes import Tier, Tiers
from huitouke.service.programme.rules.told import Teller

__all__ = [
    "said_of_basics",
    "said_of_burn",
    "said_of_referral",
    "said_of_stamps",
    "said_of_tier",
    "said_of_tiers",
    "said_of_units",
]

_DEBTS = {
    "debt": N_("Points that were spent before a return are owed and settled by later ones."),
    "within_balance": N_(
        "Points spent before a return are taken from others, as far as they go."
    ),
    "pending_only": N_("On a return only points that were not yet available are taken back."),
    "absorb": N_("On a return no spent points are taken back; the shop bears them."),
}
_WINDOWS = {
    "rolling": N_("the last {months} months"),
    "calendar_year": N_("a calendar year"),
    "anniversary": N_("a year of membership"),
    "lifetime": N_("all time"),
}
_LANDINGS = {
    "one_down": N_("one tier down"),
    "earned": N_("to the tier they have earned"),
    "base": N_("to the lowest tier"),
}
_REVIEWS = {
    "none": N_("A tier holds {months} months."),
    "month": N_("A tier holds {months} months, to the end of that month."),
    "quarter": N_("A tier holds {months} months, to the end of that quarter."),
    "year": N_("A tier holds {months} months, to the end of that year."),
}
_KINDS = {
    "points": N_("can be spent"),
    "growth": N_("is never spent"),
    "stored_value": N_("is money that members pay in, pays what it says and never expires"),
}


def said_of_units(definition: Definition, language: Language) -> tuple[str, ...]:
    """Return what is counted, a sentence each.

    Parameters
    ----------
    definition
        A version's.
    language
        ``"en"`` or ``"zh"``.
    """
    teller = Teller(definition, language)
    say, found = teller.words.say, []
    for unit in definition.units:
        parts = [say(_KINDS[unit.kind])]
        if unit.pending is not None:
            parts.append(say(N_("available {when}"), when=teller.pending(unit.pending)))
        if unit.expiry is not None and unit.kind != "stored_value":
            parts.append(say(N_("valid {long}"), long=teller.expiry(unit.expiry)))
        if unit.transfers:
            parts.append(say(N_("members may give it to each other")))
            if unit.transfer_limit is not None:
                most = teller.points(unit.transfer_limit, unit=unit.code)
                parts.append(say(N_("at most {points} a day each"), points=most))
            if unit.transfer_wait:
                when = teller.pending(unit.transfer_wait)
                parts.append(say(N_("what is given is available {when}"), when=when))
        limit = teller.points(unit.adjust_limit, unit=unit.code)
        parts.append(say(N_("staff adjust up to {points} a day alone"), points=limit))
        listed = say(N_(", ")).join(parts)
        name = unit.name.said(language)
        found.append(say(N_("{name}: {benefits}."), name=name, benefits=listed))
    return tuple(found)


def said_of_basics(definition: Definition, language: Language) -> tuple[str, ...]:
    """Return what holds for all points: what counts, when, how long, and after a return.

    Parameters
    ----------
    definition
        A version's.
    language
        ``"en"`` or ``"zh"``.
    """
    teller = Teller(definition, language)
    say, eligible, refunds = teller.words.say, definition.eligible, definition.refunds
    counted = [
        name
        for counts, name in (
            (eligible.tax, say(N_("tax"))),
            (eligible.shipping, say(N_("delivery"))),
            (eligible.gift_card, say(N_("gift cards"))),
            (eligible.paid_by_points, say(N_("what was paid with points"))),
            (eligible.paid_by_gift_card, say(N_("what was paid with gift cards"))),
        )
        if counts
    ]
    too = joined(counted, reader=teller.words) or say(N_("nothing else"))
    found = [
        say(N_("Goods count after all discounts; beside them counts: {too}."), too=too),
        say(
            N_("Points from orders become available {when}."),
            when=teller.pending(definition.return_days),
        ),
        say(N_("Points are valid {long}."), long=teller.expiry(definition.expiry)),
        say(N_("Whoever buys becomes a member with the first order."))
        if definition.enrol_on_order
        else say(N_("Who is no member earns nothing; joining is a step of its own.")),
        say(_DEBTS[refunds.debt_policy]),
    ]
    if refunds.expired_on_return == "grace":
        days = teller.number(refunds.grace_days)
        found.append(say(N_("Points that come back expired live {days} days more."), days=days))
    else:
        found.append(say(N_("Points that come back expired stay gone.")))
    if refunds.debt_years == 1:
        found.append(say(N_("What is owed is forgiven after a year.")))
    else:
        years = teller.number(refunds.debt_years)
        found.append(say(N_("What is owed is forgiven after {years} years."), years=years))
    return tuple(found)


def said_of_tiers(definition: Definition, language: Language) -> tuple[str, ...]:
    """Return how members rise, stay and fall; nothing where there are no tiers.

    Parameters
    ----------
    definition
        A version's.
    language
        ``"en"`` or ``"zh"``.
    """
    tiers = definition.tiers
    if tiers is None:
        return ()
    teller = Teller(definition, language)
    say, window = teller.words.say, tiers.window
    over = say(_WINDOWS[window.kind], months=teller.number(window.months))
    found = [
        say(N_("Counted is {metric} of {window}."), metric=_metric(tiers, teller), window=over),
        say(_REVIEWS[tiers.review], months=teller.number(tiers.valid_months)),
        say(
            N_("Who does not pass the review keeps it {days} days more, then falls {where}."),
            days=teller.number(tiers.grace_days),
            where=say(_LANDINGS[tiers.landing]),
        ),
    ]
    if tiers.refund_days is not None:
        days = teller.number(tiers.refund_days)
        found.append(say(N_("A return within {days} days undoes the rise."), days=days))
    if tiers.imported_orders:
        found.append(say(N_("Orders imported as history count, too.")))
    return tuple(found)


def _metric(tiers: Tiers, teller: Teller) -> str:
    say = teller.words.say
    if tiers.metric == "spend":
        return say(N_("what a member spends"))
    return (
        say(N_("how often a member buys"))
        if tiers.metric == "visits"
        else teller.unit(tiers.unit or "")
    )


def _amount(value: int, *, tiers: Tiers, teller: Teller) -> str:
    if tiers.metric == "spend":
        return teller.money(value)
    if tiers.metric == "visits":
        return teller.words.say(N_("{n} orders"), n=teller.number(value))
    return teller.points(value, unit=tiers.unit or "")


def said_of_tier(tier: Tier, *, definition: Definition, language: Language) -> str:
    """Return how a tier is reached, kept and bought.

    Parameters
    ----------
    tier
        Of the definition.
    definition
        Whose metric is used.
    language
        ``"en"`` or ``"zh"``.
    """
    tiers = definition.tiers
    teller = Teller(definition, language)
    say, parts = teller.words.say, []
    if tiers is None or tier.reach is None:
        parts.append(say(N_("Only given or bought")))
    elif tier.reach == 0:
        parts.append(say(N_("For every member")))
    else:
        reach = _amount(tier.reach, tiers=tiers, teller=teller)
        parts.append(say(N_("Reached with {amount}"), amount=reach))
        if tier.keep is not None:
            keep = _amount(tier.keep, tiers=tiers, teller=teller)
            parts.append(say(N_("kept with {amount}"), amount=keep))
    if tier.paid is not None:
        price = teller.money(tier.paid.price_minor)
        months = teller.number(tier.paid.months)
        parts.append(say(N_("{price} buys {months} months"), price=price, months=months))
    return say(N_("{sentence}."), sentence=say(N_(", ")).join(parts))


def said_of_burn(burn: Burn | None, *, definition: Definition, language: Language) -> str:
    """Return how points pay; empty where they do not.

    Parameters
    ----------
    burn
        Part payment, or none.
    definition
        Whose names are used.
    language
        ``"en"`` or ``"zh"``.
    """
    if burn is None:
        return ""
    teller = Teller(definition, language)
    say = teller.words.say
    parts = [
        say(
            N_("{points} pay {amount} of an order"),
            points=teller.points(burn.per_points, unit=burn.unit),
            amount=teller.money(burn.minor),
        ),
        say(N_("at most {percent}% of it"), percent=burn.most_percent),
    ]
    if burn.least_points > 1:
        least = teller.points(burn.least_points, unit=burn.unit)
        parts.append(say(N_("from {points} on"), points=least))
    if burn.step_points > 1:
        step = teller.points(burn.step_points, unit=burn.unit)
        parts.append(say(N_("in steps of {points}"), points=step))
    if burn.least_order_minor:
        least = teller.money(burn.least_order_minor)
        parts.append(say(N_("for orders from {amount} on"), amount=least))
    return say(N_("{sentence}."), sentence=say(N_(", ")).join(parts))


def said_of_referral(
    referral: Referral | None, *, definition: Definition, language: Language
) -> tuple[str, ...]:
    """Return what bringing a friend gives; nothing where it gives nothing.

    Parameters
    ----------
    referral
        The reward, or none.
    definition
        Whose names are used.
    language
        ``"en"`` or ``"zh"``.
    """
    if referral is None:
        return ()
    teller = Teller(definition, language)
    say, unit = teller.words.say, referral.unit
    wait = definition.return_days if referral.wait_days is None else referral.wait_days
    found = [
        say(
            N_("Who brings a friend gets {advocate}, the friend {friend}; both come {when}."),
            advocate=teller.points(referral.advocate_points, unit=unit),
            friend=teller.points(referral.friend_points, unit=unit),
            when=teller.pending(wait),
        )
    ]
    if referral.least_order_minor:
        least = teller.money(referral.least_order_minor)
        found.append(say(N_("The friend's first order must come to {amount}."), amount=least))
    if referral.code_valid_days is not None:
        days = teller.number(referral.code_valid_days)
        found.append(say(N_("The code is good for {days} days."), days=days))
    for most, says in (
        (referral.most_per_month, N_("At most {n} rewards a month.")),
        (referral.most_per_year, N_("At most {n} rewards a year.")),
    ):
        if most is not None:
            found.append(say(says, n=teller.number(most)))
    looked = [
        say(says)
        for asked, says in (
            (referral.review_same_device, N_("device")),
            (referral.review_same_address, N_("address")),
            (referral.review_same_payment, N_("means of payment")),
        )
        if asked
    ]
    if looked:
        same = joined(looked, reader=teller.words, style="or")
        found.append(say(N_("A person looks at referrals with the same {what}."), what=same))
    if referral.expiry is not None:
        found.append(say(N_("Valid {long}."), long=teller.expiry(referral.expiry)))
    return tuple(found)


_STAMPED = {
    "order": N_("{card}: a stamp for each order with {goods}, {n} fill the card"),
    "item": N_("{card}: a stamp for each piece of {goods}, {n} fill the card"),
    "day": N_("{card}: a stamp for each day with {goods}, {n} fill the card"),
}


def said_of_stamps(card: StampCard, *, definition: Definition, language: Language) -> str:
    """Return what a stamp card asks for and gives.

    Parameters
    ----------
    card
        Of the definition.
    definition
        Whose names are used.
    language
        ``"en"`` or ``"zh"``.
    """
    teller = Teller(definition, language)
    say = teller.words.say
    what = teller.goods(card.scope) if card.on == "order.paid" else teller.happening(card.on)
    name, n = card.name.said(language), teller.number(card.stamps)
    parts = [say(_STAMPED[card.per], card=name, goods=what, n=n)]
    if card.head_start:
        parts.append(say(N_("{n} are there from the start"), n=teller.number(card.head_start)))
    if card.least_minor:
        parts.append(say(N_("orders from {amount} on"), amount=teller.money(card.least_minor)))
    if card.most_per_day:
        parts.append(say(N_("at most {n} a day"), n=teller.number(card.most_per_day)))
    gives = teller.points(card.points, unit=card.unit) if card.points else card.reward
    parts.append(say(N_("a full card gives {what}"), what=gives))
    if card.valid_months:
        months = teller.number(card.valid_months)
        parts.append(say(N_("valid {months} months from the first stamp"), months=months))
    if not card.again:
        parts.append(say(N_("once only")))
    return say(N_("{sentence}."), sentence=say(N_(", ")).join(parts))
