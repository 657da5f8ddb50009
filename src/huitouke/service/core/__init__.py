"""Ground of the service: clock, ids, bounds, errors, keys, idempotency, outbox, audit."""
