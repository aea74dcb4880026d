"""A second shell around the same core: a virtual clock, invented debtors and staff, real flows on a real database."""
