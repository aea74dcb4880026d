"""Letters: a print folder, and later the providers that print and post."""
