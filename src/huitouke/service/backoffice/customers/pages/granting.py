"""A tier that staff give a member, through a day and for a reason."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from huitouke.language import N_
from huitouke.service.backoffice.acts import Done, actor_of, say
from huitouke.service.backoffice.customers.contexts import Notice
from huitouke.service.backoffice.customers.forms import GrantForm
from huitouke.service.backoffice.customers.naming import named
from huitouke.service.backoffice.customers.pages.acting import acted, loaded, to_customer
from huitouke.service.backoffice.guards import needs
from huitouke.service.core import clock
from huitouke.service.programme.events.granting import NoTiers, grant_tier
from huitouke.service.programme.events.reading import TierView, tier
from huitouke.service.programme.people.listing import ground_of
from huitouke.service.programme.rules.benefits import one_breath
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.ui.reader import current

__all__ = ["grant"]


@needs("tiers.grant")
@require_http_methods(["GET", "HEAD", "POST"])
def grant(request: HttpRequest, key: str) -> HttpResponse:
    """Give a member a tier through a day, for a reason.

    Parameters
    ----------
    request
        ``GET`` or ``POST``.
    key
        Public id of the customer.

    Raises
    ------
    NoTiers
        If the programme has none to give.
    """
    customer = loaded(key)
    now = clock.now()
    book = ground_of(now=now).rulebook
    if book is None or book.now.definition.tiers is None:
        raise NoTiers(programme="main" if book is None else book.code)
    rules, tiers = book.now, book.now.definition.tiers
    stands = tier(customer.pk, now=now, programme=book.code)

    def act(given: dict[str, Any]) -> Done:
        standing = grant_tier(
            customer.pk, at=clock.now(), actor=actor_of(request), programme=book.code, **given
        )
        has = tiers.tier(standing.tier)
        if has is None or has.code == given["tier"]:
            text = N_("Given through {day}. Then the member keeps it if the purchases hold it.")
            return to_customer(customer, say(text, day=given["through"]))
        text = N_("Noted through {day}. {tier} is higher, so the member stays there.")
        name = has.name.said(current().language)
        return to_customer(customer, say(text, day=given["through"], tier=name), tone="info")

    return acted(
        request,
        customer=customer,
        form=GrantForm(
            request.POST if request.method == "POST" else None,
            breaths=_breaths(rules.definition),
            today=rules.day(now),
        ),
        act=act,
        title=say(N_("Give a tier")),
        lead=say(N_("Each tier says what the member gets with it.")),
        submit=say(N_("Give the tier")),
        notices=(Notice("info", "", _now(stands)),),
    )


def _breaths(definition: Definition) -> list[tuple[str, str]]:
    """Return each tier with what its members get, in one breath."""
    language = current().language
    tiers = () if definition.tiers is None else definition.tiers.tiers
    return [
        (each.code, one_breath(definition, tier=each.code, language=language)) for each in tiers
    ]


def _now(stands: TierView) -> tuple[str, ...]:
    lines = [
        say(N_("The member has {tier} now."), tier=named(stands.name))
        if stands.name
        else say(N_("The member has no tier now."))
    ]
    if stands.granted_through is not None:
        text = N_("One was given before, through {day}; the new one takes its place.")
        lines.append(say(text, day=stands.granted_through))
    return tuple(lines)
