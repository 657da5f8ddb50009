"""Messages on the operator's screen: for the demo and for tests, where nobody is reached."""

from __future__ import annotations

import sys
from typing import ClassVar

from huitouke.service.outreach.senders.contract import Message

__all__ = ["ConsoleSender"]


class ConsoleSender:
    """Writes each message to standard output, code and all."""

    channel: ClassVar[str] = "console"

    def send(self, message: Message) -> None:
        """Write a message out.

        Parameters
        ----------
        message
            What and to whom.
        """
        sys.stdout.write(f"[message to {message.to}] {message.text}\n")
        sys.stdout.flush()
