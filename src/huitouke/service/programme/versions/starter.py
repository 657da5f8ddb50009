"""The programme that a new installation begins with, so that the first order earns."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from huitouke.service.core.actor import Actor
from huitouke.service.programme.models.versions import Programme, Version
from huitouke.service.programme.rules.examples import starter_definition
from huitouke.service.programme.versions.commands import draft, publish
from huitouke.service.programme.versions.creating import create

__all__ = ["begin"]

#: The programme holds for whatever a shop tells, also of days before its installation.
_SINCE = datetime(2000, 1, 1, tzinfo=UTC)
_NAME = {"zh": "会员计划", "en": "Member programme"}


@transaction.atomic
def begin(*, at: datetime, actor: Actor, zone: str = "", currency: str = "") -> Version | None:
    """Create programme ``main`` with the starter definition, if there is none at all.

    Parameters
    ----------
    at, actor
        When, and who.
    zone, currency
        IANA zone and ISO 4217 currency; empty: the starter's own.

    Returns
    -------
    Version
        The version in force, or None where a programme was there already.
    """
    if Programme.objects.exists():
        return None
    definition = starter_definition()
    own = {"zone": zone or definition.zone, "currency": currency or definition.currency}
    programme = create({"code": "main", "name": _NAME, **own}, at=at, actor=actor)
    told = {**definition.model_dump(mode="json"), **own}
    made = draft(programme, definition=told, at=at, actor=actor)
    return publish(made.pk, at=_SINCE, actor=actor).version
