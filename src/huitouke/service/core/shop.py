"""Which shop this is: its own, a simulated one, or one of public data; every page may say so.

An installation that never described itself is a merchant's own shop.
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING, cast

from django.db import transaction

from huitouke.language import N_
from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.models import Shop
from huitouke.service.core.shop_view import ShopView

if TYPE_CHECKING:
    from huitouke.service.core.shop_view import Kind

__all__ = ["EconomicsInvalid", "describe", "finish_loading", "set_economics", "shop"]


class EconomicsInvalid(ServiceError):
    """A margin or discount rate makes no sense."""

    code = "core.economics_invalid"
    says = N_("The shop cannot count with {field} {given}.")
    remedy = N_("Give {expected}.")


def shop() -> ShopView:
    """Return what is known of the shop."""
    found = Shop.objects.first()
    if found is None:
        return ShopView(names={}, attribution={})
    return ShopView(
        code=found.code,
        kind=cast("Kind", found.kind),
        names=found.names,
        attribution=found.attribution,
        language=found.language,
        margin=found.margin,
        discount_rate=found.discount_rate,
        loaded=found.kind == Shop.Kind.OWN or found.loaded_at is not None,
    )


@transaction.atomic
def describe(given: ShopView, *, at: datetime, actor: Actor) -> None:
    """Say which shop this is; again replaces what was said.

    Parameters
    ----------
    given
        What is to be known. Not looked at are ``loaded``, which :func:`finish_loading` says,
        and margin and discount rate, which :func:`set_economics` says.
    at, actor
        When, and who says it.
    """
    Shop.objects.update_or_create(
        pk=Shop.ONLY,
        defaults={
            "code": given.code,
            "kind": given.kind,
            "names": dict(given.names),
            "attribution": dict(given.attribution),
            "language": given.language,
            "described_at": at,
        },
    )
    audit.note("shop.described", actor=actor, target="shop", facts={"kind": given.kind})


@transaction.atomic
def set_economics(*, margin: float, discount_rate: float, at: datetime, actor: Actor) -> None:
    """Say which margin and discount rate analyses count with unless they are given others.

    Parameters
    ----------
    margin
        Part of what customers spend that is left after what the goods cost, above 0 to 1.
    discount_rate
        A year, 0 to 10.
    at, actor
        When, and who says it.

    Raises
    ------
    EconomicsInvalid
        If one of them makes no sense.
    """
    for field, given, good, expected in (
        ("margin", margin, 0 < margin <= 1, "0 < margin ≤ 1"),
        ("discount_rate", discount_rate, 0 <= discount_rate <= 10, "0–10"),
    ):
        if not good or not math.isfinite(given):
            raise EconomicsInvalid(field=field, given=given, expected=expected)
    said = {"margin": margin, "discount_rate": discount_rate}
    known, _ = Shop.objects.select_for_update().get_or_create(
        pk=Shop.ONLY, defaults={"described_at": at}
    )
    before = {name: getattr(known, name) for name in said}
    if said == before:
        return
    Shop.objects.filter(pk=Shop.ONLY).update(**said)
    facts = {**said, **{f"{name}_before": value for name, value in before.items()}}
    audit.note("shop.economics_changed", actor=actor, target="shop", facts=facts)


def finish_loading(*, at: datetime) -> None:
    """Note that a demo shop is whole.

    Parameters
    ----------
    at
        When.
    """
    Shop.objects.filter(pk=Shop.ONLY).update(loaded_at=at)
