"""Programmes and versions as requests and answers show them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field, StrictBool, StrictInt

from huitouke.service.api.shapes.economics import FindingOut
from huitouke.service.api.shapes.fields import Given, Key, Text
from huitouke.service.core.ids import public_id
from huitouke.service.programme.models.versions import Programme, Version

__all__ = [
    "DraftChange",
    "DraftIn",
    "ProgrammeIn",
    "ProgrammeOut",
    "PublishIn",
    "PublishedOut",
    "RetireIn",
    "VersionOut",
    "WarningOut",
]


class ProgrammeIn(Given):
    """A new programme."""

    code: Key
    name: dict[str, Annotated[str, Field(max_length=200)]]
    zone: Key = "Asia/Shanghai"
    currency: Key = "CNY"
    brand: Annotated[str, Field(max_length=100)] = ""


class ProgrammeOut(Schema):
    """A programme."""

    code: str
    name: dict[str, str]
    zone: str
    currency: str
    brand: str

    @classmethod
    def of(cls, found: Programme) -> ProgrammeOut:
        """Return what is shown of a record."""
        return cls(
            code=found.code,
            name=found.name,
            zone=found.zone,
            currency=found.currency,
            brand=found.brand,
        )


class DraftIn(Given):
    """What a draft says."""

    definition: dict[str, Any]
    note: Text = ""


class DraftChange(Given):
    """What a draft says now, on top of the revision that was read."""

    definition: dict[str, Any]
    revision: Annotated[StrictInt, Field(ge=1, le=1_000_000_000)]


class PublishIn(Given):
    """Why; ``despite`` publishes also what the exploit check calls critical."""

    reason: Text = ""
    despite: StrictBool = False


class RetireIn(Given):
    """Why."""

    reason: Text = ""


class VersionOut(Schema):
    """A version of a programme's rules."""

    id: str
    programme: str
    number: int
    state: str
    revision: int
    note: str
    definition: dict[str, Any]
    created_at: datetime
    published_at: datetime | None
    retired_at: datetime | None

    @classmethod
    def of(cls, found: Version) -> VersionOut:
        """Return what is shown of a record."""
        return cls(
            id=public_id("ver", found.pk),
            programme=found.programme.code,
            number=found.number,
            state=found.state,
            revision=found.revision,
            note=found.note,
            definition=found.said,
            created_at=found.created_at,
            published_at=found.published_at,
            retired_at=found.retired_at,
        )


class WarningOut(Schema):
    """A promise that becomes smaller."""

    code: str
    messages: dict[str, str]


class PublishedOut(Schema):
    """The version in force now, and what members lose with it."""

    version: VersionOut
    warnings: list[WarningOut]
    findings: list[FindingOut]
