"""Facts come in here, one or up to 10,000 at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import FailFast, Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from huitouke.errors import all_errors
from huitouke.language import N_, one_of
from huitouke.service.api.answers import (
    PROBLEMS,
    OptionalKey,
    Unusable,
    answer,
    pointers,
    refusal,
)
from huitouke.service.api.bodies import BodyBroken, raw_body
from huitouke.service.api.keys import Scoped, actor_of, scopes_of
from huitouke.service.api.shapes.facts import FactAnswer, FactsAnswer, seen
from huitouke.service.api.shapes.reasons import with_sentences
from huitouke.service.core import limits
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.idempotency import (
    Answer,
    StillRunning,
    canonical_hash,
    recall,
    remember,
)
from huitouke.service.core.problems import title
from huitouke.service.core.reader import language_of
from huitouke.service.programme.events.facts import FACT, FACTS_MOST, NO_KIND, Fact, FactBase
from huitouke.service.programme.events.record import record
from huitouke.service.programme.events.results import FactResult

__all__ = ["EXAMPLE", "FACTS_PER_REQUEST", "FactsTooMany", "router", "shown"]

router = Router(tags=["facts"])

# It stops at the first fact that is wrong: a list of all errors of a large array takes a
# hundred times the memory of the array.
_ALL: TypeAdapter[list[Fact]] = TypeAdapter(
    Annotated[list[Fact], Field(min_length=1, max_length=FACTS_MOST), FailFast()]
)
#: So many facts of an array count as one request against the rate limit.
FACTS_PER_REQUEST = 10
# A fact of a thousand lines with all they can say has fewer; a smaller body is not counted.
_MEMBERS_MOST = 20_000

EXAMPLE: dict[str, Any] = {
    "type": "order.paid",
    "source": "shop",
    "source_id": "1001",
    "occurred_at": "2026-11-20T10:15:00+08:00",
    "customer": {"identity": {"kind": "phone", "value": "13800138000"}},
    "order": {
        "number": "1001",
        "currency": "CNY",
        "lines": [
            {
                "sku": "TEA-250",
                "name": "Longjing tea 250 g",
                "category": "tea",
                "quantity": 2,
                "amount_minor": 25600,
            },
            {"sku": "CUP-1", "category": "cups", "quantity": 1, "amount_minor": 4400},
        ],
        "channel": "shop",
    },
}


class FactsTooMany(ServiceError):
    """The array is empty or too long."""

    code = "api.facts_too_many"
    status = 422
    says = N_("The array holds {count} facts; 1 to {most} can be sent at once.")
    remedy = N_("Send them in several requests; an array may be split anywhere.")


@router.post(
    "/events",
    auth=Scoped("events:write"),
    response={200: FactAnswer | FactsAnswer, **PROBLEMS},
    operation_id="recordFacts",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "oneOf": [
                            {"$ref": "#/components/schemas/Fact"},
                            {
                                "type": "array",
                                "minItems": 1,
                                "maxItems": FACTS_MOST,
                                "items": {"$ref": "#/components/schemas/Fact"},
                            },
                        ]
                    },
                    "example": EXAMPLE,
                }
            },
        }
    },
)
def record_facts(
    request: HttpRequest,
    *,
    sentences: Annotated[bool, Query()] = False,
    key: OptionalKey = None,
) -> HttpResponse:
    """Record one fact, or an array of up to 10,000 with a result for each.

    A fact counts once per (source, source_id), for ever: the same body again gets the first
    answer, another body is refused. An Idempotency-Key may be sent as well. An array is
    worked on a thousand at a time; each thousand is recorded whole or not at all, and the
    same array can be sent again after a failure.

    Against the rate limit every ten facts of an array count as one request more.

    Every effect carries its reason as code and values. The answer to a single fact also
    says each reason in zh and en; for an array, ask with ``?sentences=true``.
    """
    raw = raw_body(request)
    given = _json(raw)
    single = not isinstance(given, list)
    if not single and not 1 <= len(given) <= FACTS_MOST:
        raise FactsTooMany(count=len(given), most=FACTS_MOST)
    actor = actor_of(request)
    if not single:
        limits.charge(actor.name, cost=len(given) // FACTS_PER_REQUEST)
    if not key:
        worked = _worked(request, given, raw=raw, actor=actor, sentences=sentences)
        return _response(request, worked)
    same = canonical_hash(request.method, request.path, given, str(actor))
    # Another array under the same key must not be worked on beside this one.
    with _alone(key):
        kept = recall("http", key=key, request_hash=same)
        if kept is not None:
            return _response(request, (kept.body, kept.status, 1))
        body, status, _ = _worked(request, given, raw=raw, actor=actor, sentences=sentences)
        if _final(body, status=status):
            remember("http", key=key, request_hash=same, answer=Answer(status, body))
    return _response(request, (body, status, 0))


@contextmanager
def _alone(key: str) -> Iterator[None]:
    """Hold a key for work that is several transactions; the end of the session frees it."""
    name = [f"http\n{key}"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 7))", name)
        if not cursor.fetchone()[0]:
            raise StillRunning(key=key)
    held_by = connection.connection
    try:
        yield
    finally:
        if connection.connection is held_by and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 7))", name)


def _final(body: dict[str, Any], *, status: int) -> bool:
    """Say whether an answer stands for ever; a fact that was not kept may come again."""
    if status == 200:
        return True
    told = body.get("values", {}).get("result", {})
    return bool(told.get("status") == "refused")


def _response(request: HttpRequest, worked: tuple[dict[str, Any], int, int]) -> HttpResponse:
    body, status, replayed = worked
    response = answer(seen(body, scopes=scopes_of(request)), status=status)
    if replayed:
        response["Idempotent-Replayed"] = str(replayed)
    return response


def _json(raw: bytes) -> Any:
    try:
        return from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise BodyBroken.because(str(error)) from error


def _worked(
    request: HttpRequest, given: Any, *, raw: bytes, actor: Actor, sentences: bool
) -> tuple[dict[str, Any], int, int]:
    """Return body, status and how many facts were known before."""
    if isinstance(given, list):
        return _many(given, raw=raw, actor=actor, sentences=sentences)
    if _crowded(given):
        raise Unusable.of(1)
    try:
        fact = FACT.validate_python(given)
    except ValidationError as error:
        places = _places(error)
        problem = refusal(request, Unusable.of(error.error_count(), shown=len(places)))
        return {**problem, "errors": places}, Unusable.status, 0
    (result,) = record([fact], actor=actor)
    if result.code and result.status in {"invalid", "refused"}:
        return _single_problem(request, result), _status_of(result.code), 0
    return shown(result, sentences=True), 200, int(result.status == "replayed")


def _status_of(code: str) -> int:
    error = all_errors().get(code)
    return error.status if error is not None and issubclass(error, ServiceError) else 422


def _single_problem(request: HttpRequest, result: FactResult) -> dict[str, Any]:
    """Return a fact's refusal as problem details, which also hold its result."""
    code = result.code or ""
    says = result.says or {"zh": code, "en": code}
    status, language = _status_of(code), language_of(request)
    return {
        "type": f"urn:huitouke:problem:{code}",
        "title": title(status, language=language),
        "status": status,
        "detail": one_of(says, language=language),
        "code": code.rpartition(".")[2],
        "messages": says,
        "values": {"result": shown(result, sentences=True)},
        "request_id": getattr(request, "request_id", ""),
        "errors": [],
    }


