"""Coupons: campaigns, codes by the thousand, one code looked up or withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from huitouke.language import N_
from huitouke.service.backoffice.acts import actor_of, at_most_once, new_key
from huitouke.service.backoffice.programme.acts import (
    goes,
    names_of_staff,
    own_programme,
    shown,
    tell,
    tell_error,
)
from huitouke.service.backoffice.programme.forms.campaigns import CampaignForm
from huitouke.service.backoffice.programme.offered import (
    BatchRow,
    CampaignRow,
    batch_row,
    campaign_row,
    name_of,
)
from huitouke.service.core import clock
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import private_id, public_id
from huitouke.service.programme.errands import commands as errands
from huitouke.service.programme.errands.queries import of_subject
from huitouke.service.programme.models.coupons import CouponCampaign
from huitouke.service.programme.models.errands import Errand
from huitouke.service.programme.models.versions import Programme
from huitouke.service.programme.rewards import campaigns as found_of
from huitouke.service.programme.rewards import catalogue, generation
from huitouke.service.programme.versions import queries
from huitouke.service.ui.reader import current

__all__ = [
    "CampaignPage",
    "Coupons",
    "add_word",
    "campaign",
    "generate",
    "listed",
    "new",
    "pause",
]

_HERE = "programme_coupons"
_ADDED = N_("{name} is made. Its codes come next.")
_CHANGED = N_("{name} is changed; what carts hold at this moment is still honoured.")
_PAUSED = N_("{name} is paused: none of its codes can be used.")
_OFFERED = N_("{name} runs again.")
_WORD = N_("{code} is a code of this campaign now.")


@dataclass(frozen=True)
class Coupons:
    """All campaigns.

    Parameters
    ----------
    rows
        The newest first.
    """

    rows: tuple[CampaignRow, ...]


@dataclass(frozen=True)
class CampaignPage:
    """One campaign: its form, its codes.

    Parameters
    ----------
    row
        As it is; none for a new one.
    form
        Changes it.
    revision
        The one that was read.
    batches, words
        Codes by the batch, and words of the merchant's own.
    running
        Public id and share of work on codes that goes on.
    most
        Codes that are made at once at most.
    key
        Of its forms.
    """

    row: CampaignRow | None
    form: CampaignForm
    revision: int
    batches: tuple[BatchRow, ...]
    words: tuple[tuple[str, bool], ...]
    running: tuple[tuple[str, float], ...]
    most: int
    key: str


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """List the campaigns.

    Parameters
    ----------
    request
        Of whoever reads.
    """
    own = own_programme(request)
    rows = tuple(campaign_row(each) for each in found_of.campaigns(own.code))
    return shown(request, name="coupons", page=Coupons(rows), own=own, here=_HERE)


def _form(own: Programme, data: Any, *, initial: dict[str, Any]) -> CampaignForm:
    force, language = queries.in_force(own, at=clock.now()), current().language
    tiers = force[1].tiers.tiers if force is not None and force[1].tiers else ()
    return CampaignForm(
        data,
        zone=own.zone,
        currency=own.currency,
        tiers={tier.code: tier.name.said(language) for tier in tiers},
        initial=initial,
    )


def new(request: HttpRequest) -> HttpResponse:
    """Make a campaign.

    Parameters
    ----------
    request
        A POST with the form keeps it.
    """
    own = own_programme(request)
    given = request.POST if request.method == "POST" else None
    first = {"kind": "percent", "per_code_limit": 1, "code_length": 12, "returns": "whole"}
    form = _form(own, given, initial=first)
    if given is not None and form.is_valid():

        def act(_: str) -> str:
            made = catalogue.add_campaign(
                own.code, at=clock.now(), actor=actor_of(request), **form.written()
            )
            return reverse("programme_campaign", args=[public_id("cpn", made.id)])

        try:
            address = at_most_once(request, act)
        except ServiceError as error:
            form.blame(error)
        else:
            tell(request, _ADDED, name=name_of(form.written()["names"]))
            return goes(address)
    page = CampaignPage(None, form, 0, (), (), (), generation.BATCH_MOST, new_key())
    status = 200 if given is None else 422
    return shown(request, name="campaign", page=page, own=own, here=_HERE, status=status)


def _campaign(given: str) -> tuple[Programme, CouponCampaign]:
    found = generation.campaign_of(private_id("cpn", given))
    return queries.programme(found.programme_id), found


def campaign(request: HttpRequest, *, campaign: str) -> HttpResponse:
    """Show a campaign with its codes; a POST changes it.

    Parameters
    ----------
    request
        Of who makes coupons.
    campaign
        Public id.
    """
    own, found = _campaign(campaign)
    given = request.POST if request.method == "POST" else None
    form = _form(own, given, initial=CampaignForm.shown(found, zone=own.zone))
    if given is not None and form.is_valid():
        sent = given.get("revision", "")

        def act(_: str) -> str:
            catalogue.change_campaign(
                found.id,
                revision=int(sent) if sent.isdecimal() else 0,
                at=clock.now(),
                actor=actor_of(request),
                **form.written(found),
            )
            return reverse("programme_campaign", args=[campaign])

        try:
            address = at_most_once(request, act)
        except ServiceError as error:
            form.blame(error)
        else:
            tell(request, _CHANGED, name=name_of(form.written()["names"]))
            return goes(address)
    page = _campaign_page(found, form)
    status = 200 if given is None else 422
    return shown(request, name="campaign", page=page, own=own, here=_HERE, status=status)


def _campaign_page(found: CouponCampaign, form: CampaignForm) -> CampaignPage:
    names = names_of_staff()
    going = {Errand.State.WAITING, Errand.State.RUNNING}
    return CampaignPage(
        row=campaign_row(found_of.count_of(found)),
        form=form,
        revision=found.revision,
        batches=tuple(batch_row(each, names=names) for each in found_of.batches(found.id)),
        words=tuple((each.code, each.void) for each in found_of.shared_codes(found.id)),
        running=tuple(
            (public_id("err", each.id), each.done / each.total if each.total else 0.0)
            for each in of_subject(found.id, kind=Errand.Kind.CODES)
            if each.state in going
        ),
        most=generation.BATCH_MOST,
        key=new_key(),
    )


def _done(
    request: HttpRequest, act: Any, *, back: str, says: str = "", **values: Any
) -> HttpResponse:
    try:
        address = at_most_once(request, act)
    except ServiceError as error:
        tell_error(request, error)
        return goes(back)
    if says:
        tell(request, says, **values)
    return goes(address)


@require_POST
def pause(request: HttpRequest, *, campaign: str) -> HttpResponse:
    """Pause a campaign, or let it run again.

    Parameters
    ----------
    request
        ``enabled`` is ``yes`` or ``no``.
    campaign
        Public id.
    """
    _, found = _campaign(campaign)
    enabled = request.POST.get("enabled") == "yes"
    address = reverse("programme_campaign", args=[campaign])

    def act(_: str) -> str:
        catalogue.change_campaign(
            found.id,
            revision=found.revision,
            at=clock.now(),
            actor=actor_of(request),
            enabled=enabled,
        )
        return address

    says = _OFFERED if enabled else _PAUSED
    return _done(request, act, back=address, says=says, name=name_of(found.names))


@require_POST
def generate(request: HttpRequest, *, campaign: str) -> HttpResponse:
    """Ask for codes; they are made in the background.

    Parameters
    ----------
    request
        ``count`` says how many.
    campaign
        Public id.
    """
    _, found = _campaign(campaign)
    written = request.POST.get("count", "").replace(",", "").strip()
    count = int(written) if written.isdecimal() and len(written) < 10 else 0

    def act(key: str) -> str:
        made = errands.ask_codes(
            found.id, count=count, key=key, at=clock.now(), actor=actor_of(request)
        )
        return reverse("programme_codes", args=[public_id("err", made.id)])

    return _done(request, act, back=reverse("programme_campaign", args=[campaign]))


@require_POST
def add_word(request: HttpRequest, *, campaign: str) -> HttpResponse:
    """Make a word of the merchant's own a code.

    Parameters
    ----------
    request
        ``word`` is the code.
    campaign
        Public id.
    """
    _, found = _campaign(campaign)
    word = request.POST.get("word", "").strip()[:60]
    address = reverse("programme_campaign", args=[campaign])

    def act(_: str) -> str:
        generation.add_shared_code(found.id, code=word, at=clock.now(), actor=actor_of(request))
        return address

    return _done(request, act, back=address, says=_WORD, code=word.upper())
