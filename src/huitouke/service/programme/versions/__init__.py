"""Versions of a programme's definition: draft, published, retired."""
