"""The loyalty programme: understood, changed, tried, published; what it offers and owes."""
