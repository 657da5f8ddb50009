"""What the main path is made of: each step joins stages; only ``flow`` calls them."""
