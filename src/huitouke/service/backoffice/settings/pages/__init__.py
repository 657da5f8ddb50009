"""Pages of settings, a module for each part."""
