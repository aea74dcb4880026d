"""Every table of the schema in one metadata, whichever module describes it. Migrations are compared with this."""

from orchestrator.storage import access_tables, listening_tables, sending_tables, tables

MODULES = (tables, sending_tables, access_tables, listening_tables)
metadata = tables.metadata
