"""Addresses of settings; those of staff stand beside the page of staff."""

from __future__ import annotations

from django.urls import URLPattern, path

from huitouke.service.backoffice.settings.pages import (
    audit,
    deliveries,
    health,
    keys,
    roles,
    shop,
    webhooks,
)

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = [
    path("settings/shop", shop.shop, name="settings_shop"),
    path("settings/shop/place", shop.place, name="settings_place"),
    path("settings/shop/economics", shop.economics, name="settings_economics"),
    path("settings/shop/brands", shop.brand, name="settings_brand"),
    path("settings/shop/wording", shop.wording, name="settings_wording"),
    path("settings/roles", roles.roles, name="settings_roles"),
    path("settings/keys", keys.keys, name="settings_keys"),
    path("settings/keys/<str:key>/revoke", keys.revoke, name="settings_key_revoke"),
    path("settings/webhooks", webhooks.webhooks, name="settings_webhooks"),
    path("settings/webhooks/<str:key>", webhooks.webhook, name="settings_webhook"),
    path("settings/webhooks/<str:key>/pause", webhooks.pause, name="settings_webhook_pause"),
    path("settings/webhooks/<str:key>/wake", webhooks.wake, name="settings_webhook_wake"),
    path("settings/webhooks/<str:key>/rotate", webhooks.rotate, name="settings_webhook_rotate"),
    path("settings/webhooks/<str:key>/remove", webhooks.remove, name="settings_webhook_remove"),
    path("settings/deliveries/<str:key>", deliveries.delivery, name="settings_delivery"),
    path("settings/deliveries/<str:key>/replay", deliveries.replay, name="settings_replay"),
    path("settings/audit", audit.log, name="settings_audit"),
    path("settings/audit/export", audit.export, name="settings_audit_export"),
    path("settings/health", health.health, name="settings_health"),
]
