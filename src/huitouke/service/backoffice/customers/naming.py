"""How customers, their identities and those who acted are called on pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from huitouke.language import N_
from huitouke.service.backoffice.acts import say
from huitouke.service.core.ids import IdUnknown, private_id, public_id
from huitouke.service.core.models import Staff
from huitouke.service.customers.brands import BrandView, brands
from huitouke.service.customers.models import Customer, Identity
from huitouke.service.ui.reader import current

__all__ = [
    "KINDS",
    "PURPOSES",
    "STATES",
    "actor_names",
    "brand_name",
    "brand_names",
    "kind_name",
    "main_identity",
    "name_of",
    "named",
    "phone_shown",
    "public",
]

#: Kinds of identities.
KINDS: dict[str, str] = {
    "phone": N_("Phone"),
    "email": N_("E-mail"),
    "card": N_("Card"),
    "external": N_("Number in another system"),
    "wechat_openid": N_("WeChat openid"),
    "wechat_unionid": N_("WeChat unionid"),
    "marketplace": N_("Marketplace"),
}
PURPOSES: dict[str, str] = {
    "marketing": N_("Offers and news"),
    "service": N_("Service messages"),
    "survey": N_("Surveys"),
    "profiling": N_("Personal evaluation"),
}
STATES: dict[str, str] = {
    "fan": N_("Fan"),
    "customer": N_("Customer"),
    "member": N_("Member"),
}
_NAMELESS = N_("Customer without a name")
_SYSTEM = N_("by the system")
_FIRST = ("phone", "card", "email", "external")


def phone_shown(value: str) -> str:
    """Return a phone number as people read it.

    Parameters
    ----------
    value
        As it is kept, E.164.

    Examples
    --------
    >>> phone_shown("+8613812345678")
    '138 1234 5678'
    >>> phone_shown("+85291234567")
    '+85291234567'
    """
    digits = value.removeprefix("+86")
    if digits != value and len(digits) == 11:
        return f"{digits[:3]} {digits[3:7]} {digits[7:]}"
    return value


def kind_name(kind: str) -> str:
    """Return what a kind of identity is called.

    Parameters
    ----------
    kind
        As it is kept.
    """
    return say(KINDS[kind]) if kind in KINDS else kind


def main_identity(identities: Iterable[Identity]) -> str:
    """Return the identity by which a person is best told apart; empty if there is none.

    Parameters
    ----------
    identities
        Of one customer.
    """
    by_kind = {each.kind: each.value for each in identities}
    for kind in (*_FIRST, *by_kind):
        if kind in by_kind:
            return phone_shown(by_kind[kind]) if kind == "phone" else by_kind[kind]
    return ""


def name_of(customer: Customer) -> str:
    """Return how a customer is called, never empty.

    Parameters
    ----------
    customer
        With identities at hand.
    """
    return customer.name or main_identity(customer.identities.all()) or say(_NAMELESS)


def named(names: Mapping[str, str] | None) -> str:
    """Return a merchant's own name in the reader's language, or in the other one.

    Parameters
    ----------
    names
        By language; none is empty.
    """
    if not names:
        return ""
    return names.get(current().language) or names.get("zh") or next(iter(names.values()))


def brand_name(brand: BrandView) -> str:
    """Return what a brand is called; its code where nobody said so yet.

    Parameters
    ----------
    brand
        Any.
    """
    return named(brand.names) or brand.code


def brand_names() -> dict[str, str]:
    """Return what all known brands are called, by their codes."""
    return {each.code: brand_name(each) for each in brands()}


def actor_names(actors: Iterable[str]) -> dict[str, str]:
    """Return how those are called who acted, in one question for all.

    Parameters
    ----------
    actors
        As the journals name them, e.g. ``staff:stf_…`` or ``key:till-7``.
    """
    found: dict[str, str] = {}
    staff = {}
    for actor in set(actors):
        kind, _, name = actor.partition(":")
        if kind == "staff":
            with suppress(IdUnknown):
                staff[private_id("stf", name)] = actor
        found[actor] = say(_SYSTEM) if kind == "system" else name
    for person in Staff.objects.filter(pk__in=staff):
        found[staff[person.pk]] = person.first_name or person.email
    return found


def public(customer: Customer) -> str:
    """Return the public id of a customer.

    Parameters
    ----------
    customer
        Any.
    """
    return public_id("cus", customer.pk)
