"""Customers: the list, one customer, and what is done for one."""
