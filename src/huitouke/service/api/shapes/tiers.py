"""Tiers that staff gives or members buy, as requests and answers show them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from ninja import Schema
from pydantic import Field

from huitouke.service.api.shapes.fields import Given, Key, Text

__all__ = ["TierGrantIn", "TierNoted", "TierPurchaseIn"]


class TierGrantIn(Given):
    """A tier that staff gives: through which local day, and why."""

    tier: Key
    through: date
    reason: Annotated[Text, Field(min_length=1)]
    programme: Key = "main"


class TierPurchaseIn(Given):
    """A tier that the member has paid for; how long it holds is in the programme."""

    tier: Key
    programme: Key = "main"


class TierNoted(Schema):
    """That it was done: all that a key sees that may not read where members stand."""

    customer: str
    programme: str
