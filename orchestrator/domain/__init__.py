"""The pure core: what is known of a case and what to do next. No I/O, no clock, no randomness."""
