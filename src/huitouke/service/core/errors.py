"""What service errors add to the product's: an HTTP status, for the machines' door."""

from __future__ import annotations

from typing import ClassVar

from huitouke.errors import HuitoukeError
from huitouke.language import N_

__all__ = ["CursorUnreadable", "Refused", "ServiceError"]


class ServiceError(HuitoukeError):
    """An obstacle in the running service.

    ``status`` is the HTTP status of the answer that tells it (RFC 9457 problem details):
    404 not there, 409 conflicts with what is stored, 422 cannot be used as sent.
    """

    status: ClassVar[int] = 422


class CursorUnreadable(ServiceError):
    """The cursor was not made by the page before."""

    code = "core.cursor_unreadable"
    says = N_("This is not the cursor that the page before ended with.")
    remedy = N_("Begin again without a cursor.")


class Refused(ServiceError):
    """A rule of the programme said no; under an idempotency key the refusal is kept.

    A repeat of the same request gets the same refusal, even where it would succeed today:
    the customer was told no.
    """
