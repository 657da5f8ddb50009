"""What staff ask about customers across orders, points and tiers; nothing is written."""
