"""When, how often and in which language a member wants to be written to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.views.decorators.http import require_POST

from huitouke.language import LANGUAGES, N_, language_of_tag
from huitouke.service.customers import commands
from huitouke.service.customers import queries as customers
from huitouke.service.customers.contact import DAYS, is_contact, wishes_told
from huitouke.service.customers.models import Customer
from huitouke.service.portal.contexts.account import Wishes
from huitouke.service.portal.door import members, see
from huitouke.service.portal.signing.sessions import Me
from huitouke.service.ui.choosing import NAMES
from huitouke.service.ui.reader import current

__all__ = ["wishes", "wishes_of"]

_ANY, _KEPT = "", "kept"
_WEEK = {"work": [1, 2, 3, 4, 5], "end": [6, 7]}
_DAYS = {
    _ANY: N_("Any day"),
    "work": N_("Monday to Friday"),
    "end": N_("Saturday and Sunday"),
}
_OFTEN = (1, 2, 4, 8)


def wishes_of(customer: Customer) -> Wishes:
    """Return what a member wishes, and what can be chosen.

    Parameters
    ----------
    customer
        Who.
    """
    say, contact = current().words.say, customer.contact
    days = contact.get("days", [])
    chosen = next((name for name, each in _WEEK.items() if each == days), _KEPT)
    ways = [(name, say(text)) for name, text in _DAYS.items()]
    if days and chosen == _KEPT:
        ways.append((_KEPT, wishes_told({"days": days}, language=current().language)[0]))
    most = contact.get("most_per_month")
    often = sorted({*_OFTEN, *([most] if most else [])})
    return Wishes(
        days=chosen if days else _ANY,
        ways=tuple(ways),
        earliest=contact.get("earliest", ""),
        latest=contact.get("latest", ""),
        most=str(most or ""),
        often=(
            ("", say(N_("As often as there is something"))),
            *((str(each), say(N_("at most {n} a month"), n=each)) for each in often),
        ),
        language=language_of_tag(customer.language) or customer.language,
        languages=tuple((each, NAMES[each]) for each in LANGUAGES),
    )


def _given(sent: Mapping[str, Any], *, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was chosen in the form as it is kept; days of another place may stay."""
    days = sent.get("days", "")
    chosen = kept.get("days") if days == _KEPT else _WEEK.get(days)
    most = str(sent.get("most", ""))
    found = {
        "days": chosen if chosen and len(chosen) < len(DAYS) else None,
        "earliest": sent.get("earliest") or None,
        "latest": sent.get("latest") or None,
        "most_per_month": int(most) if most.isascii() and most.isdigit() else None,
    }
    return {name: value for name, value in found.items() if value is not None}


@members
@require_POST
def wishes(request: HttpRequest, me: Me) -> HttpResponse:
    """Keep when, how often and in which language a member wants to be written to.

    Parameters
    ----------
    request, me
        Who asks; ``POST`` with ``days``, ``earliest``, ``latest``, ``most``, ``language``.
    """
    contact = _given(request.POST, kept=customers.get(me.customer).contact)
    language = request.POST.get("language", "")
    if not is_contact(contact) or language not in LANGUAGES:
        return see(resolve_url("my_me") + "?said=times#wishes")
    commands.change(me.customer, at=me.at, actor=me.actor, contact=contact, language=language)
    return see(resolve_url("my_me") + "?said=wished#wishes")
