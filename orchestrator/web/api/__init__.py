"""The resources of `/api/v1`, one module each: what comes in, one flow or one read, what goes out."""
