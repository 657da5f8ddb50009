"""Pages of insight."""
