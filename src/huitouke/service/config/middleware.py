"""What every request passes: an id and a log line, a bound on its body, database care."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import new_id, public_id
from huitouke.service.core.problems import problem
from huitouke.service.core.reader import language_of
from huitouke.service.loop.imports.keeping import FileTooLarge
from huitouke.service.ui.failures import failure_page, for_people

__all__ = [
    "BodyLimit",
    "BodyTooLarge",
    "DatabaseAway",
    "DatabaseCare",
    "KnownHost",
    "LengthMissing",
    "RequestLog",
    "told",
]

_log = logging.getLogger("huitouke.requests")
_OURS = re.compile(r"[A-Za-z0-9._-]{1,64}")
_RETRY_SECONDS = 2
_SLOW_MS = 1_000
_FORM_BYTES = 65_536

Next = Callable[[HttpRequest], HttpResponse]


class BodyTooLarge(ServiceError):
    """The body is over the limit."""

    code = "config.body_too_large"
    status = 413
    says = N_("The body of the request is larger than {most} bytes.")
    remedy = N_("Send it in several requests; an array of facts may be split anywhere.")


class LengthMissing(ServiceError):
    """The body does not say how long it is."""

    code = "config.length_missing"
    status = 411
    says = N_("The body of the request does not say how long it is.")
    remedy = N_("Send it with Content-Length, not in chunks.")


class DatabaseAway(ServiceError):
    """No connection to the database was free in time, or it was lost."""

    code = "config.database_away"
    status = 503
    says = N_("The database cannot be reached, or is busy.")
    remedy = N_("Send the same request with the same key again in {retry_after} s.")


def told(request: HttpRequest, error: ServiceError) -> HttpResponse:
    """Return an error: to people as a page, to machines as problem details.

    Parameters
    ----------
    request
        The request that it answers.
    error
        What went wrong.
    """
    if for_people(request):
        return failure_page(request, error=error)
    body = problem(
        error, language=language_of(request), request_id=getattr(request, "request_id", "")
    )
    answer = HttpResponse(
        json.dumps(body, ensure_ascii=False),
        status=error.status,
        content_type="application/problem+json",
    )
    if "retry_after" in error.values:
        answer["Retry-After"] = str(error.values["retry_after"])
    return answer


def _unread(request: HttpRequest) -> bool:
    """Say whether a body was sent and the answer was given without reading it."""
    sent = request.META.get("CONTENT_LENGTH", "") not in {"", "0"}
    return sent and not getattr(request, "_read_started", True)


class RequestLog:
    """Gives each request an id, which stands in the answer and in the log line.

    Parameters
    ----------
    get_response
        The rest of the way.
    """

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on and write its line."""
        began = time.perf_counter()
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _OURS.fullmatch(given) else public_id("req", new_id())
        request.request_id = request_id  # type: ignore[attr-defined]
        response = self._next(request)
        response["X-Request-Id"] = request_id
        if _unread(request):
            # The server ends a connection whose body nobody read; the client must know.
            response["Connection"] = "close"
        if not response.streaming:
            # Without it the server sends even a short answer in chunks.
            response["Content-Length"] = str(len(response.content))
        found = request.resolver_match
        milliseconds = round((time.perf_counter() - began) * 1_000, 1)
        slow = milliseconds > _SLOW_MS or response.status_code >= 500
        _log.log(
            logging.WARNING if slow else logging.INFO,
            "",
            extra={
                "request_id": request_id,
                "method": request.method,
                "route": f"/{found.route}" if found else "-",
                "status": response.status_code,
                "ms": milliseconds,
            },
        )
        return response


class KnownHost:
    """Refuses requests for host names that are not served here; health is for everybody.

    Parameters
    ----------
    get_response
        The rest of the way.
    """

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; Django answers 400 for a foreign host."""
        if request.path != "/healthz":
            request.get_host()
        return self._next(request)


class BodyLimit:
    """Refuses a body over the limit by its declared length, before a byte of it is read.

    Parameters
    ----------
    get_response
        The rest of the way.
    """

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on unless its body is too large or has no length."""
        most: int = settings.BODY_BYTES
        if request.path == settings.UPLOAD_PATH:
            # A little more than the file may have: a form has fields and borders around it.
            most = max(most, settings.UPLOAD_BYTES + _FORM_BYTES)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if "HTTP_TRANSFER_ENCODING" in request.META:
            return told(request, LengthMissing())
        if not length.isdecimal() or len(length) > 15 or int(length) > most:
            return told(request, _too_large(request, most))
        return self._next(request)


def _too_large(request: HttpRequest, most: int) -> ServiceError:
    if request.path == settings.UPLOAD_PATH:
        return FileTooLarge(most_mb=settings.UPLOAD_BYTES // 1_000_000)
    return BodyTooLarge(most=most)


class DatabaseCare:
    """Turns a database that is away or full into 503 with ``Retry-After``, and recovers.

    Parameters
    ----------
    get_response
        The rest of the way.
    """

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; after a failure look through the pool once."""
        response = self._next(request)
        # Who was sent away without a turn says nothing of the database.
        turn = getattr(request, "turn", None)
        if response.status_code == 503 and (turn is None or turn.held):
            _mend_pool()
        return response

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        """Answer an error of the database or of ours; every other one goes its way."""
        if isinstance(exception, OperationalError | InterfaceError):
            return told(request, DatabaseAway(retry_after=_RETRY_SECONDS))
        return told(request, exception) if isinstance(exception, ServiceError) else None


def _mend_pool() -> None:
    """Throw out connections that a restart of the database has broken.

    A pool finds a broken connection only by using it; after one failed request all idle
    ones are tried, so that not each of them costs a request.
    """
    pool: Any = getattr(connection, "pool", None)
    if pool is None or connection.in_atomic_block:
        return
    connection.close_if_unusable_or_obsolete()
    if pool.get_stats().get("requests_waiting", 0) == 0:
        pool.check()
