"""Another phone or e-mail: a code goes to the new one, and shows that it is the member's."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.views.decorators.http import require_http_methods, require_POST

from huitouke.language import N_
from huitouke.service.core.ids import public_id
from huitouke.service.customers import commands
from huitouke.service.customers import queries as customers
from huitouke.service.customers.commands import IdentityTaken
from huitouke.service.customers.masking import masked
from huitouke.service.customers.models import Identity
from huitouke.service.outreach.senders.choosing import sender_for
from huitouke.service.outreach.senders.contract import Message
from huitouke.service.portal.contexts.account import NewAddress
from huitouke.service.portal.door import frame_of, members, see
from huitouke.service.portal.pages.signing import (
    address_label,
    read_address,
    send_code,
    with_asked,
)
from huitouke.service.portal.shop import shop
from huitouke.service.portal.signing import codes, limits, posting
from huitouke.service.portal.signing.reaching import KINDS, reachable
from huitouke.service.portal.signing.sessions import Me
from huitouke.service.ui.pages import show
from huitouke.service.ui.reader import current

__all__ = ["address", "send_address_code"]


def _purpose(me: Me) -> str:
    """Return what such a code is good for: nobody else adds what was sent to it."""
    return f"address:{public_id('cus', me.customer)}"


def _asked(request: HttpRequest, me: Me) -> codes.Asked | None:
    """Return to which address this browser had a code sent for this member."""
    asked = codes.read(request.COOKIES.get(settings.MEMBERS.asked_cookie, ""))
    return asked if asked is not None and asked.purpose == _purpose(me) else None


@members
@require_POST
def send_address_code(request: HttpRequest, me: Me) -> HttpResponse:
    """Send a code to the new address, whoever may have it by now.

    Parameters
    ----------
    request, me
        Who asks; ``POST`` with ``address``.
    """
    typed = request.POST.get("address", "").strip()
    pair, wrong = read_address(typed)
    if pair is None:
        return _shown(request, me, typed=typed, wrong=wrong)
    limits.take_ask(request)
    asked = send_code(pair, known_only=False, purpose=_purpose(me))
    return with_asked(see(resolve_url("my_address")), asked)


@members
@require_http_methods(["GET", "POST"])
def address(request: HttpRequest, me: Me) -> HttpResponse:
    """Ask for a new address and its code; the right code adds it.

    Parameters
    ----------
    request, me
        Who asks; ``POST`` with ``code``, and ``replaces`` for one that goes.
    """
    if request.method != "POST":
        return _shown(request, me)
    asked, say = _asked(request, me), current().words.say
    if asked is None:
        return _shown(request, me, code_wrong=say(N_("Have a code sent first.")))
    limits.take_guess(request, address=f"{asked.kind}:{asked.value}")
    digits = "".join(each for each in request.POST.get("code", "") if each.isalnum())
    if not codes.try_code(asked, code=digits[:12]):
        wrong = say(
            N_("This code does not open: mistyped, older than {minutes} minutes, or used."),
            minutes=codes.MINUTES,
        )
        return _shown(request, me, code_wrong=wrong)
    return _added(request, me, asked=asked)


def _added(request: HttpRequest, me: Me, *, asked: codes.Asked) -> HttpResponse:
    """Add the address; where it cannot be, the words do not tell why."""
    own = _own(me)
    replaced = next(
        (each for each in own if str(each.pk) == request.POST.get("replaces")), None
    )
    before = reachable(me.customer)
    try:
        commands.show_address(
            me.customer,
            kind=asked.kind,
            value=asked.value,
            replaces=replaced,
            at=me.at,
            actor=me.actor,
        )
    except IdentityTaken:
        wrong = current().words.say(
            N_("This cannot be noted here. Show it at the till, or ask the shop.")
        )
        return with_asked(_shown(request, me, code_wrong=wrong), None)
    _warn(before, asked=asked)
    return with_asked(see(resolve_url("my_me") + "?said=address#known"), None)


def _warn(before: list[Identity], *, asked: codes.Asked) -> None:
    """Tell the address of before, so that nobody takes a membership over unseen."""
    others = [each for each in before if (each.kind, each.value) != (asked.kind, asked.value)]
    sender = sender_for(others[0].kind) if others else None
    if sender is None:
        return
    say, name = current().words.say, shop().name
    text = say(
        N_("{new} now opens your membership of {shop}. If that was not you, tell the shop."),
        new=masked(asked.kind, asked.value),
        shop=name,
    )
    subject = say(N_("Your membership of {shop}"), shop=name)
    posting.post(sender, message=Message(to=others[0].value, subject=subject, text=text))


def _own(me: Me) -> list[Identity]:
    known = customers.get(me.customer).identities.all()
    return sorted(
        (each for each in known if each.kind in KINDS), key=lambda each: (each.kind, each.value)
    )


def _shown(
    request: HttpRequest, me: Me, *, typed: str = "", wrong: str = "", code_wrong: str = ""
) -> HttpResponse:
    asked, say = _asked(request, me), current().words.say
    replaces = [("", say(N_("None: keep all")))]
    replaces += [(str(each.pk), masked(each.kind, each.value)) for each in _own(me)]
    page = NewAddress(
        label=address_label(),
        typed=typed,
        wrong=wrong,
        to="" if asked is None else masked(asked.kind, asked.value),
        minutes=codes.MINUTES,
        replaces=tuple(replaces),
        code_wrong=code_wrong,
    )
    return show(
        request,
        template="portal/address.html",
        page=page,
        frame=frame_of(request, me=me, who=customers.get(me.customer).name),
        status=422 if wrong or code_wrong else 200,
    )
