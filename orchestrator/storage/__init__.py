"""Everything kept: the only SQL of the project, on SQLite and PostgreSQL. Decides nothing; see README.md."""
