"""Coming in and going out: a phone or an e-mail, then a code that was sent to it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.views.decorators.http import require_http_methods, require_POST

from huitouke.language import N_
from huitouke.service.core import clock
from huitouke.service.customers import queries as customers
from huitouke.service.customers.identity import IdentityInvalid, normalise
from huitouke.service.customers.masking import masked
from huitouke.service.outreach.senders.choosing import sender_for
from huitouke.service.outreach.senders.contract import Message
from huitouke.service.portal.contexts.account import Code, SignIn
from huitouke.service.portal.door import anybody, frame_of, inside, members, see
from huitouke.service.portal.shop import shop
from huitouke.service.portal.signing import codes, limits, posting, sessions
from huitouke.service.portal.signing.reaching import kinds_sent_to
from huitouke.service.programme.mine.joining import come_in
from huitouke.service.ui.pages import show
from huitouke.service.ui.reader import current

__all__ = [
    "address_label",
    "code",
    "read_address",
    "send_code",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
    "with_asked",
]

_ASKED_PATH_SECONDS = 60 * (codes.MINUTES + 30)
_EXAMPLES = {
    ("phone", "email"): N_("Phone number or e-mail"),
    ("phone",): N_("Phone number"),
    ("email",): N_("E-mail"),
}


_SAID = {
    "out": N_("You are signed out. See you soon."),
    "everywhere": N_("You are signed out on every device."),
    "erased": N_("You are forgotten here: your name, addresses and points are gone."),
}


def address_label() -> str:
    """Return what is asked for where codes are sent; empty: none can be sent from here."""
    kinds = kinds_sent_to()
    return current().words.say(_EXAMPLES[kinds]) if kinds else ""


@anybody("the way in")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for a phone or an e-mail, and send a code to it if somebody has it.

    Parameters
    ----------
    request
        ``GET``, or ``POST`` with ``address`` and ``next``.
    """
    asked: Any = request.POST if request.method == "POST" else request.GET
    wanted = inside(asked.get("next", ""))
    if sessions.me_of(request) is not None:
        return see(wanted)
    wrong, address = "", asked.get("address", "").strip()
    if request.method == "POST":
        pair, wrong = read_address(address)
        if pair is not None:
            limits.take_ask(request)
            kept = send_code(pair, known_only=not settings.MEMBERS.join)
            return with_asked(see(_with_next("my_code", wanted)), kept)
    page = SignIn(
        label=address_label(),
        address=address,
        wrong=wrong,
        next=wanted,
        joins=settings.MEMBERS.join,
        said=current().words.say(_SAID[request.GET["said"]])
        if request.GET.get("said") in _SAID
        else "",
    )
    return show(
        request,
        template="portal/sign_in.html",
        page=page,
        frame=frame_of(request),
        status=422 if wrong else 200,
    )


def read_address(address: str) -> tuple[tuple[str, str] | None, str]:
    """Return what somebody typed as an identity, or what is wrong with it.

    Parameters
    ----------
    address
        A phone or an e-mail.
    """
    say = current().words.say
    kind = "email" if "@" in address else "phone"
    try:
        value = normalise(kind, address)
    except IdentityInvalid:
        return None, say(N_("This is not a phone number or e-mail. Look it over once more."))
    if sender_for(kind) is None:
        if kind == "phone":
            return None, say(N_("Codes are sent by e-mail here. Give your e-mail address."))
        return None, say(N_("Codes are sent to phones here. Give your phone number."))
    return (kind, value), ""


def send_code(
    pair: tuple[str, str], *, known_only: bool, purpose: str = "sign_in"
) -> codes.Asked:
    """Make a code for an address and send it; whether it was sent is told to nobody.

    Parameters
    ----------
    pair
        Kind and value, in their one spelling.
    known_only
        Send it only where somebody is known by the address.
    purpose
        What the code is good for.

    Returns
    -------
    Asked
        What the browser shall keep.
    """
    kind, value = pair
    asked, code = codes.ask(kind, value, at=clock.now(), purpose=purpose)
    may = limits.may_send(f"{kind}:{value}")
    known = pair in customers.resolve([pair])
    sender = sender_for(kind)
    # It is written in any case, so that both take the same time.
    message = _message(value, code=code)
    if may and (known or not known_only) and sender is not None:
        posting.post(sender, message=message)
    return asked


