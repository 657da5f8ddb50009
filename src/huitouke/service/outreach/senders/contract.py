"""What every channel takes and what it says when it could not send."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError

__all__ = ["Message", "NotSent", "Sender"]


class NotSent(ServiceError):
    """A channel did not take the message; neither address nor text is repeated."""

    code = "outreach.not_sent"
    status = 503
    says = N_("The message could not be handed on by {channel}: {problem}.")
    remedy = N_("Check the settings of the channel, then send it once more.")


@dataclass(frozen=True)
class Message:
    """One message to one person; its text stays out of logs and errors.

    Parameters
    ----------
    to
        Address, as the channel writes it.
    subject
        Of a mail; other channels leave it out.
    text
        What is read.
    """

    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)


class Sender(Protocol):
    """A channel that can send."""

    channel: ClassVar[str]

    def send(self, message: Message) -> None:
        """Hand a message on.

        Parameters
        ----------
        message
            What and to whom.

        Raises
        ------
        NotSent
            If the channel did not take it.
        """
