"""What the fault tests and the torture run share."""