def _message(to: str, *, code: str) -> Message:
    say, name = current().words.say, shop().name
    text = say(
        N_(
            "{code} is your code for {shop}. It is good for {minutes} minutes; "
            "give it to nobody."
        ),
        code=code,
        shop=name,
        minutes=codes.MINUTES,
    )
    return Message(to=to, subject=say(N_("Your code for {shop}"), shop=name), text=text)


def with_asked(response: HttpResponse, asked: codes.Asked | None) -> HttpResponse:
    """Have the browser keep what it asked for, or forget it.

    Parameters
    ----------
    response
        An answer.
    asked
        None: forget.
    """
    ours = settings.MEMBERS
    response.set_cookie(
        ours.asked_cookie,
        asked.sealed() if asked else "",
        max_age=_ASKED_PATH_SECONDS if asked else 0,
        secure=ours.https,
        httponly=True,
        samesite="Lax",
    )
    return response


def _with_next(name: str, wanted: str) -> str:
    there = resolve_url(name)
    if wanted == resolve_url("my_home"):
        return there
    return there + "?" + urlencode({"next": wanted})


@anybody("the way in")
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code that was sent; the right one opens the door.

    Parameters
    ----------
    request
        ``GET``, or ``POST`` with ``code`` and ``next``.
    """
    given: Any = request.POST if request.method == "POST" else request.GET
    wanted = inside(given.get("next", ""))
    asked = codes.read(request.COOKIES.get(settings.MEMBERS.asked_cookie, ""))
    if asked is None or asked.purpose != "sign_in":
        return see(_with_next("my_sign_in", wanted))
    wrong = ""
    if request.method == "POST":
        digits = "".join(letter for letter in given.get("code", "") if letter.isalnum())
        limits.take_guess(request, address=f"{asked.kind}:{asked.value}")
        if codes.try_code(asked, code=digits[:12]):
            return _opened(request, asked, wanted=wanted)
        wrong = current().words.say(
            N_("This code does not open: mistyped, older than {minutes} minutes, or used."),
            minutes=codes.MINUTES,
        )
    page = Code(
        to=masked(asked.kind, asked.value), minutes=codes.MINUTES, wrong=wrong, next=wanted
    )
    return show(
        request,
        template="portal/code.html",
        page=page,
        frame=frame_of(request),
        status=422 if wrong else 200,
    )


def _opened(request: HttpRequest, asked: codes.Asked, *, wanted: str) -> HttpResponse:
    """Let in who is known; lead others on to joining, where the shop lets them."""
    at = clock.now()
    customer = come_in((asked.kind, asked.value), at=at)
    if customer is None:
        return see(resolve_url("my_join" if settings.MEMBERS.join else "my_sign_in"))
    response = with_asked(see(wanted), None)
    sessions.begin(request, response, customer=customer, at=at)
    return response


@members
@require_POST
def sign_out(request: HttpRequest, me: sessions.Me) -> HttpResponse:
    """Sign this browser out.

    Parameters
    ----------
    request, me
        Who.
    """
    del me
    response = see(resolve_url("my_sign_in") + "?said=out")
    sessions.end(request, response)
    return response


@members
@require_POST
def sign_out_everywhere(request: HttpRequest, me: sessions.Me) -> HttpResponse:
    """Sign a member out of every browser.

    Parameters
    ----------
    request, me
        Who.
    """
    sessions.end_all(me)
    response = see(resolve_url("my_sign_in") + "?said=everywhere")
    sessions.end(request, response)
    return response
