"""What the analysis says: findings, charts, lists, models, and asking for it anew."""
