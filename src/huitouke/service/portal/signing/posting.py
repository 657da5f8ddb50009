"""Codes leave beside the request: the answer is as quick for who is known as for others."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor

from huitouke.service.outreach.senders.contract import Message, NotSent, Sender

__all__ = ["post", "settle"]

_log = logging.getLogger("huitouke.portal")
_pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="codes")
_MOST_WAITING = 500
_waiting: set[Future[None]] = set()
_lock = threading.Lock()


def post(sender: Sender, *, message: Message) -> None:
    """Send a message soon; who gets none asks for another.

    Parameters
    ----------
    sender
        Its channel.
    message
        What and to whom.
    """
    with _lock:
        if len(_waiting) >= _MOST_WAITING:
            _log.warning("code not sent", extra={"channel": sender.channel, "problem": "full"})
            return
        future = _pool.submit(_send, sender, message)
        _waiting.add(future)
    future.add_done_callback(_gone)


def _send(sender: Sender, message: Message) -> None:
    try:
        sender.send(message)
    except NotSent as error:
        _log.warning(
            "code not sent",
            extra={"channel": sender.channel, "problem": error.values["problem"]},
        )


def _gone(future: Future[None]) -> None:
    with _lock:
        _waiting.discard(future)
    broken = future.exception()
    if broken is not None:
        _log.error("code not sent", extra={"problem": type(broken).__name__})


def settle() -> None:
    """Wait until all that was posted has left, each within the time limits of its channel."""
    with _lock:
        waiting = list(_waiting)
    for each in waiting:
        each.result()
