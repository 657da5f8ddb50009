"""What the shop is called, and what holds for it elsewhere."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from huitouke.language import N_
from huitouke.service.backoffice.acts import Done, actor_of, done_once, new_key, say
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.placing import placed, worded
from huitouke.service.backoffice.settings.contexts import ProgrammeRow, ShopPage
from huitouke.service.backoffice.settings.forms import ShopForm
from huitouke.service.core import clock
from huitouke.service.core import shop as shops
from huitouke.service.ledger.units import units
from huitouke.service.programme.versions.queries import programmes
from huitouke.service.ui.pages import show
from huitouke.service.ui.reader import current

__all__ = ["shop"]


@needs("settings.shop")
@require_http_methods(["GET", "HEAD", "POST"])
@worded
def shop(request: HttpRequest) -> HttpResponse:
    """Show what the shop is, and take what it is called.

    Parameters
    ----------
    request
        ``GET`` or ``POST``.
    """
    known = shops.shop()
    if request.method == "POST":
        form = ShopForm(request.POST)
        if form.is_valid():
            return done_once(request, lambda: _described(request, form))
    else:
        form = ShopForm(
            initial={
                "name_zh": known.names.get("zh", ""),
                "name_en": known.names.get("en", ""),
                "language": known.language or "zh",
            }
        )
    page = ShopPage(
        form=form,
        form_key=new_key(),
        kind=known.kind,
        attribution=known.attribution.get("en" if current().language == "en" else "zh", ""),
        programmes=_programmes(),
        set_outside=_set_outside(),
    )
    return show(
        request,
        template="backoffice/settings/shop.html",
        page=page,
        frame=placed(request),
        status=422 if form.errors else 200,
    )


def _described(request: HttpRequest, form: ShopForm) -> Done:
    given = form.cleaned_data
    names = {"zh": given["name_zh"].strip(), "en": given["name_en"].strip()}
    told = replace(
        shops.shop(),
        names={language: name for language, name in names.items() if name},
        language=given["language"],
    )
    shops.describe(told, at=clock.now(), actor=actor_of(request))
    said = say(N_("The shop is called {name} from now on."), name=names["zh"])
    return Done(reverse("settings_shop"), said)


def _programmes() -> tuple[ProgrammeRow, ...]:
    language = "en" if current().language == "en" else "zh"
    counted = [each.code.partition(".") for each in units()]
    return tuple(
        ProgrammeRow(
            name=each.name.get(language) or each.name.get("zh", ""),
            code=each.code,
            currency=each.currency,
            zone=each.zone,
            units=tuple(unit for programme, _, unit in counted if programme == each.code),
        )
        for each in programmes()
    )


def _set_outside() -> tuple[tuple[str, str, str], ...]:
    """Return what the operator has set: label, value, and the name of the setting."""
    signing = settings.SIGNING
    hour = settings.ANALYSIS_HOUR
    at_night = say(N_("only when asked for")) if hour > 23 else f"{hour:02}:00"
    return (
        (N_("Address"), signing.public_url or "–", "HUITOUKE_PUBLIC_URL"),
        (N_("Daily analysis"), at_night, "HUITOUKE_ANALYSIS_HOUR"),
        (
            N_("Signed out when idle"),
            say(N_("after {n} minutes"), n=signing.idle_minutes),
            "HUITOUKE_SESSION_IDLE_MINUTES",
        ),
        (
            N_("Second factor of owners and developers"),
            say(N_("required")) if signing.second_factor_roles else say(N_("not required")),
            "HUITOUKE_SECOND_FACTOR",
        ),
        (
            N_("Largest file"),
            f"{settings.UPLOAD_BYTES // 1_000_000} MB",
            "HUITOUKE_UPLOAD_BYTES",
        ),
        (
            N_("Files are kept"),
            say(N_("{n} days"), n=settings.UPLOAD_DAYS),
            "HUITOUKE_UPLOAD_DAYS",
        ),
    )
