"""Short messages through a provider's HTTP address, as the settings name it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar

import httpcore

from huitouke import __version__
from huitouke.service.outreach.senders.contract import Message, NotSent

__all__ = ["SmsSender"]

_READ_MOST = 4_096


@dataclass(frozen=True)
class SmsSender:
    """Posts ``{"to": "+86…", "text": "…"}`` to an address; redirects are not followed.

    Parameters
    ----------
    url
        Of the provider, or of a small gateway in front of it.
    token
        Sent as ``Authorization: Bearer …``; empty: nothing.
    seconds
        Longest wait for the connection, and for each part of the answer.
    """

    url: str
    token: str = ""
    seconds: float = 10.0
    channel: ClassVar[str] = "sms"

    def __repr__(self) -> str:
        """Return the kind: address and token are secrets."""
        return "SmsSender()"

    def send(self, message: Message) -> None:
        """Hand a short message to the provider.

        Parameters
        ----------
        message
            What and to whom.

        Raises
        ------
        NotSent
            If the provider did not take it in time.
        """
        try:
            status = self._posted(json.dumps({"to": message.to, "text": message.text}))
        except (httpcore.TimeoutException, TimeoutError):
            raise NotSent(channel=self.channel, problem="timeout") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise NotSent(channel=self.channel, problem=type(error).__name__) from None
        if not 200 <= status < 300:
            raise NotSent(channel=self.channel, problem=f"HTTP {status}")

    def _posted(self, body: str) -> int:
        headers: dict[bytes | str, bytes | str] = {
            "Content-Type": "application/json",
            "User-Agent": f"Huitouke/{__version__}",
        }
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        limits: dict[str, Any] = dict.fromkeys(
            ("connect", "read", "write", "pool"), self.seconds
        )
        with (
            httpcore.ConnectionPool(max_connections=1, retries=0) as pool,
            pool.stream(
                "POST",
                self.url,
                headers=headers,
                content=body.encode(),
                extensions={"timeout": limits},
            ) as response,
        ):
            read = 0
            for part in response.iter_stream():
                read += len(part)
                if read >= _READ_MOST:
                    break
            status: int = response.status
        return status
