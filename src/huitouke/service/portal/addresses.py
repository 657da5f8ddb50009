"""Addresses of the members' door, all below ``/my/``."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from huitouke.service.portal.pages import (
    address,
    app,
    erasing,
    history,
    home,
    joining,
    me,
    more,
    rewards,
    shared,
    signing,
    wishes,
)

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="my_home"),
    path("card", home.card, name="my_card"),
    path("sign-in", signing.sign_in, name="my_sign_in"),
    path("code", signing.code, name="my_code"),
    path("sign-out", signing.sign_out, name="my_sign_out"),
    path("sign-out-everywhere", signing.sign_out_everywhere, name="my_sign_out_everywhere"),
    path("join", joining.joining, name="my_join"),
    path("join/<str:code>", joining.invited, name="my_invited"),
    path("rewards", rewards.rewards, name="my_rewards"),
    path("rewards/<str:reward_id>", rewards.reward, name="my_reward"),
    path("rewards/<str:reward_id>/share", rewards.share, name="my_share"),
    path("shared", shared.friends_code, name="my_friends_code"),
    path("shared/<str:pact_id>", shared.one, name="my_shared"),
    path("shared/<str:pact_id>/join", shared.join, name="my_shared_join"),
    path("shared/<str:pact_id>/cancel", shared.cancel, name="my_shared_cancel"),
    path("redemptions/<str:redemption_id>", rewards.redemption, name="my_redemption"),
    path("redemptions/<str:redemption_id>/cancel", rewards.cancel, name="my_cancel"),
    path("codes", rewards.codes, name="my_codes"),
    path("history", history.history, name="my_history"),
    path("stamps", more.stamps, name="my_stamps"),
    path("friends", more.friends, name="my_friends"),
    path("me", me.page_of_me, name="my_me"),
    path("me/name", me.name, name="my_name"),
    path("me/consent", me.consent, name="my_consent"),
    path("me/address", address.address, name="my_address"),
    path("me/address/code", address.send_address_code, name="my_address_code"),
    path("me/wishes", wishes.wishes, name="my_wishes"),
    path("me/profiling", me.profiling, name="my_profiling"),
    path("me/data", me.data, name="my_data"),
    path("me/erase", erasing.erasing, name="my_erase"),
    path("me/erase/code", erasing.send_erase_code, name="my_erase_code"),
    path("manifest.webmanifest", app.manifest, name="my_manifest"),
]
