"""The page that the day begins with."""
