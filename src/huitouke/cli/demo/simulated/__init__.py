"""The simulated shop: a tea retailer that does not exist, with every module filled."""
