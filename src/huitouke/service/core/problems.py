"""Problem details (RFC 9457): how an error is told to a machine, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from huitouke.language import N_, Language, words
from huitouke.service.core.errors import ServiceError

__all__ = ["Wrong", "problem", "title"]

_TITLES = {
    400: N_("Bad request"),
    401: N_("Not authenticated"),
    403: N_("Not allowed"),
    404: N_("Not found"),
    405: N_("Wrong method"),
    409: N_("Conflict"),
    410: N_("Gone"),
    413: N_("Too large"),
    415: N_("Wrong media type"),
    422: N_("Cannot be used"),
    429: N_("Too many requests"),
    500: N_("Failed"),
    503: N_("Not available now"),
}
_OTHER = N_("Refused")
_TEXT_MOST = 500


@dataclass(frozen=True)
class Wrong:
    """One place of a request that is wrong.

    Parameters
    ----------
    pointer
        JSON pointer (RFC 6901) into the request's body, e.g. ``"/lines/0/amount_minor"``.
    detail
        What is wrong there.
    """

    pointer: str
    detail: str


def title(status: int, *, language: Language) -> str:
    """Return what an HTTP status means, in a word or two.

    Parameters
    ----------
    status
        From 400 on.
    language
        The reader's.

    Examples
    --------
    >>> title(404, language="en")
    'Not found'
    """
    return words(language).say(_TITLES.get(status, _OTHER))


def _plain(value: Any) -> Any:
    """Return a value as JSON can say it; long texts are cut."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return str(value)[:_TEXT_MOST]


def problem(
    error: ServiceError,
    *,
    language: Language,
    request_id: str,
    errors: Sequence[Wrong] = (),
) -> dict[str, Any]:
    """Return the problem details of an error.

    Parameters
    ----------
    error
        What went wrong.
    language
        The reader's language, for ``title`` and ``detail``; ``messages`` holds both.
    request_id
        Finds the request in the log.
    errors
        The places that are wrong, if more can be said.

    Returns
    -------
    dict
        JSON-able: type, title, status, detail, code, messages, values, request_id, errors.

    Examples
    --------
    >>> from huitouke.service.core.ids import IdUnknown
    >>> told = problem(IdUnknown(given="x", prefix="cus"), language="en", request_id="r1")
    >>> told["type"], told["code"], told["title"], told["status"]
    ('urn:huitouke:problem:core.id_unknown', 'id_unknown', 'Not found', 404)
    """
    return {
        "type": f"urn:huitouke:problem:{error.code}",
        "title": title(error.status, language=language),
        "status": error.status,
        "detail": error.text(language),
        "code": error.code.rpartition(".")[2],
        "messages": {"zh": error.text("zh"), "en": error.text("en")},
        "values": _plain(error.values),
        "request_id": request_id,
        "errors": [{"pointer": each.pointer, "detail": each.detail} for each in errors],
    }
