"""Every table of the schema in one metadata, whichever module describes it. Migrations are compared with this."""

from orchestrator.storage import access_tables, sending_tables, tables

MODULES = (tables, sending_tables, access_tables)
metadata = tables.metadata
