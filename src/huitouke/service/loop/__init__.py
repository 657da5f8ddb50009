"""The bridge to insight: facts out, profiles back, kept by the last day that is known."""
