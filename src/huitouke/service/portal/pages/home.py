"""The first page: the card, the points in words, what is near, what happened last."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.views.decorators.http import require_safe

from huitouke.language import N_
from huitouke.service.core.ids import public_id
from huitouke.service.customers import queries as customers
from huitouke.service.customers.models import Customer
from huitouke.service.portal.card_numbers import card_groups
from huitouke.service.portal.coming import to_come
from huitouke.service.portal.contexts.points import Card, Home, Near
from huitouke.service.portal.door import frame_of, members
from huitouke.service.portal.entries import entries_of
from huitouke.service.portal.qr import qr
from huitouke.service.portal.shop import (
    PROGRAMME,
    UNIT,
    Counted,
    counted,
    name_of,
    rules_of,
    shop,
)
from huitouke.service.portal.signing.sessions import Me
from huitouke.service.portal.words import loss_line, points_lines, tier_lines, why_not
from huitouke.service.programme.events import reading
from huitouke.service.programme.mine.ahead import ahead, losses
from huitouke.service.programme.mine.reach import reach
from huitouke.service.programme.rewards.offers import RewardOffer, rewards_for
from huitouke.service.ui.pages import show
from huitouke.service.ui.reader import current

__all__ = ["card", "card_of", "home"]

_SAID = {
    "joined": N_("Welcome. You are a member now; this is your card."),
}
_LAST = 3


def card_of(customer: Customer, *, tier: str) -> Card:
    """Return a member's card; without a card number it carries the id.

    Parameters
    ----------
    customer
        With identities at hand.
    tier
        Name of the tier in the reader's language.
    """
    own = sorted(
        (each for each in customer.identities.all() if each.kind == "card"),
        key=lambda each: (each.created_at, each.pk),
    )
    number = own[0].value if own else public_id("cus", customer.pk)
    title = current().words.say(N_("QR code of card {number}"), number=number)
    return Card(
        shop=shop().name,
        name=customer.name,
        tier=tier,
        number=card_groups(number) if own else number,
        code=qr(number, title=title),
    )


@members
@require_safe
def home(request: HttpRequest, me: Me) -> HttpResponse:
    """Show the first page.

    Parameters
    ----------
    request, me
        Who asks; ``said`` names what has just happened.
    """
    customer = customers.get(me.customer)
    rules, today = rules_of(me.at)
    definition = rules.definition
    stands = reading.tier(me.customer, now=me.at, programme=PROGRAMME)
    tier = name_of(stands.name or {})
    said = _SAID.get(request.GET.get("said", ""), "")
    page = Home(card=card_of(customer, tier=tier), enrolled=stands.enrolled)
    if stands.enrolled:
        number = counted(definition)
        balance = reading.balance(me.customer, now=me.at, unit=UNIT, programme=PROGRAMME)
        points = ahead(balance, zone=definition.zone_info)
        found = losses(points, tier=stands, today=today)
        best = reach(rewards_for(me.customer, programme=PROGRAMME, at=me.at)).best
        lines = reading.history(
            me.customer,
            now=me.at,
            language=current().language,
            unit=UNIT,
            programme=PROGRAMME,
            limit=_LAST,
        )
        page = Home(
            card=page.card,
            enrolled=True,
            points=number.number(points.active),
            unit=number.name,
            lines=points_lines(points, counted=number),
            money=tuple(
                (name_of(names), minor)
                for names, minor in reading.stored_value(
                    me.customer, definition=definition, now=me.at, programme=PROGRAMME
                )
            ),
            loss=loss_line(found[0], counted=number, today=today) if found else "",
            tier_lines=tier_lines(stands),
            promise=name_of(stands.says or {}),
            near=None if best is None else _near(best, number=number),
            entries=tuple(entries_of(lines, counted=number, waiting=to_come(me, lines=lines))),
            stamps=bool(definition.stamps),
            friends=definition.referral is not None,
            said=current().words.say(said) if said else "",
        )
    frame = frame_of(request, me=me, who=customer.name)
    return show(request, template="portal/home.html", page=page, frame=frame)


def _near(offer: RewardOffer, *, number: Counted) -> Near:
    return Near(
        name=name_of(offer.reward.names),
        cost=number.said(offer.reward.cost_points),
        url=resolve_url("my_reward", public_id("rwd", offer.reward.pk)),
        missing=why_not(offer, counted=number),
    )


@members
@require_safe
def card(request: HttpRequest, me: Me) -> HttpResponse:
    """Show the card alone, as large as the screen allows, for the till.

    Parameters
    ----------
    request, me
        Who asks.
    """
    customer = customers.get(me.customer)
    stands = reading.tier(me.customer, now=me.at, programme=PROGRAMME)
    page = card_of(customer, tier=name_of(stands.name or {}))
    frame = frame_of(request, me=me, who=customer.name)
    return show(request, template="portal/card.html", page=page, frame=frame)
