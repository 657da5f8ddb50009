"""Webhooks: who is told what happens, with a secret shown once, paused, ended."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from huitouke.language import N_
from huitouke.service.backoffice.acts import (
    Done,
    actor_of,
    done_once,
    explain,
    failed,
    new_key,
    say,
)
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.settings.contexts import (
    Deliveries,
    WebhookPage,
    WebhookRow,
    Webhooks,
)
from huitouke.service.backoffice.settings.forms import WebhookForm
from huitouke.service.backoffice.settings.pages.deliveries import STATES, row_of
from huitouke.service.backoffice.settings.showing import shown_once
from huitouke.service.core import clock
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import IdUnknown, private_id, public_id
from huitouke.service.core.webhooks import commands, queries
from huitouke.service.core.webhooks.models import Endpoint
from huitouke.service.ui.pages import show

__all__ = ["pause", "remove", "rotate", "wake", "webhook", "webhooks"]

_LISTED = 25
_SECRET = N_("Verify with it that a delivery comes from here, as Standard Webhooks says.")

Act = Callable[[HttpRequest, Endpoint], HttpResponse]


def _row(each: Endpoint) -> WebhookRow:
    if not each.active:
        state, tone = (
            (N_("the receiver is gone"), "bad") if each.note else (N_("paused"), "warn")
        )
    elif each.failures:
        state, tone = N_("failing"), "bad"
    else:
        state, tone = N_("at work"), "good"
    key = public_id("whk", each.id)
    return WebhookRow(
        key=key,
        url=reverse("settings_webhook", args=[key]),
        address=each.url,
        description=each.description,
        topics=tuple(each.topics),
        state=state,
        tone=tone,
        active=each.active,
        failures=each.failures,
    )


def _wrong(form: WebhookForm, error: ServiceError) -> None:
    field = "topics" if isinstance(error, commands.TopicBad) else "url"
    failed(form, error, field=field)


@needs("settings.webhooks")
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: HttpRequest) -> HttpResponse:
    """Show the webhooks, and subscribe an address.

    Parameters
    ----------
    request
        ``GET`` or ``POST``.
    """
    form = WebhookForm(request.POST) if request.method == "POST" else WebhookForm()
    if form.is_bound and form.is_valid():
        try:
            return _subscribed(request, form)
        except ServiceError as error:
            _wrong(form, error)
    rows = tuple(_row(each) for each in queries.endpoints())
    return show(
        request,
        template="backoffice/settings/webhooks.html",
        page=Webhooks(rows, form, new_key()),
        frame=frame_of(request),
        status=422 if form.errors else 200,
    )


@sensitive_variables("made")
def _subscribed(request: HttpRequest, form: WebhookForm) -> HttpResponse:
    made: list[commands.NewEndpoint] = []

    def act() -> Done:
        new = commands.subscribe(
            form.cleaned_data["url"].strip(),
            topics=form.cleaned_data["topics"],
            description=form.cleaned_data["description"],
            at=clock.now(),
            actor=actor_of(request),
        )
        made.append(new)
        return Done(reverse("settings_webhooks"))

    answer = done_once(request, act)
    if not made:
        messages.info(request, say(N_("The webhook is there. Its secret was shown once.")))
        return answer
    return _secret(request, made[0])


@sensitive_variables("made")
def _secret(request: HttpRequest, made: commands.NewEndpoint) -> HttpResponse:
    row = _row(made.record)
    return shown_once(
        request,
        secret=made.secret,
        title=N_("Copy the secret now"),
        lead=say(N_("The secret of {url} is shown this once."), url=row.address),
        back=N_("The webhook"),
        back_url=row.url,
        use=_SECRET,
    )


def _log(request: HttpRequest, found: Endpoint) -> Deliveries:
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    before = None
    with suppress(IdUnknown):
        before = private_id("dlv", request.GET.get("before", ""))
    rows = queries.deliveries(found.id, state=state or None, before=before, limit=_LISTED + 1)
    older = ""
    if len(rows) > _LISTED:
        older = public_id("dlv", rows[_LISTED - 1].id)
    asked = {"state": state, "before": older}
    return Deliveries(
        rows=tuple(row_of(each) for each in rows[:_LISTED]),
        chosen=state,
        states=tuple((name, says) for name, (says, _) in STATES.items()),
        older_url="?" + urlencode(asked) if older else "",
    )


@needs("settings.webhooks")
@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: HttpRequest, key: str) -> HttpResponse:
    """Show a webhook with its deliveries, and change what it is told of.

    Parameters
    ----------
    request
        ``GET``; ``state`` and ``before`` choose deliveries. ``POST`` changes the webhook.
    key
        Its public id.
    """
    found = queries.endpoint(private_id("whk", key))
    others = tuple(found.topics)
    if request.method == "POST":
        form = WebhookForm(request.POST, others=others)
        if form.is_valid():
            try:
                return done_once(request, lambda: _changed(request, found, form))
            except ServiceError as error:
                _wrong(form, error)
    else:
        told = {"url": found.url, "description": found.description, "topics": found.topics}
        form = WebhookForm(initial=told, others=others)
    page = WebhookPage(
        webhook=_row(found),
        created_at=found.created_at,
        paused_until=found.paused_until,
        old_secret_until=found.old_secret_until,
        form=form,
        form_key=new_key(),
        log=_log(request, found),
    )
    return show(
        request,
        template="backoffice/settings/webhook.html",
        page=page,
        frame=frame_of(request, here="settings_webhooks"),
        status=422 if form.errors else 200,
    )


def _changed(request: HttpRequest, found: Endpoint, form: WebhookForm) -> Done:
    given: dict[str, Any] = form.cleaned_data
    changed = {
        "url": given["url"].strip() if given["url"].strip() != found.url else None,
        "topics": given["topics"],
        "description": given["description"],
    }
    commands.change(found.id, at=clock.now(), actor=actor_of(request), **changed)
    return Done(_row(found).url, say(N_("Changed. It counts from what happens next on.")))


def _act(function: Act) -> Callable[..., HttpResponse]:
    """Return the view of an act on one webhook."""

    @needs("settings.webhooks")
    @require_POST
    def view(request: HttpRequest, key: str) -> HttpResponse:
        found = queries.endpoint(private_id("whk", key))
        try:
            return function(request, found)
        except ServiceError as error:
            messages.error(request, explain(error))
            return _to(_row(found).url)

    view.__doc__ = function.__doc__
    return view


def _to(address: str) -> HttpResponse:
    answer = HttpResponseRedirect(address)
    answer.status_code = 303
    return answer


def _pause(request: HttpRequest, found: Endpoint) -> HttpResponse:
    """Send nothing for now; what waits, waits."""
    commands.change(found.id, at=clock.now(), actor=actor_of(request), active=False)
    messages.success(
        request, say(N_("Paused. What happens meanwhile is not noted down for it."))
    )
    return _to(_row(found).url)


def _wake(request: HttpRequest, found: Endpoint) -> HttpResponse:
    """Go on sending, at once."""
    commands.change(found.id, at=clock.now(), actor=actor_of(request), active=True)
    messages.success(request, say(N_("At work again. What waited is sent now.")))
    return _to(_row(found).url)


@sensitive_variables()
def _rotate(request: HttpRequest, found: Endpoint) -> HttpResponse:
    """Give it a new secret; both sign for a day."""
    made: list[commands.NewEndpoint] = []

    def act() -> Done:
        new = commands.rotate(found.id, at=clock.now(), actor=actor_of(request))
        made.append(new)
        return Done(_row(found).url)

    answer = done_once(request, act)
    return _secret(request, made[0]) if made else answer


def _remove(request: HttpRequest, found: Endpoint) -> HttpResponse:
    """End it."""
    commands.remove(found.id, at=clock.now(), actor=actor_of(request))
    messages.success(request, say(N_("{url} is told nothing any more."), url=found.url))
    return _to(reverse("settings_webhooks"))


pause = _act(_pause)
wake = _act(_wake)
rotate = _act(_rotate)
remove = _act(_remove)
