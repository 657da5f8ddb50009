"""A reward that a member redeemed elsewhere: found by its code, handed over or given back."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from huitouke.language import N_
from huitouke.service.backoffice.acts import Done, actor_of, done_once, explain, say
from huitouke.service.backoffice.customers.naming import named
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.till.shown import page_of, returning
from huitouke.service.core import clock
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import private_id, public_id
from huitouke.service.programme.models.rewards import Redemption
from huitouke.service.programme.people.listing import ground_of
from huitouke.service.programme.rewards.completion import release
from huitouke.service.programme.rewards.counter import hand_over_held, hand_over_shared
from huitouke.service.programme.rewards.pacts import PactUnknown, release_pact
from huitouke.service.programme.rewards.refusals import RedemptionUnknown
from huitouke.service.programme.rewards.shown import Shown, parts_behind
from huitouke.service.ui.pages import show

__all__ = [
    "give_back",
    "give_back_shared",
    "hand_over",
    "hand_over_both",
    "redemption",
    "shared",
]


def _alone(key: str) -> tuple[Shown, tuple[Redemption, ...]]:
    found = Shown("redemption", private_id("rdm", key))
    parts = parts_behind(found)
    if not parts:
        raise RedemptionUnknown(redemption=public_id("rdm", found.id))
    return found, parts


def _both(key: str) -> tuple[Shown, tuple[Redemption, ...]]:
    found = Shown("pact", private_id("pct", key))
    parts = parts_behind(found)
    if not parts:
        raise PactUnknown(pact=public_id("pct", found.id))
    return found, parts


def _shown(
    request: HttpRequest,
    found: Shown,
    *,
    parts: tuple[Redemption, ...],
    wrong: str = "",
) -> HttpResponse:
    page = page_of(found, parts=parts, ground=ground_of(now=clock.now()), wrong=wrong)
    return show(
        request,
        template="backoffice/till/shown.html",
        page=page,
        frame=frame_of(request),
        status=422 if wrong else 200,
    )


def _acted(
    request: HttpRequest,
    load: Callable[[], tuple[Shown, tuple[Redemption, ...]]],
    *,
    act: Callable[[Shown], Done],
) -> HttpResponse:
    """Do it once; what stands in the way is told on the page as it is by now."""
    found, _ = load()
    try:
        return done_once(request, lambda: act(found))
    except ServiceError as error:
        return _shown(request, found, parts=load()[1], wrong=explain(error))


@needs("till.use")
@require_safe
def redemption(request: HttpRequest, key: str) -> HttpResponse:
    """Show what a member redeemed; a part of a shared reward leads to the whole of it.

    Parameters
    ----------
    request
        ``GET``.
    key
        Public id of the redemption.
    """
    found, parts = _alone(key)
    if parts[0].pact_id is not None:
        there = reverse("till_shared", args=[public_id("pct", parts[0].pact_id)])
        return HttpResponseRedirect(there)
    return _shown(request, found, parts=parts)


@needs("till.use")
@require_safe
def shared(request: HttpRequest, key: str) -> HttpResponse:
    """Show a reward that two members share.

    Parameters
    ----------
    request
        ``GET``.
    key
        Public id of the shared reward.
    """
    found, parts = _both(key)
    return _shown(request, found, parts=parts)


@needs("till.use")
@require_POST
def hand_over(request: HttpRequest, key: str) -> HttpResponse:
    """Hand over what a member redeemed, once.

    Parameters
    ----------
    request
        ``POST`` with ``key``.
    key
        Public id of the redemption.
    """

    def act(found: Shown) -> Done:
        done = hand_over_held(found.id, at=clock.now(), actor=actor_of(request))
        name = named(done.reward.names) if done.reward else ""
        text = N_("{reward}: {n} points spent. Hand it over.")
        if done.code:
            text = N_("{reward}: {n} points spent. The code is {code}.")
        said = say(text, reward=name, n=done.captured_points, code=done.code)
        return Done(reverse("till_member", args=[public_id("cus", done.customer_id)]), said)

    return _acted(request, lambda: _alone(key), act=act)


@needs("till.use")
@require_POST
def hand_over_both(request: HttpRequest, key: str) -> HttpResponse:
    """Hand over a reward that two members share, once.

    Parameters
    ----------
    request
        ``POST`` with ``key``.
    key
        Public id of the shared reward.
    """

    def act(found: Shown) -> Done:
        done = hand_over_shared(found.id, at=clock.now(), actor=actor_of(request))
        code = next((each.code for each in parts_behind(found) if each.code), "")
        text = N_("{reward}: both members' points spent. Hand it over.")
        if code:
            text = N_("{reward}: both members' points spent. The code is {code}.")
        said = say(text, reward=named(done.reward.names), code=code)
        return Done(reverse("till_member", args=[public_id("cus", done.starter_id)]), said)

    return _acted(request, lambda: _both(key), act=act)


@needs("till.use")
@require_POST
def give_back(request: HttpRequest, key: str) -> HttpResponse:
    """Give the points of a redemption back, once.

    Parameters
    ----------
    request
        ``POST`` with ``key``.
    key
        Public id of the redemption.
    """

    def act(found: Shown) -> Done:
        done = release(found.id, at=clock.now(), actor=actor_of(request))
        there = reverse("till_member", args=[public_id("cus", done.customer_id)])
        return Done(there, say(N_("Given up: {n} points went back."), n=returning([done]).back))

    return _acted(request, lambda: _alone(key), act=act)


@needs("till.use")
@require_POST
def give_back_shared(request: HttpRequest, key: str) -> HttpResponse:
    """Give both members of a shared reward their points back, once.

    Parameters
    ----------
    request
        ``POST`` with ``key``.
    key
        Public id of the shared reward.
    """

    def act(found: Shown) -> Done:
        done = release_pact(found.id, at=clock.now(), actor=actor_of(request))
        parts = parts_behind(found)
        there = reverse("till_member", args=[public_id("cus", done.starter_id)])
        text = N_("Given up: {n} points went back.")
        if len(parts) > 1:
            text = N_("Given up: {n} points went back to the two of them.")
        return Done(there, say(text, n=returning(parts).back))

    return _acted(request, lambda: _both(key), act=act)
