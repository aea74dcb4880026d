"""What a debtor meets behind the link of a message: the way out (semantics D8). No key, no cookie, no script."""
