"""Long work that staff ask for and come back to: back-tests, codes by the thousand."""
