"""Me: who I am here, what I said yes to, my data, signing out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.views.decorators.http import require_POST, require_safe

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.customers import commands
from huitouke.service.customers import queries as customers
from huitouke.service.customers.consenting import deciding
from huitouke.service.customers.details import DetailInvalid
from huitouke.service.customers.masking import masked
from huitouke.service.customers.models import Consent
from huitouke.service.customers.wordings import WordingView, in_force, known
from huitouke.service.portal.contexts.account import Analysed, Choice, Known, MyPage
from huitouke.service.portal.door import frame_of, members, see
from huitouke.service.portal.pages.wishes import wishes_of
from huitouke.service.portal.shop import rules_of
from huitouke.service.portal.signing.sessions import Me
from huitouke.service.portal.wordings import OFFERED, text_of, ways_of
from huitouke.service.programme.mine.joining import BirthdayKnown, set_birthday
from huitouke.service.ui.pages import show
from huitouke.service.ui.reader import current

__all__ = ["ChoiceNotOffered", "consent", "data", "name", "page_of_me", "profiling"]

_SOURCE = "my/me"
_CHANNELS = {
    "sms": N_("Text message"),
    "email": N_("E-mail"),
    "wechat": N_("WeChat"),
    "phone": N_("Phone call"),
    "push": N_("Push message"),
    "post": N_("Letter"),
}
_PURPOSES = {
    "marketing": N_("Offers and news"),
    "service": N_("About my orders"),
    "survey": N_("Asking how it was"),
}
_KINDS = {
    "phone": N_("Phone"),
    "email": N_("E-mail"),
    "card": N_("Member card"),
    "external": N_("Number in the shop"),
    "wechat_openid": N_("WeChat"),
    "wechat_unionid": N_("WeChat"),
    "marketplace": N_("Marketplace"),
}
_SAID = {
    "saved": N_("Kept. This is what we know of you now."),
    "withdrawn": N_("Withdrawn. From now on we will not reach you this way for it."),
    "given": N_("Thank you. You can withdraw it here at any time."),
    "refused": N_("Kept. We will not reach you this way for it."),
    "changed": N_("The words have changed meanwhile. Please read them once more."),
    "objected": N_("Kept. From now on nothing is worked out about you."),
    "analysed": N_("Kept. You can object again at any time."),
    "address": N_("Noted: it is yours, and opens your membership."),
    "wished": N_("Kept. The shop sees it beside what you said yes to."),
    "times": N_("Not kept: give both times, the earlier one first, or none."),
}
#: What of it says that nothing was kept.
_NOT_DONE = frozenset({"changed", "times"})


@members
@require_safe
def page_of_me(request: HttpRequest, me: Me) -> HttpResponse:
    """Show what is known of the member.

    Parameters
    ----------
    request, me
        Who asks.
    """
    return _shown(request, me)


def _shown(
    request: HttpRequest, me: Me, *, name_wrong: str = "", birthday_wrong: str = ""
) -> HttpResponse:
    customer = customers.get(me.customer)
    told = request.GET.get("said", "")
    said = _SAID.get(told, "")
    identities = sorted(customer.identities.all(), key=lambda each: (each.kind, each.value))
    page = MyPage(
        name=customer.name,
        birthday_on=customer.birthday_on,
        identities=tuple(
            Known(
                kind=current().words.say(_KINDS.get(each.kind, N_("Number in the shop"))),
                shown=masked(each.kind, each.value),
                verified=each.verified_at is not None,
            )
            for each in identities
        ),
        choices=_choices(me, kinds={each.kind for each in identities}),
        analysed=_analysed(me),
        wishes=wishes_of(customer),
        said=current().words.say(said) if said else "",
        tone="warn" if told in _NOT_DONE else "good",
        name_wrong=name_wrong,
        birthday_wrong=birthday_wrong,
        today=rules_of(me.at)[1],
    )
    return show(
        request,
        template="portal/me.html",
        page=page,
        frame=frame_of(request, me=me, who=customer.name),
        status=422 if name_wrong or birthday_wrong else 200,
    )


def _choices(me: Me, *, kinds: set[str]) -> tuple[Choice, ...]:
    """Return all that was said, and all that can be, by purpose and way."""
    said = {
        (each.channel, each.purpose): each
        for each in customers.consents(me.customer)
        if each.purpose in _PURPOSES
    }
    wanted = {(way, purpose) for way in ways_of(kinds) for purpose in OFFERED}
    listed = sorted(
        wanted | said.keys(),
        key=lambda pair: (list(_PURPOSES).index(pair[1]), list(_CHANNELS).index(pair[0])),
    )
    shown, now = known(), {purpose: in_force(purpose) for purpose in OFFERED}
    return tuple(
        _choice(
            pair,
            said=said.get(pair),
            offered=now[pair[1]] if pair in wanted else None,
            shown=shown,
        )
        for pair in listed
    )


def _choice(
    pair: tuple[str, str],
    *,
    said: Consent | None,
    offered: WordingView | None,
    shown: Mapping[str, WordingView],
) -> Choice:
    channel, purpose = pair
    say = current().words.say
    given = said is not None and said.given
    version = said.wording_version if said is not None and given else ""
    return Choice(
        id=f"{purpose}-{channel}",
        channel=channel,
        purpose=purpose,
        title=say(_PURPOSES[purpose]),
        way=say(_CHANNELS[channel]),
        given=given,
        at=None if said is None else said.at,
        source=_place(said),
        text=text_of(shown.get(version) if version else offered),
        version=version or ("" if offered is None else offered.version),
        offered=offered is not None,
    )


def _analysed(me: Me) -> Analysed:
    """Return what a member said of being analysed; who said nothing is."""
    said, now = deciding(me.customer, purpose="profiling"), in_force("profiling")
    return Analysed(
        objects=said is not None and not said.given,
        at=None if said is None else said.at,
        source=_place(said),
        text=text_of(now),
        version=now.version,
    )


def _place(said: Consent | None) -> str:
    """Return where something was said: on this phone, or where the shop wrote it down."""
    if said is None:
        return ""
    if said.source.startswith("my/"):
        return current().words.say(N_("here, by you"))
    return said.source


@members
@require_POST
def name(request: HttpRequest, me: Me) -> HttpResponse:
    """Keep the member's name, or their birthday where none is known.

    Parameters
    ----------
    request, me
        Who asks; ``POST`` with ``name`` or ``birthday_on``.
    """
    say = current().words.say
    if "birthday_on" in request.POST:
        try:
            born = date.fromisoformat(request.POST["birthday_on"])
            set_birthday(me.customer, birthday_on=born, at=me.at, actor=me.actor)
        except BirthdayKnown:
            return see(resolve_url("my_me"))
        except (ValueError, DetailInvalid):
            wrong = say(N_("Give the day of your birth, such as 1990-03-25."))
            return _shown(request, me, birthday_wrong=wrong)
    else:
        try:
            given = request.POST.get("name", "")
            commands.change(me.customer, at=me.at, actor=me.actor, name=given)
        except DetailInvalid:
            wrong = say(N_("This name cannot be kept. Write it shorter, on one line."))
            return _shown(request, me, name_wrong=wrong)
    return see(resolve_url("my_me") + "?said=saved")


class ChoiceNotOffered(ServiceError):
    """A yes was sent for something that is not asked for here."""

    code = "portal.choice_not_offered"
    status = 422
    says = N_("This cannot be chosen here.")
    remedy = N_("Choose one of those that the page shows.")


@members
@require_POST
def consent(request: HttpRequest, me: Me) -> HttpResponse:
    """Say yes or no to one purpose by one way, or withdraw the yes.

    Parameters
    ----------
    request, me
        Who asks; ``POST`` with ``channel``, ``purpose``, ``given`` (1: yes, 0: no; without
        it a yes is withdrawn) and, for a yes, ``version`` of the words that were shown.
    """
    channel, purpose = request.POST.get("channel", ""), request.POST.get("purpose", "")
    word = request.POST.get("given", "")
    given, version = word == "1", ""
    if given:
        kinds = {each.kind for each in customers.get(me.customer).identities.all()}
        if purpose not in OFFERED or channel not in ways_of(kinds):
            raise ChoiceNotOffered
        version = in_force(purpose).version
        if request.POST.get("version") != version:
            return see(resolve_url("my_me") + "?said=changed#choices")
    commands.record_consent(
        me.customer,
        channel=channel,
        purpose=purpose,
        given=given,
        source=_SOURCE,
        at=me.at,
        actor=me.actor,
        wording_version=version,
    )
    said = {"1": "given", "0": "refused"}.get(word, "withdrawn")
    return see(resolve_url("my_me") + f"?said={said}#choices")


@members
@require_POST
def profiling(request: HttpRequest, me: Me) -> HttpResponse:
    """Object to being analysed, or take the objection back.

    Parameters
    ----------
    request, me
        Who asks; ``POST`` with ``objects`` (1, or nothing) and ``version`` of the words that
        were shown.
    """
    objects = request.POST.get("objects") == "1"
    version = in_force("profiling").version
    # An objection counts in any case; what it takes back was said to the words of today.
    if not objects and request.POST.get("version") != version:
        return see(resolve_url("my_me") + "?said=changed#analysed")
    commands.answer_profiling(
        me.customer,
        given=not objects,
        source=_SOURCE,
        at=me.at,
        actor=me.actor,
        wording_version=version,
    )
    said = "objected" if objects else "analysed"
    return see(resolve_url("my_me") + f"?said={said}#analysed")


@members
@require_safe
def data(request: HttpRequest, me: Me) -> HttpResponse:
    """Hand over everything that is kept about the member, as a JSON file.

    Parameters
    ----------
    request, me
        Who asks.
    """
    del request
    text = json.dumps(customers.export(me.customer), ensure_ascii=False, indent=2)
    day = rules_of(me.at)[1].isoformat()
    return HttpResponse(
        text,
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="my-data-{day}.json"'},
    )
