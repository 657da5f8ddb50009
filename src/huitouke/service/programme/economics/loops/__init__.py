"""Ways to make money out of a programme: one module per kind of loop."""
