"""The folder and the progress bar that `demo` and `simulate` share: a home of their own, never a configured one."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from msgspec.structs import replace
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from orchestrator.bootstrap import Deployment
from orchestrator.cli.terminal import console
from orchestrator.domain.errors import Conflict
from orchestrator.settings import Settings
from orchestrator.simulator.rehearse import Counts
from orchestrator.simulator.rehearse import Progress as Told
from orchestrator.storage.database import Database
from orchestrator.storage.migrations import upgrade

# Only a folder that a rehearsal made is ever emptied.
_MARK = "made-by-relance-rehearsal"


def own_deployment(settings: Settings, home: Path) -> Deployment:
    """A fresh folder with a database of its own; the campaigns and words are those of the settings."""
    if home.exists() and any(home.iterdir()):
        require_rehearsal(home)
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True)
    (home / _MARK).write_text("A rehearsal empties this folder each time it runs.\n", encoding="utf-8")
    own = replace(
        settings, home=home, database_url=f"sqlite:///{home / 'relance.db'}", redis_url="", lanes=None, now=None
    )
    database = Database(own.database_url, is_disposable=True)
    upgrade(database)
    return Deployment(own, database=database)


def is_rehearsal(home: Path) -> bool:
    """Whether a rehearsal made this folder."""
    return (home / _MARK).is_file()


def require_rehearsal(home: Path) -> None:
    """Raises Conflict for a folder that no rehearsal made: it is somebody's own."""
    if not is_rehearsal(home):
        raise Conflict("this folder was not made by a rehearsal", hint="choose another with --home", where=str(home))


@contextmanager
def day_bar(first: date, last: date, *, is_quiet: bool) -> Iterator[Told]:
    """A progress bar by virtual day."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[said]}"), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=is_quiet) as bar:
        task = bar.add_task(f"{first}", total=max((last - first).days, 1), said="")

        def tell(day: date, counts: Counts) -> None:
            said = f"{counts.left} messages, {counts.received_cents / 100:,.0f} EUR"
            bar.update(task, completed=(day - first).days, description=f"{day}", said=said)

        yield tell
