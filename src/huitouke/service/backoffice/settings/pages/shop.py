"""What the shop is called, and what holds for it elsewhere."""

from __future__ import annotations

from dataclasses import asdict, replace
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from huitouke.language import N_, one_of
from huitouke.service.backoffice.acts import (
    Done,
    actor_of,
    done_once,
    explain,
    failed,
    new_key,
    say,
)
from huitouke.service.backoffice.customers.naming import actor_names, brand_name
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.percents import percent
from huitouke.service.backoffice.settings.contexts import (
    BrandRow,
    ProgrammeRow,
    ShopPage,
    WordingPart,
    WordingRow,
)
from huitouke.service.backoffice.settings.forms import (
    BrandForm,
    EconomicsForm,
    PlaceForm,
    ShopForm,
    WordingForm,
)
from huitouke.service.core import clock
from huitouke.service.core import shop as shops
from huitouke.service.customers import wordings
from huitouke.service.customers.brands import BrandView, brands
from huitouke.service.customers.commands import (
    BrandInvalid,
    WordingInvalid,
    name_brand,
    set_wording,
)
from huitouke.service.customers.wordings import WordingView
from huitouke.service.ledger.units import units
from huitouke.service.loop.place import settled
from huitouke.service.programme.versions.moving import (
    AlreadyCounted,
    BeingWritten,
    movable,
    move,
)
from huitouke.service.programme.versions.queries import programmes
from huitouke.service.ui.pages import show
from huitouke.service.ui.reader import current

__all__ = ["brand", "economics", "place", "shop", "wording"]

#: What words ask for, by purpose, and where they are shown.
_ASKS = {
    "marketing": (
        N_("Words that ask for consent to offers"),
        N_(
            "At the till beside the boxes for SMS and WeChat, and on the phone where members"
            " join and choose. Each yes keeps the version of the words that were shown."
        ),
    ),
    "survey": (
        N_("Words that ask for consent to questions"),
        N_("On the phone, where members choose. Each yes keeps the version."),
    ),
    "profiling": (
        N_("Words that say what is worked out"),
        N_(
            "On the phone, where members object to it. Everybody who does not is analysed; each"
            " answer keeps the version."
        ),
    ),
}


@needs("settings.shop")
@require_http_methods(["GET", "HEAD", "POST"])
def shop(request: HttpRequest) -> HttpResponse:
    """Show what the shop is, and take what it is called.

    Parameters
    ----------
    request
        ``GET`` or ``POST``.
    """
    if request.method != "POST":
        return _shown(request)
    form = ShopForm(request.POST)
    if form.is_valid():
        return done_once(request, lambda: _described(request, form))
    return _shown(request, form=form)


@needs("settings.shop")
@require_POST
def place(request: HttpRequest) -> HttpResponse:
    """Take the shop's currency and time zone, as long as nothing is counted in them.

    Parameters
    ----------
    request
        ``POST`` with ``currency``, ``zone`` and ``key``.
    """
    form = PlaceForm(request.POST)
    if form.is_valid():
        try:
            return done_once(request, lambda: _moved(request, form))
        except (AlreadyCounted, BeingWritten) as error:
            messages.error(request, explain(error))
            return redirect("settings_shop")
    return _shown(request, place=form)


@needs("settings.shop")
@require_POST
def brand(request: HttpRequest) -> HttpResponse:
    """Take what a brand is called.

    Parameters
    ----------
    request
        ``POST`` with ``brand``, ``brand_zh``, ``brand_en`` and ``key``.
    """
    form = BrandForm(request.POST)
    if form.is_valid():
        try:
            return done_once(request, lambda: _branded(request, form))
        except BrandInvalid as error:
            failed(form, error, field="brand")
    return _shown(request, brand=form)


@needs("settings.shop")
@require_POST
def economics(request: HttpRequest) -> HttpResponse:
    """Take the margin and discount rate that analyses count with from the next one on.

    Parameters
    ----------
    request
        ``POST`` with ``margin`` and ``discount_rate`` in percent, and ``key``.
    """
    form = EconomicsForm(request.POST)
    if form.is_valid():
        return done_once(request, lambda: _counted(request, form))
    return _shown(request, economics=form)


@needs("settings.shop")
@require_POST
def wording(request: HttpRequest) -> HttpResponse:
    """Take the words that ask for consent to one thing; those before are kept.

    Parameters
    ----------
    request
        ``POST`` with ``purpose``, ``zh``, ``en`` and ``key``.
    """
    purpose = request.POST.get("purpose", "")
    form = WordingForm(request.POST, auto_id=f"id_{purpose}_%s")
    if form.is_valid():
        try:
            return done_once(request, lambda: _worded(request, form))
        except WordingInvalid as error:
            failed(form, error, field=str(error.values["language"]))
    return _shown(request, wording=form)


