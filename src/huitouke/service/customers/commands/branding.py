"""Saying what a brand is called."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from huitouke.language import N_
from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.customers.brands import BrandView
from huitouke.service.customers.models import Brand

__all__ = ["BRAND_MOST", "BrandInvalid", "name_brand"]

#: Longest code and name.
BRAND_MOST = 60


class BrandInvalid(ServiceError):
    """A code or a name of a brand cannot be kept."""

    code = "customers.brand_invalid"
    status = 422
    says = N_("The brand {brand!r} cannot be kept with this code and these names.")
    remedy = N_("Write 1 to {most} letters for the code, and at most as many for each name.")


@transaction.atomic
def name_brand(code: str, *, names: Mapping[str, str], actor: Actor) -> BrandView:
    """Say what a brand is called; without any name its code is shown again.

    Parameters
    ----------
    code
        As customers carry it.
    names
        ``zh`` and ``en``; empty ones are left out.
    actor
        Who says so.

    Raises
    ------
    BrandInvalid
        If the code is empty, or something is too long or not readable.
    """
    kept = {language: " ".join(names.get(language, "").split()) for language in ("zh", "en")}
    told = code.strip()
    if not told or any(
        len(each) > BRAND_MOST or not each.isprintable() for each in (told, *kept.values())
    ):
        raise BrandInvalid(brand=told[:BRAND_MOST], most=BRAND_MOST)
    said = {language: name for language, name in kept.items() if name}
    if said:
        Brand.objects.update_or_create(code=told, defaults={"names": said})
    else:
        Brand.objects.filter(code=told).delete()
    audit.note("shop.brand_named", actor=actor, target="shop", facts={"brand": told, **said})
    return BrandView(told, said)
