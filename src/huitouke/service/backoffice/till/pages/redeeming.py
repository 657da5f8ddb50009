"""Rewards for points: all that there are, and one of them handed over at the counter."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from huitouke.language import N_
from huitouke.service.backoffice.acts import (
    Done,
    actor_of,
    done_once,
    explain,
    new_key,
    say,
)
from huitouke.service.backoffice.customers.naming import named, public
from huitouke.service.backoffice.customers.pages.acting import loaded
from huitouke.service.backoffice.customers.pages.person import person_of
from huitouke.service.backoffice.customers.standing import points_shown, unit_name
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.till.contexts import RedeemPage, RewardsPage
from huitouke.service.backoffice.till.telling import offer_shown, offers_shown, warnings_shown
from huitouke.service.core import clock
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import private_id, public_id
from huitouke.service.customers.models import Customer
from huitouke.service.programme.events.losing import before_losing
from huitouke.service.programme.people.listing import ground_of
from huitouke.service.programme.rewards.counter import hand_over
from huitouke.service.programme.rewards.offers import RewardOffer, rewards_for
from huitouke.service.programme.rewards.refusals import RewardUnknown
from huitouke.service.programme.versions.queries import NothingPublished
from huitouke.service.ui.pages import show

__all__ = ["reward", "rewards"]

_PROGRAMME = "main"
_TEXT_MOST = 100


@needs("till.use")
@require_safe
def rewards(request: HttpRequest, key: str) -> HttpResponse:
    """Show all rewards as a member sees them, or those with a text in their name.

    Parameters
    ----------
    request
        ``GET``, with ``q`` to look for.
    key
        Public id of the customer.
    """
    customer = loaded(key)
    text = request.GET.get("q", "").strip()[:_TEXT_MOST]
    offers = rewards_for(customer.pk, programme=_PROGRAMME, at=clock.now())
    page = RewardsPage(
        person=person_of(customer),
        back_url=reverse("till_member", args=[public(customer)]),
        text=text,
        offers=offers_shown(offers, customer=public(customer), like=text),
    )
    return show(
        request, template="backoffice/till/rewards.html", page=page, frame=frame_of(request)
    )


def _page(
    customer: Customer, *, offers: tuple[RewardOffer, ...], offer: RewardOffer, wrong: str
) -> RedeemPage:
    ground = ground_of(now=clock.now())
    if ground.rulebook is None:
        raise NothingPublished(programme=_PROGRAMME, at=ground.now.isoformat())
    has = points_shown(customer.pk, ground=ground)
    active = 0 if has is None else has.active
    cost = offer.reward.cost_points
    lost = before_losing(
        customer.pk,
        doing="redeeming",
        now=ground.now,
        spends=cost,
        offers=offers,
        unit=offer.reward.unit,
    )
    key = public(customer)
    return RedeemPage(
        person=person_of(customer),
        back_url=reverse("till_member", args=[key]),
        offer=offer_shown(offer, customer=key),
        unit=unit_name(ground.rulebook.now, offer.reward.unit),
        active=active,
        left=max(0, active - cost),
        warnings=warnings_shown(lost),
        key=new_key(),
        wrong=wrong,
    )


@needs("till.use")
@require_http_methods(["GET", "HEAD", "POST"])
def reward(request: HttpRequest, key: str, reward: str) -> HttpResponse:
    """Show a reward before it is redeemed, and redeem it.

    Parameters
    ----------
    request
        ``GET`` or ``POST``.
    key
        Public id of the customer.
    reward
        Public id of the reward.
    """
    customer = loaded(key)
    wanted = private_id("rwd", reward)
    wrong = ""
    if request.method == "POST":
        try:
            return done_once(request, lambda: _handed_over(request, customer, wanted))
        except ServiceError as error:
            wrong = explain(error)
    offers = tuple(rewards_for(customer.pk, programme=_PROGRAMME, at=clock.now()))
    offer = next((each for each in offers if each.reward.id == wanted), None)
    if offer is None:
        raise RewardUnknown(reward=public_id("rwd", wanted))
    page = _page(customer, offers=offers, offer=offer, wrong=wrong)
    return show(
        request,
        template="backoffice/till/redeem.html",
        page=page,
        frame=frame_of(request),
        status=422 if wrong else 200,
    )


def _handed_over(request: HttpRequest, customer: Customer, wanted: UUID) -> Done:
    made = hand_over(
        customer.pk,
        reward=wanted,
        key=f"till:{request.POST.get('key', '')[:60]}",
        at=clock.now(),
        actor=actor_of(request),
    )
    name = named(made.reward.names) if made.reward else ""
    text = N_("{reward}: redeemed for {n} points. Hand it over.")
    if made.code:
        text = N_("{reward}: redeemed for {n} points. The code is {code}.")
    said = say(text, reward=name, n=made.points, code=made.code)
    return Done(reverse("till_member", args=[public(customer)]), said)