def _shown(
    request: HttpRequest,
    *,
    form: ShopForm | None = None,
    place: PlaceForm | None = None,
    economics: EconomicsForm | None = None,
    wording: WordingForm | None = None,
    brand: BrandForm | None = None,
) -> HttpResponse:
    known = shops.shop()
    given = {
        "name_zh": known.names.get("zh", ""),
        "name_en": known.names.get("en", ""),
        "language": known.language or "zh",
    }
    wrong = bool(form or place or economics or wording or brand)
    usual = {"margin": known.margin, "discount_rate": known.discount_rate}
    known_brands = brands()
    if place is None and movable():
        place = PlaceForm(initial=asdict(settled()))
    page = ShopPage(
        form=form or ShopForm(initial=given),
        form_key=new_key(),
        place=place,
        place_key=new_key(),
        economics=economics or EconomicsForm(initial=usual),
        economics_key=new_key(),
        wordings=tuple(_wording_part(each, typed=wording) for each in wordings.PURPOSES),
        kind=known.kind,
        attribution=one_of(known.attribution, language=current().words.language),
        brands=tuple(_brand_row(each) for each in known_brands),
        brand=brand or _brand_form(known_brands, code=request.GET.get("brand", "")),
        brand_key=new_key(),
        programmes=_programmes(),
        set_outside=_set_outside(),
    )
    return show(
        request,
        template="backoffice/settings/shop.html",
        page=page,
        frame=frame_of(request),
        status=422 if wrong else 200,
    )


def _wording_part(purpose: str, *, typed: WordingForm | None) -> WordingPart:
    said = wordings.versions(purpose)
    initial = {"purpose": purpose, **said[0].texts}
    form = WordingForm(initial=initial, auto_id=f"id_{purpose}_%s")
    if typed is not None and typed.data.get("purpose") == purpose:
        form = typed
    title, note = _ASKS[purpose]
    return WordingPart(
        title=say(title),
        note=say(note),
        form=form,
        key=new_key(),
        version=said[0].version,
        rows=_wordings(said),
    )


def _brand_row(each: BrandView) -> BrandRow:
    query = urlencode({"brand": each.code})
    return BrandRow(
        code=each.code,
        name_zh=each.names.get("zh", ""),
        name_en=each.names.get("en", ""),
        url=f"{reverse('settings_shop')}?{query}#brand",
    )


def _brand_form(known: tuple[BrandView, ...], *, code: str) -> BrandForm:
    """Return the form with what is known of a brand, or an empty one."""
    names = next((each.names for each in known if each.code == code), None)
    if names is None:
        return BrandForm()
    given = {"brand_zh": names.get("zh", ""), "brand_en": names.get("en", "")}
    return BrandForm(initial={"brand": code, **given})


def _branded(request: HttpRequest, form: BrandForm) -> Done:
    given = form.cleaned_data
    names = {"zh": given["brand_zh"], "en": given["brand_en"]}
    told = name_brand(given["brand"], names=names, actor=actor_of(request))
    said = say(
        N_("The brand {code} is called {name} now."), code=told.code, name=brand_name(told)
    )
    return Done(reverse("settings_shop"), said)


def _wordings(said: tuple[WordingView, ...]) -> tuple[WordingRow, ...]:
    names = actor_names(each.actor for each in said if each.actor)
    return tuple(
        WordingRow(
            version=each.version,
            since=each.since,
            who=names.get(each.actor, ""),
            text=one_of(each.texts, language=current().language),
        )
        for each in said
    )


def _worded(request: HttpRequest, form: WordingForm) -> Done:
    now = set_wording(
        form.cleaned_data,
        at=clock.now(),
        actor=actor_of(request),
        purpose=form.cleaned_data["purpose"],
    )
    said = say(N_("These words are shown from now on, as {version}."), version=now.version)
    return Done(reverse("settings_shop"), said)


def _moved(request: HttpRequest, form: PlaceForm) -> Done:
    given = form.cleaned_data
    move("main", **given, at=clock.now(), actor=actor_of(request))
    said = say(
        N_("The shop counts in {currency}, by the days of {zone}, from now on."), **given
    )
    return Done(reverse("settings_shop"), said)


def _counted(request: HttpRequest, form: EconomicsForm) -> Done:
    shops.set_economics(**form.cleaned_data, at=clock.now(), actor=actor_of(request))
    said = say(
        N_("Analyses count with a margin of {margin} and a discount of {rate} from now on."),
        margin=percent(form.cleaned_data["margin"], reader=current()),
        rate=percent(form.cleaned_data["discount_rate"], reader=current()),
    )
    return Done(reverse("settings_shop"), said)


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
