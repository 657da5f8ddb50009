"""What templates receive: typed, complete, and no record among it."""
