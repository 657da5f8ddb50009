"""Which channel reaches an address, by what the installation has set up."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings

from huitouke.service.outreach.senders.console import ConsoleSender
from huitouke.service.outreach.senders.contract import Sender
from huitouke.service.outreach.senders.mail import MailSender
from huitouke.service.outreach.senders.sms import SmsSender

__all__ = ["Channels", "sender_for"]


@dataclass(frozen=True)
class Channels:
    """What is set up.

    Parameters
    ----------
    console
        Whether messages are only written out: a demo.
    mails
        Whether mail reaches anybody.
    sms_url, sms_token, sms_seconds
        Where short messages go; without an address there are none.
    """

    console: bool = False
    mails: bool = False
    sms_url: str = field(default="", repr=False)
    sms_token: str = field(default="", repr=False)
    sms_seconds: int = 10


def sender_for(kind: str) -> Sender | None:
    """Return what reaches an address of a kind, or None.

    Parameters
    ----------
    kind
        ``"phone"`` or ``"email"``.
    """
    channels: Channels = settings.CHANNELS
    if kind == "phone" and channels.sms_url:
        return SmsSender(channels.sms_url, channels.sms_token, channels.sms_seconds)
    if kind == "email" and channels.mails:
        return MailSender()
    return ConsoleSender() if channels.console and kind in {"phone", "email"} else None
