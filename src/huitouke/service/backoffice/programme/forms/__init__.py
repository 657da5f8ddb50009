"""Forms that read as sentences, and what they write into a definition."""
