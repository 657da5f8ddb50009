"""Codes: a batch whose list is handed out, one code looked up or withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from huitouke.language import N_
from huitouke.service.backoffice.acts import actor_of, at_most_once, new_key
from huitouke.service.backoffice.customers.pointing import Pointed, pointed
from huitouke.service.backoffice.programme.acts import (
    goes,
    names_of_staff,
    own_programme,
    shown,
    tell,
    tell_error,
)
from huitouke.service.backoffice.programme.exports import as_lines
from huitouke.service.backoffice.programme.offered import BatchRow, batch_row, name_of
from huitouke.service.core import clock
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import private_id, public_id
from huitouke.service.programme.rewards import campaigns as found_of
from huitouke.service.programme.rewards import code_returns, generation
from huitouke.service.programme.versions import queries
from huitouke.service.ui.reader import current

__all__ = ["BatchPage", "CodePage", "Use", "batch", "look_up", "take_out", "void"]

_HERE = "programme_coupons"
_PAGE = 10_000
_VOID = N_("The code is withdrawn for good.")
_STATES = {
    "held": N_("in a cart"),
    "redeemed": N_("used"),
    "released": N_("let go"),
    "rolled_back": N_("undone"),
}


@dataclass(frozen=True)
class BatchPage:
    """One batch whose list is handed out.

    Parameters
    ----------
    row
        The batch.
    campaign, name
        Public id of its campaign, and its name.
    error
        What went wrong.
    key
        Of its form.
    """

    row: BatchRow
    campaign: str
    name: str
    error: str
    key: str


@dataclass(frozen=True)
class Use:
    """One use of a code: the English message of its state, when, what it took off."""

    state: str
    at: datetime
    reference: str
    discount_minor: int


@dataclass(frozen=True)
class CodePage:
    """One code, looked up.

    Parameters
    ----------
    asked
        As it was typed.
    code
        As it is kept; empty: there is none.
    campaign, name
        Public id of its campaign, and its name.
    owner
        Whose it is; none: nobody's own.
    void, expires_at, issued_at
        How it stands.
    uses
        Newest first.
    key
        Of its form.
    """

    asked: str
    code: str = ""
    campaign: str = ""
    name: str = ""
    owner: Pointed | None = None
    void: bool = False
    expires_at: datetime | None = None
    issued_at: datetime | None = None
    uses: tuple[Use, ...] = ()
    key: str = ""


@require_safe
def batch(request: HttpRequest, *, batch: str) -> HttpResponse:
    """Show a batch before its list is handed out.

    Parameters
    ----------
    request
        Of who makes coupons.
    batch
        Public id.
    """
    return _batch_page(request, private_id("bat", batch))


def _batch_page(request: HttpRequest, batch: UUID, *, error: str = "") -> HttpResponse:
    found = found_of.batch(batch)
    own = queries.programme(found.campaign.programme_id)
    page = BatchPage(
        row=batch_row(found, names=names_of_staff()),
        campaign=public_id("cpn", found.campaign_id),
        name=name_of(found.campaign.names),
        error=error,
        key=new_key(),
    )
    status = 422 if error else 200
    return shown(request, name="batch", page=page, own=own, here=_HERE, status=status)


@require_POST
def take_out(request: HttpRequest, *, batch: str) -> HttpResponse:
    """Hand the list of a batch out: once freely, then with a reason; each time it is noted.

    Parameters
    ----------
    request
        ``reason`` where it was handed out before.
    batch
        Public id.
    """
    which = private_id("bat", batch)
    reason = request.POST.get("reason", "").strip()[:500]
    try:
        found_of.take_out(which, at=clock.now(), actor=actor_of(request), reason=reason)
    except ServiceError as error:
        return _batch_page(request, which, error=error.text(current().language))
    return as_lines(f"codes-{batch}", lines=_codes(which))


def _codes(batch: UUID) -> Iterator[str]:
    after = ""
    while listed := generation.codes_of_batch(batch, after=after, limit=_PAGE):
        yield from listed
        after = listed[-1]


@require_safe
def look_up(request: HttpRequest) -> HttpResponse:
    """Look a code up.

    Parameters
    ----------
    request
        ``?code=`` as somebody typed it.
    """
    own = own_programme(request)
    asked = request.GET.get("code", "").strip()[:60]
    page = CodePage(asked)
    if asked:
        try:
            page = _code(request, found_of.look_up(asked, programme=own.code), asked=asked)
        except ServiceError:
            page = CodePage(asked)
    return shown(request, name="code", page=page, own=own, here=_HERE)


def _code(request: HttpRequest, found: found_of.CodeFound, *, asked: str) -> CodePage:
    owner = found.code.customer_id
    whose = "" if owner is None else public_id("cus", owner)
    return CodePage(
        asked=asked,
        code=found.code.code,
        campaign=public_id("cpn", found.campaign.id),
        name=name_of(found.campaign.names),
        owner=pointed(request, [whose])[whose] if whose else None,
        void=found.code.void,
        expires_at=found.code.expires_at,
        issued_at=found.code.issued_at,
        uses=tuple(
            Use(
                _STATES.get(each.state, each.state),
                each.redeemed_at or each.created_at,
                each.reference,
                each.discount_minor,
            )
            for each in found.uses
        ),
        key=new_key(),
    )


@require_POST
def void(request: HttpRequest) -> HttpResponse:
    """Withdraw a code for good.

    Parameters
    ----------
    request
        ``code``, and a ``reason``.
    """
    own = own_programme(request)
    code = request.POST.get("code", "")[:60]
    address = (
        f"{reverse('programme_code')}?code={code}"
        if code.isalnum()
        else reverse("programme_code")
    )

    def act(_: str) -> str:
        code_returns.void_code(
            code,
            programme=own.code,
            at=clock.now(),
            actor=actor_of(request),
            reason=request.POST.get("reason", "").strip()[:500],
        )
        return address

    try:
        at_most_once(request, act)
    except ServiceError as error:
        tell_error(request, error)
    else:
        tell(request, _VOID)
    return goes(address)
