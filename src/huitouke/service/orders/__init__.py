"""What they bought: products, stores, orders, refunds."""
