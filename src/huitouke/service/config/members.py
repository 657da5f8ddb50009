"""How members sign in and how they are reached: the part of Django's settings that says so."""

from __future__ import annotations

from dataclasses import dataclass

from huitouke.service.config.environment import Environment
from huitouke.service.outreach.senders.choosing import Channels

__all__ = ["Members", "channels_of", "members_of"]


@dataclass(frozen=True)
class Members:
    """What the members' door asks of the settings.

    Parameters
    ----------
    join
        Whether who is no member yet may join there.
    session_days, session_idle_days
        How long a session lives with and without use.
    redeem_hours
        How long what was redeemed waits at the till.
    cookie, asked_cookie
        Names of the cookies.
    https
        Whether browsers reach the service by https.
    behind_proxy
        Whether a proxy in front says where requests come from.
    public_url
        Where others reach the service; empty: where the request came to.
    """

    join: bool
    session_days: int
    session_idle_days: int
    redeem_hours: int
    cookie: str
    asked_cookie: str
    https: bool
    behind_proxy: bool
    public_url: str


def members_of(environment: Environment, *, https: bool) -> Members:
    """Return what the members' door asks of the settings.

    Parameters
    ----------
    environment
        What the installation says.
    https
        Whether browsers reach the service by https.
    """
    # A cookie of this name is kept only if it is secure and of this host alone.
    prefix = "__Host-" if https else ""
    return Members(
        join=environment.member_join,
        session_days=environment.member_session_days,
        session_idle_days=environment.member_session_idle_days,
        redeem_hours=environment.member_redeem_hours,
        cookie=f"{prefix}huitouke_my",
        asked_cookie=f"{prefix}huitouke_my_asked",
        https=https,
        behind_proxy=environment.behind_proxy,
        public_url=environment.public_url.rstrip("/"),
    )


def channels_of(environment: Environment) -> Channels:
    """Return by which channels messages go out.

    Parameters
    ----------
    environment
        What the installation says.
    """
    return Channels(
        console=environment.demo,
        mails=bool(environment.smtp_url),
        sms_url=environment.sms_url,
        sms_token=environment.sms_token,
        sms_seconds=environment.sms_seconds,
    )
