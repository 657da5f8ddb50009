"""Webhooks: who listens, signed deliveries in order, tries over three days, a log."""
