"""All addresses of the API in one place."""

from __future__ import annotations

from huitouke.service.api.door import make_door
from huitouke.service.api.routes import (
    codes,
    customers,
    economics,
    events,
    insight,
    pacts,
    points,
    programme,
    redemptions,
    segments,
    tiers,
    webhooks,
)
from huitouke.service.api.shapes.facts import described_fact

__all__ = ["door"]

door = make_door(components=described_fact())
for routes in (
    customers,
    events,
    points,
    tiers,
    redemptions,
    pacts,
    codes,
    programme,
    economics,
    insight,
    segments,
    webhooks,
):
    door.add_router("", routes.router)
