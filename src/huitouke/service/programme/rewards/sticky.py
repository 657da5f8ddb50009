"""A key does one thing once; also a refusal is kept and given again.

The API keeps answers under keys as well (``api.answers.keyed``), and neither makes the other
needless. Here the *act* is kept, for whoever calls the command, with a request or without:
what it made is read again, as it is by now. There the *answer* is kept: status and body as
they were, for every route, also those whose command knows no key.
A request that redeems therefore leaves two rows of ``core_request``, in one transaction. One
that is refused leaves the API's alone: the transaction in which it was kept here is undone.
So a key belongs to one door; who repeats a request repeats it where it was made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from huitouke.errors import all_errors
from huitouke.service.core.errors import Refused
from huitouke.service.core.idempotency import Answer, canonical_hash, once

__all__ = ["kept"]


def _refusal(refused: Refused) -> Answer:
    values = {
        name: each if isinstance(each, int) else str(each)
        for name, each in refused.values.items()
    }
    return Answer(status=refused.status, body={"refused": refused.code, "values": values})


def kept(scope: str, *, key: str, request: Any, act: Callable[[], UUID]) -> UUID:
    """Do something at most once under a key and return the id of what it made.

    Parameters
    ----------
    scope
        What kind of act it is, and for which programme.
    key
        The caller's key.
    request
        JSON-able: all that makes it the same request.
    act
        Does it, in the transaction in which the key is kept, and returns an id.

    Raises
    ------
    Refused
        What ``act`` refused, now or the first time; its effects are undone.
    BodyDiffers
        If the key is known for another request.
    StillRunning
        If the same key is being worked on.
    """
    answer = once(
        scope,
        key=key,
        request_hash=canonical_hash(scope, request),
        act=lambda: Answer(status=200, body={"id": str(act())}),
        refuse=_refusal,
    )
    if "refused" in answer.body:
        raise all_errors()[answer.body["refused"]](**answer.body["values"])
    return UUID(answer.body["id"])
