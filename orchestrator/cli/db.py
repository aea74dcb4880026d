"""`relance db`: the schema of the database."""

import click

from orchestrator.bootstrap import Deployment
from orchestrator.cli.terminal import console
from orchestrator.settings import read_settings
from orchestrator.storage.database import Database
from orchestrator.storage.migrations import upgrade


@click.group()
def db() -> None:
    """The database of this deployment."""


@db.command("upgrade")
def upgrade_command() -> None:
    """Bring the schema to the version of this software, and put the lanes of RELANCE_LANES in force. Safe to repeat."""
    settings = read_settings()
    if settings.is_embedded:
        settings.home.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    upgrade(database)
    console.print(f"database up to date: {database.address}")
    if settings.lanes is not None:  # a process without lanes file never displaces real lanes
        place = Deployment(settings, database=database)
        place.adopt_lanes()
        console.print(f"lanes in force: {', '.join(lane.id for lane in place.lanes)}")
