"""Stand-ins for providers, on this machine only: they speak the real protocol, keep a ledger, and fail on demand."""
