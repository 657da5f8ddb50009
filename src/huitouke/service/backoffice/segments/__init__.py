"""Segments in the back office: customers named by conditions, counted and kept."""
