"""Joining: by oneself, or invited by a friend."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.views.decorators.http import require_http_methods, require_safe

from huitouke.language import N_
from huitouke.service.core import clock
from huitouke.service.customers import queries as customers
from huitouke.service.customers.details import DetailInvalid
from huitouke.service.customers.masking import masked
from huitouke.service.customers.wordings import WordingView, in_force
from huitouke.service.portal.contexts.account import Invited, Joining
from huitouke.service.portal.door import anybody, frame_of, see
from huitouke.service.portal.pages.signing import with_asked
from huitouke.service.portal.shop import PROGRAMME, counted, rules_of
from huitouke.service.portal.signing import codes, sessions
from huitouke.service.portal.wordings import text_of, ways_of
from huitouke.service.programme.mine.friends import is_code
from huitouke.service.programme.mine.joining import Said, join
from huitouke.service.programme.rewards.code_text import is_well_formed, plain
from huitouke.service.programme.rules.benefits import one_breath
from huitouke.service.ui.pages import show
from huitouke.service.ui.reader import current

__all__ = ["invited", "joining"]

_INVITE = "huitouke_my_invite"
_WEEK_SECONDS = 7 * 86_400
_NAME_MOST = 200


@anybody("who has shown a code sent to their address joins here")
@require_http_methods(["GET", "POST"])
def joining(request: HttpRequest) -> HttpResponse:
    """Let somebody join.

    Parameters
    ----------
    request
        ``GET``, or ``POST`` with ``name`` and ``agreed``.
    """
    me = sessions.me_of(request)
    asked = codes.read(request.COOKIES.get(settings.MEMBERS.asked_cookie, ""))
    proved = asked if asked is not None and asked.purpose == "sign_in" else None
    may = settings.MEMBERS.join and proved is not None and codes.proof(proved, use=False)
    if me is None and not may:
        return see(resolve_url("my_sign_in"))
    name, wrong, agreed_wrong = request.POST.get("name", "").strip(), "", ""
    words, say = in_force(), current().words.say
    if request.method == "POST" and _agreed(request, words) is None:
        agreed_wrong = say(N_("The words have changed meanwhile. Please read them once more."))
    elif request.method == "POST":
        try:
            return _joined(
                request, me, None if me else proved, name=name[:_NAME_MOST], words=words
            )
        except DetailInvalid:
            wrong = say(N_("This name cannot be kept. Write it without breaks."))
    rules, _ = rules_of(clock.now())
    channel = _channel(me, proved)
    page = Joining(
        to="" if me or proved is None else masked(proved.kind, proved.value),
        promise=one_breath(rules.definition, tier=None, language=current().language),
        channel=channel,
        wording=text_of(words),
        version=words.version,
        name=name,
        wrong=wrong,
        agreed_wrong=agreed_wrong,
        invited=_invite(request) != "",
    )
    return show(
        request,
        template="portal/join.html",
        page=page,
        frame=frame_of(request),
        status=422 if wrong or agreed_wrong else 200,
    )


def _agreed(request: HttpRequest, words: WordingView) -> bool | None:
    """Return whether the box was ticked; none: beside words that are not shown any more."""
    if not request.POST.get("agreed"):
        return False
    return True if request.POST.get("version") == words.version else None


def _channel(me: sessions.Me | None, proved: codes.Asked | None) -> str:
    """Return by which way the shop could reach who joins; empty: by none."""
    if me is not None:
        kinds = {each.kind for each in customers.get(me.customer).identities.all()}
    else:
        kinds = set() if proved is None else {proved.kind}
    return next(iter(ways_of(kinds)), "")


def _invite(request: HttpRequest) -> str:
    code = plain(request.COOKIES.get(_INVITE, ""))
    return code if is_well_formed(code) else ""


def _joined(
    request: HttpRequest,
    me: sessions.Me | None,
    proved: codes.Asked | None,
    *,
    name: str,
    words: WordingView,
) -> HttpResponse:
    home = resolve_url("my_home") + "?said=joined"
    at, channel = clock.now(), _channel(me, proved)
    agreed = _agreed(request, words) and channel
    # What cannot be kept leaves the proof as it was, for another try.
    with transaction.atomic():
        if proved is not None and not codes.proof(proved, use=True):
            return see(resolve_url("my_home"))  # Sent twice: the first one did it.
        customer = join(
            customer=me.customer if me else None,
            identity=(proved.kind, proved.value) if proved else None,
            name=name,
            language=current().language,
            consents=[Said(channel, "marketing", words.version)] if agreed else [],
            source="my/join",
            at=at,
            programme=PROGRAMME,
            referral_code=_invite(request),
        )
    response = see(home)
    response.delete_cookie(_INVITE)
    if proved is not None:
        sessions.begin(request, with_asked(response, None), customer=customer, at=at)
    return response


@anybody("a friend's invitation is open to whoever has it")
@require_safe
def invited(request: HttpRequest, code: str) -> HttpResponse:
    """Show what a friend's invitation is about, and keep its code for joining.

    Parameters
    ----------
    request
        ``GET``.
    code
        As it stands in the link.
    """
    rules, _ = rules_of(clock.now())
    terms = rules.definition.referral
    good = terms is not None and is_code(code[:60], programme=PROGRAMME)
    points = terms.friend_points if terms is not None and good else 0
    page = Invited(
        promise=one_breath(rules.definition, tier=None, language=current().language),
        present=counted(rules.definition).said(points) if points else "",
        least_minor=terms.least_order_minor if terms is not None else 0,
    )
    answer = show(request, template="portal/invited.html", page=page, frame=frame_of(request))
    if good:
        answer.set_cookie(
            _INVITE,
            plain(code),
            max_age=_WEEK_SECONDS,
            secure=settings.MEMBERS.https,
            httponly=True,
            samesite="Lax",
        )
    return answer
