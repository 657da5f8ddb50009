"""Ground of the service: clock, ids, money, errors, outbox, idempotency, audit."""
