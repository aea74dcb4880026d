"""Every table of the schema in one metadata, whichever module describes it. Migrations are compared with this."""

from orchestrator.storage import (
    access_tables,
    figures_tables,
    listening_tables,
    sending_tables,
    sign_in_tables,
    tables,
    work_tables,
)

MODULES = (tables, sending_tables, access_tables, listening_tables, sign_in_tables, figures_tables, work_tables)
metadata = tables.metadata
