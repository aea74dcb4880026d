"""Contact packs, what a deployment changes in them, and legal rates."""
