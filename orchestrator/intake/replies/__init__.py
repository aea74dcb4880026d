"""What debtors write back, read by rules: own words, normalised words, phrases, dates and amounts. Decides nothing."""
