"""Facts come in; points, tiers and counters follow."""
