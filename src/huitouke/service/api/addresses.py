"""All addresses of the API in one place."""

from __future__ import annotations

from huitouke.service.api.door import make_door
from huitouke.service.api.routes import customers, events, webhooks

__all__ = ["door"]

door = make_door()
for routes in (customers, events, webhooks):
    door.add_router("", routes.router)
