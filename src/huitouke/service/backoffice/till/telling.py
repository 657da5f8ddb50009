"""What the counter says of orders, quotes, rewards and losses, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from huitouke.language import N_
from huitouke.service.backoffice.acts import say
from huitouke.service.backoffice.customers.naming import named
from huitouke.service.backoffice.customers.orders import STATES, sentences
from huitouke.service.backoffice.customers.standing import unit_name
from huitouke.service.backoffice.till.contexts import (
    CodeShown,
    OfferShown,
    OrderRow,
    PricedShown,
)
from huitouke.service.backoffice.till.parts import Warning
from huitouke.service.core.ids import public_id
from huitouke.service.orders.models import Order
from huitouke.service.programme.events.rulebook import Rules
from huitouke.service.programme.events.selling import Priced
from huitouke.service.programme.mine.reach import reach
from huitouke.service.programme.rewards.offers import RewardOffer
from huitouke.service.programme.rewards.sentences import CODE_REASONS
from huitouke.service.programme.rules.losses import Loss
from huitouke.service.programme.rules.reasons import say as say_reason
from huitouke.service.ui.reader import current

__all__ = [
    "offer_shown",
    "offers_shown",
    "order_row",
    "priced_shown",
    "warnings_shown",
]


def warnings_shown(losses: Iterable[Loss]) -> tuple[Warning, ...]:
    """Return losses with the words for the customer.

    Parameters
    ----------
    losses
        What is about to be lost.
    """
    language = current().language
    return tuple(
        Warning(said=say_reason(each.reason, language), words=say_reason(each.words, language))
        for each in losses
    )


def order_row(order: Order) -> OrderRow:
    """Return an order as lists show it.

    Parameters
    ----------
    order
        Any.
    """
    return OrderRow(
        url=reverse("till_order", args=[public_id("ord", order.id)]),
        number=order.number,
        at=order.ordered_at,
        total_minor=order.total_minor,
        currency=order.currency,
        state="" if order.status == Order.Status.PAID else say(STATES[order.status][0]),
    )


def offer_shown(offer: RewardOffer, *, customer: str) -> OfferShown:
    """Return a reward as the member at the counter sees it.

    Parameters
    ----------
    offer
        Of the domain.
    customer
        Public id.
    """
    reward = offer.reward
    others = [each for each in offer.why_not if each.code != "programme.insufficient_points"]
    why_not = others[0].text(current().language) if others else ""
    if offer.reachable and reward.cooperative:
        why_not = say(N_("Two members share it on their phones."))
    url = reverse("till_reward", args=[customer, public_id("rwd", reward.id)])
    return OfferShown(
        name=named(reward.names),
        cost=reward.cost_points,
        cash_minor=reward.cash_minor,
        url=url if offer.reachable and not reward.cooperative else "",
        missing=offer.points_missing,
        why_not=why_not,
    )


def offers_shown(
    offers: Iterable[RewardOffer], *, customer: str, like: str = ""
) -> tuple[OfferShown, ...]:
    """Return rewards in the order of use here: what can be handed over now, dearest first.

    Parameters
    ----------
    offers
        Of ``rewards_for``.
    customer
        Public id.
    like
        Only those with this in a name or in their code.
    """
    wanted = like.casefold()
    found = [
        each
        for each in reach(offers).nearest_first
        if any(
            wanted in text.casefold()
            for text in (*each.reward.names.values(), each.reward.code)
        )
    ]
    # What two share is begun on a phone: it comes after what goes over the counter at once.
    found.sort(key=lambda each: not each.reachable or each.reward.cooperative)
    return tuple(offer_shown(each, customer=customer) for each in found)


def priced_shown(priced: Priced, *, rules: Rules) -> PricedShown:
    """Return what a sale comes to, in words.

    Parameters
    ----------
    priced
        Of the domain.
    rules
        In force, for the names of units.
    """
    codes = tuple(
        CodeShown(
            code=each.code,
            discount_minor=each.discount_minor,
            why_not="" if each.ok else say(CODE_REASONS.get(each.reason, each.reason)),
        )
        for each in priced.codes.verdicts
    )
    earned = tuple(
        (unit_name(rules, unit), points) for unit, points in priced.quote.points.items()
    )
    return PricedShown(
        due_minor=priced.due_minor,
        goods_minor=priced.goods_minor,
        discount_minor=priced.discount_minor,
        by_points_minor=priced.by_points_minor,
        points=priced.points,
        earns=earned,
        effects=sentences(priced.quote.effects),
        misses=sentences(priced.quote.reasons),
        codes=codes,
        usable=all(not each.why_not for each in codes),
    )
