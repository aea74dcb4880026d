"""Speed, measured beside a bare reference in the same run. Prints figures; never fails for being slow."""
