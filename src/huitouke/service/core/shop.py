"""Which shop this is: its own, a simulated one, or one of public data; every page may say so.

An installation that never described itself is a merchant's own shop.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, cast

from django.db import transaction

from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.models import Shop
from huitouke.service.core.shop_view import ShopView

if TYPE_CHECKING:
    from huitouke.service.core.shop_view import Kind

__all__ = ["describe", "finish_loading", "shop"]


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
        currency=found.currency,
        zone=found.zone,
        language=found.language,
        loaded=found.kind == Shop.Kind.OWN or found.loaded_at is not None,
    )


@transaction.atomic
def describe(given: ShopView, *, at: datetime, actor: Actor) -> None:
    """Say which shop this is; again replaces what was said.

    Parameters
    ----------
    given
        What is to be known; ``loaded`` is not looked at: a demo is loaded when
        :func:`finish_loading` says so.
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
            "currency": given.currency,
            "zone": given.zone,
            "language": given.language,
            "described_at": at,
        },
    )
    audit.note("shop.described", actor=actor, target="shop", facts={"kind": given.kind})


def finish_loading(*, at: datetime) -> None:
    """Note that a demo shop is whole.

    Parameters
    ----------
    at
        When.
    """
    Shop.objects.filter(pk=Shop.ONLY).update(loaded_at=at)
