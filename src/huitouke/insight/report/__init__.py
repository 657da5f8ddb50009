"""Stage package; its names live in its modules."""
