"""Signing in, and what a person of the staff does with their own account."""
