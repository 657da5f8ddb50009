"""The member at the counter: greeting, what may be lost, the sale."""

from __future__ import annotations

from typing import Any

from django.forms import BoundField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from huitouke.language import N_
from huitouke.service.backoffice.acts import (
    Done,
    actor_of,
    done_once,
    failed,
    may,
    new_key,
    say,
)
from huitouke.service.backoffice.customers.holding import stamps_shown, worth_of
from huitouke.service.backoffice.customers.naming import named, public
from huitouke.service.backoffice.customers.pages.acting import loaded
from huitouke.service.backoffice.customers.pages.person import person_of
from huitouke.service.backoffice.customers.standing import points_shown, tier_shown
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.till.contexts import MemberPage, OfferShown, Typed
from huitouke.service.backoffice.till.forms import SaleForm
from huitouke.service.backoffice.till.telling import (
    offers_shown,
    order_row,
    priced_shown,
    warnings_shown,
)
from huitouke.service.core import clock
from huitouke.service.core.errors import ServiceError
from huitouke.service.customers.models import Customer
from huitouke.service.orders import queries as orders
from huitouke.service.programme import queries as programme
from huitouke.service.programme.events.losing import before_losing
from huitouke.service.programme.events.reading import stored_value
from huitouke.service.programme.events.selling import Priced, price, sell
from huitouke.service.programme.people.conditions import Ground
from huitouke.service.programme.people.listing import ground_of
from huitouke.service.programme.rewards.holdings import holdings
from huitouke.service.programme.rewards.offers import rewards_for
from huitouke.service.ui.pages import show

__all__ = ["member", "sale"]

_ORDERS_MOST = 4
_OFFERS_MOST = 6


def _priced(form: SaleForm, *, customer: Customer, ground: Ground) -> Priced | None:
    """Return what the sale comes to; none before it can be told."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return price(form.basket(), customer=customer.pk, now=ground.now)
    except ServiceError as error:
        failed(form, error)
        return None


def _page(
    request: HttpRequest, *, customer: Customer, form: SaleForm, ground: Ground
) -> MemberPage:
    book = ground.rulebook
    priced = None if book is None else _priced(form, customer=customer, ground=ground)
    form.focus()
    stands = None if book is None else programme.tier(customer.pk, now=ground.now)
    tier = tier_shown(stands)
    has = points_shown(customer.pk, ground=ground)
    key = public(customer)
    offers: tuple[OfferShown, ...] = ()
    lost: tuple[Any, ...] = ()
    if book is not None:
        offers = offers_shown(
            rewards_for(customer.pk, programme=book.code, at=ground.now), customer=key
        )
        lost = before_losing(
            customer.pk,
            doing="serving" if priced is None else "selling",
            now=ground.now,
            quoted=None if priced is None else priced.quote,
            unit=ground.unit,
        )
    held = holdings(
        customer.pk,
        programme="main" if book is None else book.code,
        definition=None if book is None else book.now.definition,
        at=ground.now,
    )
    bought = orders.of_customer(customer.pk, limit=_ORDERS_MOST)
    return MemberPage(
        person=person_of(customer, tier=named(stands.name) if stands else ""),
        joined=customer.enrolled_at is not None,
        says="" if tier is None else tier.says,
        ways=() if tier is None else tier.ways,
        unit="" if has is None else has.unit,
        active=0 if has is None else has.active,
        pending=0 if has is None else has.pending,
        next_points=0 if has is None else has.next_points,
        next_through=None if has is None else has.next_through,
        money=()
        if book is None
        else tuple(
            (named(names), minor)
            for names, minor in stored_value(
                customer.pk, definition=book.now.definition, now=ground.now
            )
        ),
        warnings=warnings_shown(lost),
        form=form,
        priced=None if priced is None or book is None else priced_shown(priced, rules=book.now),
        key=new_key(),
        offers=offers[:_OFFERS_MOST],
        offers_all=len(offers),
        coupons=tuple(
            (each.code, worth_of(each.kind, each.value, currency=each.currency))
            for each in held.coupons
            if each.state == "open"
        ),
        cards=stamps_shown(held.cards),
        orders=tuple(order_row(each) for each in bought.orders),
        may_enrol=may(request, "customers.enrol"),
        enrol_key=new_key(),
        takes_points=book is not None and book.now.definition.burn is not None,
        amount=_typed(form["amount"]),
        goods=tuple(tuple(_typed(each) for each in row) for row in form.lines),
        has_goods=form.has_goods,
        sent=tuple((each.name, str(each.value())) for each in form if each.value()),
    )


def _typed(field: BoundField) -> Typed:
    value = field.value()
    return Typed(
        field.name,
        "" if value is None else str(value),
        " ".join(str(each) for each in field.errors),
    )


@needs("till.use")
@require_safe
def member(request: HttpRequest, key: str) -> HttpResponse:
    """Greet the member, and show what a sale would come to.

    Parameters
    ----------
    request
        ``GET``; with ``amount`` or goods, codes and points it is worked out.
    key
        Public id of the customer.
    """
    customer = loaded(key)
    if public(customer) != key:
        return HttpResponseRedirect(reverse("till_member", args=[public(customer)]))
    frame = frame_of(request)
    asked = request.GET if {"amount", "price1"} & request.GET.keys() else None
    form = SaleForm(asked, currency=frame.shop.currency, initial=request.GET.dict())
    page = _page(request, customer=customer, form=form, ground=ground_of(now=clock.now()))
    status = 422 if form.errors else 200
    return show(
        request, template="backoffice/till/member.html", page=page, frame=frame, status=status
    )


@needs("till.use")
@require_POST
def sale(request: HttpRequest, key: str) -> HttpResponse:
    """Record a sale, once for the key of its page.

    Parameters
    ----------
    request
        ``POST`` with the fields of the sale and ``key``.
    key
        Public id of the customer.
    """
    customer = loaded(key)
    frame = frame_of(request)
    form = SaleForm(request.POST, currency=frame.shop.currency)
    if form.is_valid():
        try:
            return done_once(request, lambda: _sold(request, form, customer=customer))
        except ServiceError as error:
            failed(form, error)
    page = _page(request, customer=customer, form=form, ground=ground_of(now=clock.now()))
    return show(
        request, template="backoffice/till/member.html", page=page, frame=frame, status=422
    )


def _sold(request: HttpRequest, form: SaleForm, *, customer: Customer) -> Done:
    """Record it; the last letters of the page's key number the order."""
    number = f"T{(request.POST.get('key') or new_key())[-12:].upper()}"
    told = sell(
        form.basket(),
        customer=customer.pk,
        number=number,
        at=clock.now(),
        actor=actor_of(request),
    )
    earned = sum(
        int(each.get("value", 0)) for each in told.effects if each["type"] == "points.earned"
    )
    text = N_("Sale recorded: {n} points earned.") if earned else N_("Sale recorded.")
    if earned == 1:
        text = N_("Sale recorded: 1 point earned.")
    return Done(reverse("till_order", args=[told.order]), say(text, n=earned))
