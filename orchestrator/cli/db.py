"""`relance db`: the schema of the database."""

import click

from orchestrator.bootstrap import Deployment
from orchestrator.cli.terminal import console
from orchestrator.flows.project_figures import project_all
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


@db.command("figures")
@click.option("--anew", is_flag=True, help="Throw the figures away and count every case again.")
def figures_command(*, anew: bool) -> None:
    """Count every case whose figures are behind, to the end. The worker does the same by itself, a little at a time."""
    place = Deployment(read_settings())
    done = project_all(place.database, place.strategy(), now=place.now(), is_anew=anew)
    console.print(f"{done.stored} cases counted" + (f", {done.failed} cannot be: see the log" if done.failed else ""))