def shown(result: FactResult, *, sentences: bool) -> dict[str, Any]:
    """Return a fact's result as it is answered: a repeat looks like the first time.

    Parameters
    ----------
    result
        What it came to.
    sentences
        Whether each reason says itself, in both languages.
    """
    said: dict[str, Any] = {
        "source": result.source,
        "source_id": result.source_id,
        "type": result.type,
        "id": result.id,
        **result.kept(),
    }
    if said["status"] == "replayed":
        said["status"] = "done"
    if result.code:
        said["code"] = result.code.rpartition(".")[2]
    for name in ("effects", "reasons") if sentences else ():
        if name in said:
            said[name] = with_sentences(said[name])
    return said


def _many(
    given: list[Any], *, raw: bytes, actor: Actor, sentences: bool
) -> tuple[dict[str, Any], int, int]:
    """Record what can be; one fact that cannot be read does not hold up the others."""
    wrong: dict[int, dict[str, Any]] = {}
    facts: Sequence[FactBase]
    places: Sequence[int]
    try:
        if raw.count(b",") > _MEMBERS_MOST and any(map(_crowded, given)):
            facts, places = _readable(given, wrong=wrong)
        else:
            facts, places = _ALL.validate_json(raw), range(len(given))
    except ValidationError:
        facts, places = _readable(given, wrong=wrong)
    results = record(facts, actor=actor)
    rows = dict(wrong)
    for place, result in zip(places, results, strict=True):
        rows[place] = shown(result, sentences=sentences)
    replayed = sum(result.status == "replayed" for result in results)
    return {"results": [rows[place] for place in range(len(given))]}, 200, replayed


def _readable(
    given: list[Any], *, wrong: dict[int, dict[str, Any]]
) -> tuple[list[FactBase], list[int]]:
    facts: list[FactBase] = []
    places: list[int] = []
    for place, one in enumerate(given):
        if _crowded(one):
            wrong[place] = _unreadable(one, count=1, errors=[])
            continue
        try:
            facts.append(FACT.validate_python(one))
        except ValidationError as error:
            count, errors = error.error_count(), _places(error)
            wrong[place] = _unreadable(one, count=count, errors=errors)
        else:
            places.append(place)
    return facts, places


def _crowded(one: Any) -> bool:
    """Say whether a fact has more members, at all depths, than any fact can have."""
    count, parts = 0, [one] if isinstance(one, dict | list) else []
    while parts:
        part = parts.pop()
        count += len(part)
        if count > _MEMBERS_MOST:
            return True
        inner = part.values() if isinstance(part, dict) else part
        parts.extend(each for each in inner if isinstance(each, dict | list))
    return False


def _places(error: ValidationError) -> list[dict[str, str]]:
    lean = error.errors(include_url=False, include_context=False, include_input=False)
    # Of a union Pydantic names the whole; what is wrong stands in its type.
    return pointers(
        [
            {**each, "loc": (*each["loc"], "type")} if each["type"] == NO_KIND else each
            for each in lean
        ]
    )


def _unreadable(one: Any, *, count: int, errors: list[dict[str, str]]) -> dict[str, Any]:
    named = one if isinstance(one, dict) else {}
    told = Unusable.of(count, shown=len(errors))
    return {
        **{name: str(named.get(name, ""))[:120] for name in ("source", "source_id", "type")},
        "status": "invalid",
        "code": told.code.rpartition(".")[2],
        "says": {"zh": told.text("zh"), "en": told.text("en")},
        "errors": errors,
    }
