"""What the programme costs: back-test, exploit check, liability."""
