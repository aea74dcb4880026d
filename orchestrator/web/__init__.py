"""One FastAPI application over the flows: the API, health, metrics. Thinks nothing, owns no transaction."""
