"""What service errors add to the product's: an HTTP status, for the machines' door."""

from __future__ import annotations

from typing import ClassVar

from huitouke.errors import HuitoukeError

__all__ = ["Refused", "ServiceError"]


class ServiceError(HuitoukeError):
    """An obstacle in the running service.

    ``status`` is the HTTP status of the answer that tells it (RFC 9457 problem details):
    404 not there, 409 conflicts with what is stored, 422 cannot be used as sent.
    """

    status: ClassVar[int] = 422


class Refused(ServiceError):
    """A rule of the programme said no; under an idempotency key the refusal is kept.

    A repeat of the same request gets the same refusal, even where it would succeed today:
    the customer was told no.
    """
