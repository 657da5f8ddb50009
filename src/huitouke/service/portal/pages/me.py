"""Me: who I am here, what I said yes to, my data, signing out."""

from __future__ import annotations

import json
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.views.decorators.http import require_POST, require_safe

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.customers import commands
from huitouke.service.customers import queries as customers
from huitouke.service.customers.details import DetailInvalid
from huitouke.service.customers.masking import masked
from huitouke.service.customers.models import Consent
from huitouke.service.portal.contexts.account import Choice, Known, MyPage
from huitouke.service.portal.door import frame_of, members, see
from huitouke.service.portal.shop import rules_of
from huitouke.service.portal.signing.sessions import Me
from huitouke.service.portal.wordings import OFFERED, WORDINGS, ways_of, wording_of
from huitouke.service.programme.mine.joining import BirthdayKnown, set_birthday
from huitouke.service.ui.pages import show
from huitouke.service.ui.reader import current

__all__ = ["ChoiceNotOffered", "consent", "data", "name", "page_of_me"]

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
    "profiling": N_("Working out what may suit me"),
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
}


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
    said = _SAID.get(request.GET.get("said", ""), "")
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
        said=current().words.say(said) if said else "",
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
    said = {(each.channel, each.purpose): each for each in customers.consents(me.customer)}
    wanted = {(way, purpose) for way in ways_of(kinds) for purpose in OFFERED}
    listed = sorted(
        wanted | said.keys(),
        key=lambda pair: (list(_PURPOSES).index(pair[1]), list(_CHANNELS).index(pair[0])),
    )
    return tuple(_choice(pair, said=said.get(pair), offered=pair in wanted) for pair in listed)


def _choice(pair: tuple[str, str], *, said: Consent | None, offered: bool) -> Choice:
    channel, purpose = pair
    say = current().words.say
    version = said.wording_version if said is not None and said.given else ""
    shown = version or (wording_of(purpose).version if offered else "")
    text = next((each.text for each in WORDINGS if each.version == shown), "")
    return Choice(
        id=f"{purpose}-{channel}",
        channel=channel,
        purpose=purpose,
        title=say(_PURPOSES[purpose]),
        way=say(_CHANNELS[channel]),
        given=said is not None and said.given,
        at=None if said is None else said.at,
        source=_place(said),
        text=say(text) if text else "",
        version=version,
        offered=offered,
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
    """Say yes to one purpose by one way, or withdraw it.

    Parameters
    ----------
    request, me
        Who asks; ``POST`` with ``channel``, ``purpose``, and ``given`` (1, or nothing).
    """
    channel, purpose = request.POST.get("channel", ""), request.POST.get("purpose", "")
    given = request.POST.get("given") == "1"
    kinds = {each.kind for each in customers.get(me.customer).identities.all()}
    if given and (purpose not in OFFERED or channel not in ways_of(kinds)):
        raise ChoiceNotOffered
    commands.record_consent(
        me.customer,
        channel=channel,
        purpose=purpose,
        given=given,
        source=_SOURCE,
        at=me.at,
        actor=me.actor,
        wording_version=wording_of(purpose).version if given else "",
    )
    there = resolve_url("my_me") + f"?said={'given' if given else 'withdrawn'}"
    return see(there + "#choices")


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
