"""How the tables of imports came about."""
