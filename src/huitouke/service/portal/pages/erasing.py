"""Being forgotten: what goes is said first, then it is typed, and a code is asked once more."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.views.decorators.http import require_http_methods, require_POST

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.customers import queries as customers
from huitouke.service.customers.masking import masked
from huitouke.service.portal.contexts.account import Erasing
from huitouke.service.portal.door import frame_of, members, see
from huitouke.service.portal.pages.signing import send_code, with_asked
from huitouke.service.portal.shop import PROGRAMME, UNIT, Counted, counted, rules_of
from huitouke.service.portal.signing import codes, limits, sessions
from huitouke.service.portal.signing.reaching import reachable
from huitouke.service.portal.signing.sessions import Me
from huitouke.service.programme import commands as programme
from huitouke.service.programme import queries as programme_queries
from huitouke.service.ui.pages import show
from huitouke.service.ui.reader import current

__all__ = ["NoWayToAsk", "erasing", "send_erase_code"]

_PURPOSE = "erase"
#: What has to be typed, in the language of the page.
_WORD = N_("forget me")


class NoWayToAsk(ServiceError):
    """No code can be sent to the member any more."""

    code = "portal.no_way_to_ask"
    status = 409
    says = N_("There is no phone or e-mail to which a code can be sent.")
    remedy = N_("Ask the shop to forget you; they can do it at the desk.")


def _address(me: Me) -> tuple[str, str]:
    """Return where a code goes: one the member has shown to be theirs, before all others."""
    own = reachable(me.customer)
    if not own:
        raise NoWayToAsk
    return own[0].kind, own[0].value


def _asked(request: HttpRequest, pair: tuple[str, str]) -> codes.Asked | None:
    """Return what this browser asked for, if it was this."""
    asked = codes.read(request.COOKIES.get(settings.MEMBERS.asked_cookie, ""))
    if asked is None or asked.purpose != _PURPOSE or (asked.kind, asked.value) != pair:
        return None
    return asked


@members
@require_POST
def send_erase_code(request: HttpRequest, me: Me) -> HttpResponse:
    """Send the code that confirms it.

    Parameters
    ----------
    request, me
        Who asks.
    """
    limits.take_ask(request)
    asked = send_code(_address(me), known_only=True, purpose=_PURPOSE)
    return with_asked(see(resolve_url("my_erase")), asked)


@members
@require_http_methods(["GET", "POST"])
def erasing(request: HttpRequest, me: Me) -> HttpResponse:
    """Say what goes, and forget the member who typed it and has the code.

    Parameters
    ----------
    request, me
        Who asks; ``POST`` with ``typed`` and ``code``.
    """
    pair = _address(me)
    asked = _asked(request, pair)
    say = current().words.say
    word, typed, wrong, code_wrong = say(_WORD), "", "", ""
    if request.method == "POST":
        typed = request.POST.get("typed", "").strip()
        digits = "".join(each for each in request.POST.get("code", "") if each.isalnum())
        if typed.casefold() != word.casefold():
            wrong = say(N_("Type the words exactly as they stand above."))
        elif asked is None:
            code_wrong = say(N_("Have a code sent first."))
        else:
            limits.take_guess(request, address=f"{asked.kind}:{asked.value}")
            if codes.try_code(asked, code=digits[:12]):
                return _forgotten(request, me)
            code_wrong = say(
                N_("This code does not open: mistyped, older than {minutes} minutes, or used."),
                minutes=codes.MINUTES,
            )
    page = Erasing(
        lost=_lost(me),
        to=masked(*pair),
        sent=asked is not None,
        word=word,
        typed=typed,
        wrong=wrong,
        code_wrong=code_wrong,
    )
    return show(
        request,
        template="portal/erase.html",
        page=page,
        frame=frame_of(request, me=me, who=customers.get(me.customer).name),
        status=422 if wrong or code_wrong else 200,
    )


def _lost(me: Me) -> tuple[str, ...]:
    definition = rules_of(me.at)[0].definition
    found = []
    for left in programme_queries.left_behind(me.customer):
        code = left.unit.removeprefix(f"{PROGRAMME}.")
        unit = definition.unit(code)
        number = (
            counted(definition)
            if unit is None or code == UNIT
            else Counted(unit.name.said(current().language), unit.scale)
        )
        found.append(number.said(left.active + left.pending + left.held))
    return tuple(found)


def _forgotten(request: HttpRequest, me: Me) -> HttpResponse:
    """Forget the member: the page has just said what is lost, and they typed it."""
    programme.erase(me.customer, at=me.at, actor=me.actor, warned_at=me.at)
    response = see(resolve_url("my_sign_in") + "?said=erased")
    sessions.end(request, response)
    return with_asked(response, None)
