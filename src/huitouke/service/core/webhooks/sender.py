"""One try: sign, send, read a little of the answer, within bounded time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import httpcore
from standardwebhooks import Webhook

from huitouke import __version__
from huitouke.service.core.webhooks.addresses import AddressRefused, GuardedNetwork, checked_url

__all__ = ["Outcome", "Parcel", "send", "signatures"]

_KEPT = 500
_READ_MOST = 4_096
_SECONDS = {"connect": 5.0, "read": 10.0, "write": 10.0, "pool": 15.0}
_WHOLE_SECONDS = 20.0


@dataclass(frozen=True)
class Parcel:
    """What is sent: the same id and body on every try."""

    url: str
    message_id: str
    body: str
    secrets: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What came back: a status, or the kind of failure."""

    status: int | None
    problem: str
    answer: str
    ms: int

    @property
    def accepted(self) -> bool:
        """Whether the receiver has taken it: any status 200 to 299."""
        return self.status is not None and 200 <= self.status < 300


def signatures(body: str, *, message_id: str, at: datetime, secrets: Sequence[str]) -> str:
    """Return the ``webhook-signature`` header: one signature per valid secret.

    Parameters
    ----------
    body
        The text as it is sent.
    message_id, at
        What stands in ``webhook-id`` and ``webhook-timestamp``.
    secrets
        ``whsec_…``; two while one is being changed for the other.

    References
    ----------
    Standard Webhooks specification 1.0.0, "Signature scheme".
    """
    return " ".join(
        Webhook(secret).sign(msg_id=message_id, timestamp=at, data=body) for secret in secrets
    )


@cache
def _connections() -> httpcore.ConnectionPool:
    return httpcore.ConnectionPool(
        network_backend=GuardedNetwork(), max_connections=20, keepalive_expiry=30, retries=0
    )


def send(parcel: Parcel, *, at: datetime) -> Outcome:
    """Send a parcel once; redirects are not followed.

    Parameters
    ----------
    parcel
        What to send.
    at
        The time of this try, which is signed with it.
    """
    began = time.monotonic()
    try:
        checked_url(parcel.url)
        status, answer = _exchange(parcel, at=at, until=began + _WHOLE_SECONDS)
        problem = "" if 200 <= status < 300 else f"HTTP {status}"
    except AddressRefused:
        status, answer, problem = None, "", "address refused"
    except (httpcore.TimeoutException, TimeoutError):
        status, answer, problem = None, "", "timeout"
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        status, answer, problem = None, "", type(error).__name__
    milliseconds = round((time.monotonic() - began) * 1_000)
    return Outcome(status, problem[:100], answer, milliseconds)


def _exchange(parcel: Parcel, *, at: datetime, until: float) -> tuple[int, str]:
    headers: dict[bytes | str, bytes | str] = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"Huitouke/{__version__}",
        "webhook-id": parcel.message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signatures(
            parcel.body, message_id=parcel.message_id, at=at, secrets=parcel.secrets
        ),
    }
    kept = b""
    with _connections().stream(
        "POST",
        parcel.url,
        headers=headers,
        content=parcel.body.encode("utf-8"),
        extensions={"timeout": _SECONDS},
    ) as response:
        for part in response.iter_stream():
            kept += part
            if len(kept) >= _READ_MOST:
                break
            if time.monotonic() > until:
                raise TimeoutError
        status = response.status
    text = kept[: _KEPT * 4].decode("utf-8", "replace").replace("\0", "")
    return status, text[:_KEPT]
