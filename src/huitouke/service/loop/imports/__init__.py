"""Files of customers, orders and balances: looked into, tried, brought in, from either door."""
