"""``huitouke demo``: a shop to look at, loaded and served with one command."""
