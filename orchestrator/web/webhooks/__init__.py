"""What providers and partners post to us: verified, kept for ever once, answered. Applies nothing."""
