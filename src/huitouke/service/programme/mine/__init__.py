"""What members ask of their own, and nobody else's: each question names whose it is."""
