"""Signing in by a code that is good once: codes, sessions, limits."""
