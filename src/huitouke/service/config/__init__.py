"""Settings, addresses, server: what puts the service together."""
