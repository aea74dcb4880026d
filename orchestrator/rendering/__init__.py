"""Words, layouts and figures of what a debtor reads. Decides nothing, stores nothing, sends nothing."""
