"""Huitouke (回头客): who comes back, rain or shine, why, and what it is worth."""

__version__ = "0.1.0"

__all__ = ["__version__"]
