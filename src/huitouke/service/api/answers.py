"""What goes out: JSON, problem details, and answers kept under their key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Header, Schema
from pydantic import BaseModel, Field

from huitouke.language import N_
from huitouke.service.api.keys import actor_of
from huitouke.service.core.errors import Refused, ServiceError
from huitouke.service.core.idempotency import Answer, canonical_hash, once
from huitouke.service.core.problems import Wrong, problem
from huitouke.service.core.reader import language_of

__all__ = [
    "KEY_NEEDED",
    "PROBLEMS",
    "IdempotencyKey",
    "KeyMissing",
    "OptionalKey",
    "Pointer",
    "Problem",
    "Unusable",
    "answer",
    "keyed",
    "pointers",
    "refusal",
]

_SHOWN_MOST = 50
_KEY = "Your own id of this request; the same key and body get the same answer."

# Checked by ``keyed``, which answers 400 where it is missing; the document says required,
# by these words.
KEY_NEEDED = f"{_KEY} Required."
IdempotencyKey = Annotated[
    str | None, Header(alias="Idempotency-Key", max_length=255, description=KEY_NEEDED)
]
OptionalKey = Annotated[
    str | None, Header(alias="Idempotency-Key", max_length=255, description=_KEY)
]


Made = TypeVar("Made", bound=BaseModel)

# What is kept comes back from the database in an order of its own; a repeat reads the same.
_sorted = msgspec.json.Encoder(order="sorted").encode


class KeyMissing(ServiceError):
    """A request that moves points came without its key."""

    code = "api.idempotency_key_missing"
    status = 400
    says = N_(
        "This request moves points and carries no Idempotency-Key of 1 to 255 characters."
    )
    remedy = N_("Send one that you make and keep, and the same one on every retry.")


class Unusable(ServiceError):
    """The request was read and cannot be used."""

    code = "api.invalid"
    status = 422
    says = N_("The request cannot be used; wrong values: {count}.")
    remedy = N_(
        "See errors for the places (left out: {more}); /v1/openapi.json says what is expected."
    )

    @classmethod
    def of(cls, count: int, *, shown: int = 0) -> Unusable:
        """Return the error with how many places were found and how many are not shown.

        A list of lines, payments or codes is read up to its first wrong entry only.
        """
        return cls(count=count, more=count - shown)


class Pointer(Schema):
    """Where in the request something is wrong."""

    pointer: str
    detail: str


class Problem(Schema):
    """What went wrong, after RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    messages: dict[str, str]
    values: dict[str, Any]
    request_id: str
    errors: list[Pointer] = Field(default_factory=list)


#: Every answer but the good ones, for the ``response=`` of an operation.
PROBLEMS: dict[frozenset[int] | int, Any] = dict.fromkeys(
    (400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429, 503), Problem
)


def refusal(request: HttpRequest, error: ServiceError) -> dict[str, Any]:
    """Return the problem details of an error for this request."""
    language = language_of(request)
    return problem(
        error,
        language=language,
        request_id=getattr(request, "request_id", ""),
        # An error about a document names every place of it that is wrong.
        errors=[
            Wrong(each.pointer, each.text(language))
            for each in getattr(error, "problems", ())[:_SHOWN_MOST]
        ],
    )


def pointers(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return where a validated value is wrong: the first places.

    Parameters
    ----------
    errors
        As pydantic lists them; the wrong values themselves are not repeated.
    """
    return [
        {"pointer": _pointer(each["loc"]), "detail": str(each["msg"])[:300]}
        for each in errors[:_SHOWN_MOST]
    ]


def _pointer(steps: Sequence[Any]) -> str:
    """Return a JSON pointer into the body; for a query or header, its place and name."""
    inside = steps[2:] if tuple(steps[:2]) == ("body", "body") else steps
    return "".join(
        "/" + str(step).replace("~", "~0").replace("/", "~1")[:100] for step in inside
    )


def answer(body: BaseModel | dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Return a JSON answer.

    Parameters
    ----------
    body
        What to say.
    status
        HTTP status; from 400 on the body is a problem.
    """
    text = body.model_dump_json() if isinstance(body, BaseModel) else _sorted(body)
    kind = "application/problem+json" if status >= 400 else "application/json"
    return HttpResponse(text, status=status, content_type=kind)


def keyed(
    request: HttpRequest,
    *,
    key: str | None,
    body: BaseModel | None,
    act: Callable[[str], Made],
    status: int | Callable[[Made], int] = 201,
    seen: Callable[[dict[str, Any]], dict[str, Any]] = dict,
) -> HttpResponse:
    """Do what a request asks at most once per key, and keep the answer for ever.

    Commands that keep their act under a key do so beside this one, for those who call them
    without a request (``programme.rewards.sticky``). They cannot stand in for it: they know
    what was made, not what was answered, and it may have changed since.

    Parameters
    ----------
    request
        The authenticated request.
    key
        Its Idempotency-Key.
    body
        Its validated body.
    act
        Does it and returns what to answer; gets the key to make natural keys of.
    status
        Status of the first answer, or how to tell it from what was made; a replay gives
        the same.
    seen
        What of the answer this key may see. All of it is kept: the next request may come
        with a key of the same name that sees more, or less.

    Raises
    ------
    KeyMissing
        If there is no key.
    """
    if not key:
        raise KeyMissing
    given = body.model_dump(mode="json") if body is not None else None
    same = canonical_hash(request.method, request.path, given, str(actor_of(request)))

    def make() -> Answer:
        made = act(key)
        code = status if isinstance(status, int) else status(made)
        return Answer(code, made.model_dump(mode="json"))

    kept = once(
        "http",
        key=key,
        request_hash=same,
        act=make,
        refuse=lambda refused: _refused(request, refused),
    )
    response = answer(seen(kept.body), status=kept.status)
    if kept.replayed:
        response["Idempotent-Replayed"] = "true"
    return response


def _refused(request: HttpRequest, refused: Refused) -> Answer:
    return Answer(refused.status, refusal(request, refused))
