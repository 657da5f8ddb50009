"""Messages by e-mail, through the mail backend of the settings and its time limit."""

from __future__ import annotations

import smtplib
from typing import ClassVar

from django.core.mail import EmailMessage

from huitouke.service.outreach.senders.contract import Message, NotSent

__all__ = ["MailSender"]


class MailSender:
    """Sends mail."""

    channel: ClassVar[str] = "email"

    def send(self, message: Message) -> None:
        """Hand a mail to the server.

        Parameters
        ----------
        message
            What and to whom.

        Raises
        ------
        NotSent
            If the server did not take it.
        """
        mail = EmailMessage(subject=message.subject, body=message.text, to=[message.to])
        try:
            mail.send()
        except (smtplib.SMTPException, OSError) as error:
            # The words of the server may repeat the address.
            raise NotSent(channel=self.channel, problem=type(error).__name__) from None
