"""Settings: the shop, roles, API keys, webhooks, the audit log, how the service is."""
