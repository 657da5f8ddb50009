"""A programme comes into being; its rules follow in versions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from django.db import IntegrityError, transaction
from pydantic import Field

from huitouke.language import N_
from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.programme.models.versions import Programme
from huitouke.service.programme.rules.checks import parse
from huitouke.service.programme.rules.shapes import Currency, Name, Shape, Zone

__all__ = ["NewProgramme", "ProgrammeTaken", "create"]


class ProgrammeTaken(ServiceError):
    """There is a programme of this code already."""

    code = "programme.programme_taken"
    status = 409
    says = N_("There is a programme {programme!r} already.")
    remedy = N_("Choose another code.")


class NewProgramme(Shape):
    """What a programme is created from.

    Parameters
    ----------
    code
        Lower-case letters, digits, ``-`` and ``_``; the first is usually ``main``.
    name
        ``{"zh": …, "en": …}``, at least one.
    zone, currency
        IANA zone and ISO 4217 currency; they stay as they are.
    brand
        Whose programme it is, for merchants with several brands.
    """

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,59}$")] = "main"
    name: Name
    zone: Zone = "Asia/Shanghai"
    currency: Currency = "CNY"
    brand: Annotated[str, Field(max_length=100)] = ""


def create(given: Mapping[str, Any], *, at: datetime, actor: Actor) -> Programme:
    """Create a programme.

    Parameters
    ----------
    given
        JSON of :class:`NewProgramme`.
    at, actor
        When, and who.

    Raises
    ------
    DefinitionInvalid
        If something in it cannot be used.
    ProgrammeTaken
        If the code is in use.
    """
    new = parse(given, shape=NewProgramme)
    if Programme.objects.filter(code=new.code).exists():
        raise ProgrammeTaken(programme=new.code)
    try:
        with transaction.atomic():
            made = Programme.objects.create(
                **new.model_dump(exclude={"name"}),
                name=new.name.model_dump(exclude_defaults=True),
                created_at=at,
                created_by=str(actor),
            )
            audit.note("programme.created", actor=actor, target=new.code)
    except IntegrityError:
        raise ProgrammeTaken(programme=new.code) from None
    return made
