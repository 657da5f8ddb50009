"""Who: identities, contact points, consent, merge, erasure."""
