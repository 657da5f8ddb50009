"""All addresses of the staff's door for tests that walk them, and codes of a second factor."""

from __future__ import annotations

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from huitouke.service.backoffice.guards import Door, views_of
from huitouke.service.backoffice.urls import urlpatterns

DOORS = list(views_of(urlpatterns))
GIVEN = {
    "<str:secret>": "x" * 43,
    "<str:key>": "stf_00000000000000000000000000",
    "<str:provider_id>": "staff",
    "<slug:name>": "rules",
    "<slug:kind>": "per_spend",
    "<str:kind>": "csv",
    "<int:place>": "0",
    "<str:segment>": "seg_00000000000000000000000000",
    **{
        f"<str:{name}>": f"{prefix}_00000000000000000000000000"
        for name, prefix in (
            ("version", "ver"),
            ("errand", "err"),
            ("reward", "rwd"),
            ("campaign", "cpn"),
            ("batch", "bat"),
            ("referral", "rfl"),
        )
    },
}


def address(door: Door) -> str:
    route = door.route
    for place, value in GIVEN.items():
        route = route.replace(place, value)
    return f"/staff/{route}"


def code_for(secret, *, steps=0):
    """The code that an authenticator app shows now, or some steps of 30 s later."""
    at = int(time.time())  # noqa: TID251 - allauth looks at the true clock
    return format_hotp_value(hotp_value(secret, at // 30 + steps))
