"""What may come in: JSON in UTF-8, of bounded size and depth, without trick values."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser

from huitouke.language import N_
from huitouke.service.api.keys import actor_of
from huitouke.service.core.errors import ServiceError

__all__ = ["BodyBroken", "BodyNotJson", "StrictParser", "raw_body"]

_TYPES = {"application/json", "application/problem+json"}
_CHARSETS = {"", "utf-8", "utf8"}
_DEEPEST = 40
# No request but an array of facts says more than this; each of them may be wrong, and a
# wrong one costs a hundred times what it takes to send.
_VALUES_MOST = 50_000
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(each for each in range(256) if each not in b"[]{}")


class BodyNotJson(ServiceError):
    """The body is of another kind."""

    code = "api.body_not_json"
    status = 415
    says = N_("The body is sent as {given}.")
    remedy = N_("Send Content-Type: application/json in UTF-8.")


class BodyBroken(ServiceError):
    """The body cannot be read as JSON."""

    code = "api.body_broken"
    status = 400
    says = N_("The body is not JSON that can be read here: {problem}.")
    remedy = N_("Send one JSON value: no NaN, no NUL, at most {deepest} levels deep.")

    @classmethod
    def because(cls, problem: str) -> BodyBroken:
        """Return the error with what was found, cut short."""
        return cls(problem=problem[:120], deepest=_DEEPEST)


def raw_body(request: HttpRequest) -> bytes:
    """Return the bytes of a JSON body after checks that need no parsing.

    Parameters
    ----------
    request
        The request; its size has been bounded before.

    Raises
    ------
    BodyNotJson
        If the declared type or charset is another.
    BodyBroken
        If it holds NUL, bare or escaped, or is nested too deep.
    """
    kind = (request.content_type or "").lower()
    charset = request.content_params.get("charset", "") if request.content_params else ""
    if kind not in _TYPES or charset.lower() not in _CHARSETS:
        raise BodyNotJson(given=f"{kind or '-'} {charset}".strip()[:80])
    raw = _read(request)
    if b"\\u0000" in raw or b"\0" in raw:
        raise BodyBroken.because("NUL")
    # Cheap bound first: only a body with that many brackets can be that deep.
    if raw.count(b"[") + raw.count(b"{") > _DEEPEST and _depth(raw) > _DEEPEST:
        raise BodyBroken.because(f"> {_DEEPEST}")
    return raw


def _read(request: HttpRequest) -> bytes:
    """Return the body; while it is on its way, others have this request's turn."""
    turn = getattr(request, "turn", None)
    if turn is None or request.META.get("CONTENT_LENGTH") in {None, "", "0"}:
        return request.body
    with turn.aside(actor_of(request).name):
        return request.body


def _depth(raw: bytes) -> int:
    """Return how deep brackets nest outside strings, as far as it matters.

    Pairs are taken off from the inside, all of one depth at a time: megabytes of brackets
    are looked at in tens of milliseconds. What is never closed counts as one inside another.
    """
    brackets = _STRINGS.sub(b"", raw).translate(_ONE_KIND, _NO_BRACKETS)
    for depth in range(_DEEPEST + 1):
        inner = brackets.replace(b"[]", b"")
        if len(inner) == len(brackets):
            return depth + inner.count(b"[")
        brackets = inner
    return _DEEPEST + 1


def _refuse_constant(name: str) -> NoReturn:
    raise BodyBroken.because(name)


class StrictParser(Parser):
    """Reads bodies as JSON proper."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the parsed body.

        Raises
        ------
        BodyBroken
            If it is not JSON in UTF-8.
        """
        raw = raw_body(request)
        if raw.count(b",") > _VALUES_MOST:
            raise BodyBroken.because(f"> {_VALUES_MOST} values")
        try:
            text = raw.decode("utf-8")
            found = json.loads(text, parse_constant=_refuse_constant)
            if b"\\u" in raw:
                # Lone surrogates can be escaped in JSON and are no text.
                json.dumps(found, ensure_ascii=False).encode("utf-8")
        except (UnicodeError, ValueError, RecursionError) as error:
            raise BodyBroken.because(type(error).__name__) from error
        return found
