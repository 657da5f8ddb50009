"""API keys: made with a secret that is shown once, and revoked."""

from __future__ import annotations

from datetime import timedelta

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
from huitouke.service.backoffice.settings.contexts import KeyRow, Keys
from huitouke.service.backoffice.settings.forms import KeyForm
from huitouke.service.backoffice.settings.showing import shown_once
from huitouke.service.core import clock
from huitouke.service.core import keys as known
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import private_id, public_id
from huitouke.service.core.models import ApiKey
from huitouke.service.ui.pages import show

__all__ = ["keys", "revoke"]


@needs("settings.keys")
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """Show the keys, and make one.

    Parameters
    ----------
    request
        ``GET`` or ``POST``.
    """
    form = KeyForm(request.POST) if request.method == "POST" else KeyForm()
    if form.is_bound and form.is_valid():
        try:
            return _made(request, form)
        except ServiceError as error:
            failed(form, error, field="name")
    at = clock.now()
    rows = tuple(_row(each, expired=_over(each, at)) for each in known.all_keys())
    return show(
        request,
        template="backoffice/settings/keys.html",
        page=Keys(rows, form, new_key()),
        frame=frame_of(request),
        status=422 if form.errors else 200,
    )


@sensitive_variables("made")
def _made(request: HttpRequest, form: KeyForm) -> HttpResponse:
    """Make a key, and show its secret to who made it: in this answer and never again."""
    made: list[known.NewKey] = []
    given, at = form.cleaned_data, clock.now()
    days = int(given["lasts"])

    def act() -> Done:
        new = known.create(
            given["name"],
            scopes=given["scopes"],
            at=at,
            actor=actor_of(request),
            expires_at=at + timedelta(days=days) if days else None,
        )
        made.append(new)
        return Done(reverse("settings_keys"))

    answer = done_once(request, act)
    if not made:
        messages.info(request, say(N_("The key is there. Its secret was shown once.")))
        return answer
    return shown_once(
        request,
        secret=made[0].secret,
        title=N_("Copy the key now"),
        lead=say(N_("The key {name} is shown this once and kept nowhere."), name=given["name"]),
        back=N_("API keys"),
        back_url=reverse("settings_keys"),
        use=N_("Send it with every request: Authorization: Bearer, a space, and the key."),
    )


def _over(each: ApiKey, at: object) -> bool:
    return each.expires_at is not None and each.expires_at <= at  # type: ignore[operator]


def _row(each: ApiKey, *, expired: bool) -> KeyRow:
    state, tone = N_("good"), "good"
    if each.revoked_at is not None:
        state, tone = N_("revoked"), "bad"
    elif expired:
        state, tone = N_("expired"), "warn"
    return KeyRow(
        key=public_id("key", each.id),
        name=each.name,
        scopes=tuple(each.scopes),
        created_at=each.created_at,
        expires_at=each.expires_at,
        used_at=each.used_at,
        state=state,
        tone=tone,
        live=each.revoked_at is None and not expired,
    )


@needs("settings.keys")
@require_POST
def revoke(request: HttpRequest, key: str) -> HttpResponse:
    """End a key at once and for ever.

    Parameters
    ----------
    request
        ``POST``.
    key
        Public id of the key.
    """
    try:
        ended = known.revoke(private_id("key", key), at=clock.now(), actor=actor_of(request))
    except known.KeyUnknown as error:
        messages.error(request, explain(error))
    else:
        messages.success(
            request, say(N_("The key {name} opens nothing any more."), name=ended.name)
        )
    answer = HttpResponseRedirect(reverse("settings_keys"))
    answer.status_code = 303
    return answer
