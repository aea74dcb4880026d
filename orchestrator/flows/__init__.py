"""One file per arrow of the design: each takes `now`, owns its transaction, and calls the core and the storage."""
