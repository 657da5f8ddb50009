"""An order at the counter: what it was, and how it comes back, by lines or whole."""

from __future__ import annotations

from collections.abc import Mapping

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
from huitouke.service.backoffice.customers.orders import (
    customer_of,
    order_loaded,
    order_shown,
    pieces_said,
    sentences,
)
from huitouke.service.backoffice.customers.pages.person import person_of
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.till.contexts import OrderPage, RefundPage
from huitouke.service.backoffice.till.parts import Warning
from huitouke.service.backoffice.till.pieces import Asked, asked, goods
from huitouke.service.backoffice.till.telling import warnings_shown
from huitouke.service.core import clock
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import private_id, public_id
from huitouke.service.orders.models import Order, Refund
from huitouke.service.orders.returning import coming_back, is_all, ways_gone
from huitouke.service.programme.events.facts import FACT, FactBase
from huitouke.service.programme.events.losing import before_losing, rehearsed
from huitouke.service.programme.events.record import record
from huitouke.service.programme.events.results import FactResult
from huitouke.service.programme.events.selling import SOURCE, ReturnNotRecorded
from huitouke.service.ui.pages import show
from huitouke.service.ui.reader import current

__all__ = ["order", "take_back"]


def _order_page(found: Order, *, said: Asked | None = None) -> OrderPage:
    customer = customer_of(found)
    key = public_id("ord", found.id)
    lines = goods(found, said=said)
    back = any(each.left_minor for each in lines)
    person = None if customer is None else person_of(customer)
    return OrderPage(
        order=order_shown(found),
        lines=lines,
        person=person,
        member_url="" if person is None else reverse("till_member", args=[person.key]),
        refund_url=reverse("till_return", args=[key]) if back else "",
    )


@needs("till.use")
@require_safe
def order(request: HttpRequest, key: str) -> HttpResponse:
    """Show an order: the receipt after a sale, the way to a return.

    Parameters
    ----------
    request
        ``GET``.
    key
        Public id of the order.
    """
    page = _order_page(order_loaded(key))
    template = "backoffice/till/order.html"
    return show(request, template=template, page=page, frame=frame_of(request))


def _lines(found: Order, said: Asked) -> Mapping[int, int | None]:
    """Return what comes back by line; none at all is everything that is left."""
    return {} if said.whole or is_all(found, lines=said.lines) else said.lines


def _fact(found: Order, *, name: str, said: Asked, reason: str) -> FactBase:
    """Return the return as a till tells it."""
    lines: list[dict[str, object]] = []
    for position, quantity_e3 in _lines(found, said).items():
        part = {} if quantity_e3 is None else {"quantity": pieces_said(quantity_e3)}
        lines.append({"position": position, **part})
    return FACT.validate_python(
        {
            "type": "order.refunded",
            "source": SOURCE,
            "source_id": f"return:{name}",
            "occurred_at": clock.now(),
            "order": {
                "number": found.number,
                "source": found.source,
                "lines": lines,
                "reason": reason,
            },
        }
    )


def _tried(
    request: HttpRequest, found: Order, *, said: Asked
) -> tuple[FactResult, tuple[Warning, ...]]:
    """Say what the return would do, without doing it."""
    fact = _fact(found, name=new_key(), said=said, reason="")
    told = rehearsed(fact, actor=actor_of(request))
    customer = customer_of(found)
    lost: tuple[Warning, ...] = ()
    if customer is not None and told.status == "done":
        losses = before_losing(customer.pk, doing="refunding", now=clock.now(), returned=told)
        lost = warnings_shown(losses)
    return told, lost


@needs("till.use")
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: HttpRequest, key: str) -> HttpResponse:
    """Choose what comes back and how much of it, see what that does, and record it once.

    Parameters
    ----------
    request
        ``GET`` with ``line`` (several), ``pieces1``, ``pieces2`` … or ``whole``, or ``POST``
        with the same and ``key``.
    key
        Public id of the order.
    """
    found = order_loaded(key)
    given = request.POST if request.method == "POST" else request.GET
    wrong = ""
    if request.method == "POST":
        said = asked(given, order=found, within=False)
        if not said.chosen and not said.wrong:
            wrong = say(N_("Choose what comes back."))
        elif not said.wrong:
            try:
                return done_once(request, lambda: _returned(request, found, said=said))
            except ServiceError as error:
                wrong = explain(error)
    said = asked(given, order=found, within=True)
    misread = bool(said.wrong)
    wrong = "" if misread else wrong
    effects: tuple[str, ...] = ()
    lost: tuple[Warning, ...] = ()
    if said.chosen and not wrong and not misread:
        told, lost = _tried(request, found, said=said)
        effects = sentences(told.effects)
        if told.status in {"invalid", "refused"}:
            wrong = explain(
                ReturnNotRecorded(because=told.says or {"en": told.code, "zh": told.code})
            )
    page = RefundPage(
        order=_order_page(found, said=said),
        back_url=reverse("till_order", args=[key]),
        back=coming_back(found, lines=_lines(found, said))
        if said.chosen and not misread
        else None,
        effects=effects,
        warnings=lost,
        key=new_key(),
        whole=said.whole,
        wrong=wrong,
    )
    return show(
        request,
        template="backoffice/till/return.html",
        page=page,
        frame=frame_of(request),
        status=422 if wrong or misread else 200,
    )


def _returned(request: HttpRequest, found: Order, *, said: Asked) -> Done:
    name = request.POST.get("key", "")[:60] or new_key()
    reason = request.POST.get("reason", "").strip()[:200]
    told = record([_fact(found, name=name, said=said, reason=reason)], actor=actor_of(request))[
        0
    ]
    if told.status in {"invalid", "refused"}:
        raise ReturnNotRecorded(because=told.says or {"en": told.code, "zh": told.code})
    # Read after it was recorded, under the lock that this took: so it is exact.
    refund = Refund.objects.select_related("order").get(pk=private_id("ref", told.refund or ""))
    back = ways_gone(refund)
    url = reverse("till_order", args=[public_id("ord", found.id)])
    if not back.money_minor:
        return Done(url, say(N_("Return recorded. No money is to be given back.")))
    amount = current().money(back.money_minor, currency=found.currency)
    return Done(url, say(N_("Return recorded. Give {amount} back."), amount=amount))
