"""Files of debts, payments and holds: rows become facts of a ledger, whole or not at all."""
