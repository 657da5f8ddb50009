"""Find the member who stands at the counter, or make one."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huitouke.language import N_, one_of
from huitouke.service.backoffice.acts import (
    Done,
    actor_of,
    done_once,
    failed,
    may,
    new_key,
    say,
)
from huitouke.service.backoffice.customers.naming import public
from huitouke.service.backoffice.customers.pages.acting import loaded
from huitouke.service.backoffice.customers.pages.listing import row_shown, tier_names
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.till.contexts import FindPage, NewPage, OrderRow
from huitouke.service.backoffice.till.forms import NewMemberForm
from huitouke.service.backoffice.till.parts import ShownRow
from huitouke.service.backoffice.till.shown import row_of
from huitouke.service.backoffice.till.telling import order_row
from huitouke.service.core import clock
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.customers import queries as people
from huitouke.service.customers.commands import IdentityTaken
from huitouke.service.customers.identity import IdentityInvalid
from huitouke.service.customers.wordings import WordingView, in_force
from huitouke.service.orders import queries as orders
from huitouke.service.programme.events.membership import enrol as enrol_member
from huitouke.service.programme.events.welcoming import Yes, welcome
from huitouke.service.programme.people.listing import Narrowed, ground_of, listed
from huitouke.service.programme.rewards.shown import (
    CouponShown,
    coupon_of,
    is_shaped,
    meant,
    parts_behind,
)
from huitouke.service.ui.pages import show
from huitouke.service.ui.reader import current

__all__ = ["enrol", "new_member", "till"]

_FOUND_MOST = 8
_TEXT_MOST = 200


@needs("till.use")
@require_safe
def till(request: HttpRequest) -> HttpResponse:
    """Find a member by what is typed or scanned; one found exactly is opened at once.

    Parameters
    ----------
    request
        ``GET``; ``q`` is a phone, a card, a QR text, a name, a coupon or the code of
        something that was redeemed, ``number`` an order's.
    """
    text = request.GET.get("q", "").strip()[:_TEXT_MOST]
    number = request.GET.get("number", "").strip()[:_TEXT_MOST]
    frame = frame_of(request)
    ground = ground_of(now=clock.now())
    shown = _shown(text, at=ground.now)
    coupon = coupon_of(text) if text else None
    if url := _opens(text, shown=shown, coupon=coupon):
        return HttpResponseRedirect(url)
    rows = []
    if text:
        narrowed = Narrowed(text)
        page = listed(narrowed, ground=ground, currency=frame.shop.currency, limit=_FOUND_MOST)
        rows = list(page.rows)
    known: tuple[OrderRow, ...] = ()
    if number:
        known = tuple(order_row(each) for each in orders.by_number(number))
        if len(known) == 1:
            return HttpResponseRedirect(known[0].url)
    tiers = tier_names(ground)
    page_shown = FindPage(
        text=text,
        found=tuple(row_shown(each, tiers=tiers, door="till_member") for each in rows),
        shown=shown,
        coupon="" if coupon is None else coupon.code,
        unknown_code=not (shown or rows or coupon) and is_shaped(text),
        number=number,
        orders=known,
        new_url=f"{reverse('till_new')}?{urlencode({'phone': text})}",
        may_enrol=may(request, "customers.enrol"),
    )
    template = "backoffice/till/find.html"
    return show(request, template=template, page=page_shown, frame=frame)


def _opens(text: str, *, shown: tuple[ShownRow, ...], coupon: CouponShown | None) -> str:
    """Return the page of what a text means exactly: a person, a redemption, a coupon."""
    found = people.meant(text) if text else None
    if found is not None:
        return reverse("till_member", args=[public(found)])
    if len(shown) == 1:
        return shown[0].url
    if coupon is None or coupon.customer is None:
        return ""
    there = reverse("till_member", args=[public_id("cus", coupon.customer)])
    return f"{there}?{urlencode({'codes': coupon.code})}"


def _shown(text: str, *, at: datetime) -> tuple[ShownRow, ...]:
    """Return what a text stands for as the code of something redeemed."""
    found = [(each, parts_behind(each)) for each in meant(text)] if text else []
    return tuple(row_of(each, part=parts[0], at=at) for each, parts in found if parts)


@needs("till.use", "customers.enrol")
@require_http_methods(["GET", "HEAD", "POST"])
def new_member(request: HttpRequest) -> HttpResponse:
    """Enter and enrol somebody at the counter.

    Parameters
    ----------
    request
        ``GET`` (``phone`` is filled in) or ``POST``.
    """
    wording = in_force()
    if request.method == "POST":
        form = NewMemberForm(request.POST, shown=wording.version)
        if form.is_valid():
            try:
                return done_once(request, lambda: _welcomed(request, form))
            except IdentityTaken as error:
                failed(form, error, field="phone")
            except IdentityInvalid:
                form.add_error("phone", say(N_("That is not a phone number.")))
            except ServiceError as error:
                failed(form, error)
        form.focus()
    else:
        phone = request.GET.get("phone", "")[:40]
        form = NewMemberForm(initial={"phone": phone}, shown=wording.version)
    page = NewPage(form, new_key(), *_asked(wording))
    return show(
        request,
        template="backoffice/till/new.html",
        page=page,
        frame=frame_of(request),
        status=422 if form.is_bound else 200,
    )


def _asked(wording: WordingView) -> tuple[str, str, str]:
    """Return what is asked, in the reader's language and in the other one."""
    other = "zh" if current().language == "en" else "en"
    own = one_of(wording.texts, language=current().language)
    return own, wording.texts.get(other, ""), "zh-Hans" if other == "zh" else "en"


def _welcomed(request: HttpRequest, form: NewMemberForm) -> Done:
    given = form.cleaned_data
    made = welcome(
        given["phone"],
        name=given["name"],
        said=[Yes(channel, "marketing", form.shown) for channel in form.said],
        at=clock.now(),
        actor=actor_of(request),
    )
    said = say(N_("Welcome! The next purchase earns points."))
    return Done(reverse("till_member", args=[public(made)]), said)


@needs("till.use", "customers.enrol")
@require_POST
def enrol(request: HttpRequest, key: str) -> HttpResponse:
    """Make the customer at the counter a member.

    Parameters
    ----------
    request
        ``POST``.
    key
        Public id of the customer.
    """
    customer = loaded(key)

    def act() -> Done:
        enrol_member(customer.pk, at=clock.now(), actor=actor_of(request))
        said = say(N_("Enrolled. The next purchase earns points."))
        return Done(reverse("till_member", args=[public(customer)]), said)

    return done_once(request, act)
