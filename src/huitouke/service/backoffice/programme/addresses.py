"""Addresses of the programme: each names what it needs."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import URLPattern, path

from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.programme.acts import telling
from huitouke.service.backoffice.programme.pages import (
    codes,
    coupons,
    discarding,
    drafts,
    errands,
    friends,
    home,
    liability,
    publishing,
    rewards,
    versions,
)

__all__ = ["urlpatterns"]

View = Callable[..., HttpResponse]


def _for(*permissions: str) -> Callable[[View], View]:
    """Let in who has all of these, and tell errors in words."""
    guard = needs(*permissions)
    return lambda view: guard(telling(view))


_reads = _for("programme.read")
_drafts = _for("programme.read", "programme.draft")
_publishes = _for("programme.read", "programme.publish")
_offers = _for("programme.read", "rewards.write")
_issues = _for("programme.read", "coupons.issue")
_decides = _for("referrals.review")
_owes = _for("liability.read")

_VERSION = "programme/versions/<str:version>"
_DRAFT = "programme/drafts/<str:version>"

urlpatterns: list[URLPattern] = [
    path("programme", _reads(home.home), name="programme_home"),
    path("programme/cost", _owes(home.cost), name="programme_cost"),
    path("programme/versions", _reads(versions.history), name="programme_history"),
    path(_VERSION, _reads(versions.version), name="programme_version"),
    path(f"{_VERSION}/retire", _publishes(versions.retire), name="programme_retire"),
    path(f"{_VERSION}/draft", _drafts(drafts.begin), name="programme_begin"),
    path(_DRAFT, _reads(drafts.draft), name="programme_draft"),
    path(f"{_DRAFT}/try", _reads(drafts.try_cart), name="programme_try"),
    path(f"{_DRAFT}/backtest", _drafts(errands.backtest), name="programme_backtest"),
    path(f"{_DRAFT}/publish", _publishes(publishing.publish), name="programme_publish"),
    path(f"{_DRAFT}/check", _drafts(publishing.check_draft), name="programme_check"),
    path(f"{_DRAFT}/discard", _drafts(discarding.throw_away), name="programme_discard"),
    path(f"{_DRAFT}/<slug:name>", _drafts(drafts.part), name="programme_part"),
    path(f"{_DRAFT}/<slug:name>/<int:place>", _drafts(drafts.part), name="programme_part_at"),
    path(
        f"{_DRAFT}/<slug:name>/new/<slug:kind>",
        _drafts(drafts.part),
        name="programme_part_new",
    ),
    path(
        f"{_DRAFT}/<slug:name>/<int:place>/remove",
        _drafts(drafts.remove),
        name="programme_part_remove",
    ),
    path(
        "programme/backtests/<str:errand>",
        _reads(errands.errand),
        {"kind": "backtest"},
        name="programme_errand",
    ),
    path(
        "programme/backtests/<str:errand>/progress",
        _reads(errands.progress),
        {"kind": "backtest"},
        name="programme_progress",
    ),
    path(
        "programme/backtests/<str:errand>/stop",
        _drafts(errands.call_off),
        {"kind": "backtest"},
        name="programme_call_off",
    ),
    path("programme/rewards", _reads(rewards.listed), name="programme_rewards"),
    path("programme/rewards/new", _offers(rewards.new), name="programme_reward_new"),
    path("programme/rewards/<str:reward>", _offers(rewards.edit), name="programme_reward"),
    path(
        "programme/rewards/<str:reward>/pause",
        _offers(rewards.pause),
        name="programme_reward_pause",
    ),
    path(
        "programme/rewards/<str:reward>/stock",
        _offers(rewards.stock),
        name="programme_reward_stock",
    ),
    path("programme/coupons", _reads(coupons.listed), name="programme_coupons"),
    path("programme/coupons/new", _issues(coupons.new), name="programme_campaign_new"),
    path("programme/coupons/code", _issues(codes.look_up), name="programme_code"),
    path("programme/coupons/code/void", _issues(codes.void), name="programme_code_void"),
    path(
        "programme/coupons/codes/<str:errand>",
        _issues(errands.errand),
        {"kind": "codes"},
        name="programme_codes",
    ),
    path(
        "programme/coupons/codes/<str:errand>/progress",
        _issues(errands.progress),
        {"kind": "codes"},
        name="programme_codes_progress",
    ),
    path(
        "programme/coupons/codes/<str:errand>/stop",
        _issues(errands.call_off),
        {"kind": "codes"},
        name="programme_codes_call_off",
    ),
    path("programme/coupons/batches/<str:batch>", _issues(codes.batch), name="programme_batch"),
    path(
        "programme/coupons/batches/<str:batch>/codes.csv",
        _issues(codes.take_out),
        name="programme_batch_csv",
    ),
    path(
        "programme/coupons/<str:campaign>", _issues(coupons.campaign), name="programme_campaign"
    ),
    path(
        "programme/coupons/<str:campaign>/pause",
        _issues(coupons.pause),
        name="programme_campaign_pause",
    ),
    path(
        "programme/coupons/<str:campaign>/codes",
        _issues(coupons.generate),
        name="programme_campaign_codes",
    ),
    path(
        "programme/coupons/<str:campaign>/words",
        _issues(coupons.add_word),
        name="programme_campaign_word",
    ),
    path("programme/referrals", _decides(friends.review), name="programme_referrals"),
    path(
        "programme/referrals/<str:referral>",
        _decides(friends.decide),
        name="programme_referral",
    ),
    path("programme/stamps", _reads(friends.stamps), name="programme_stamps"),
    path("programme/liability", _owes(liability.show), name="programme_liability"),
    path(
        "programme/liability.<str:kind>",
        _owes(liability.export),
        name="programme_liability_file",
    ),
]
