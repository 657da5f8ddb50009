"""Imports: a file handed in, its columns, what it would change, and what it changed."""
