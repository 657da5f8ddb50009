"""Segments: customers named by conditions, told anew whenever somebody asks."""
