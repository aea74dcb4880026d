"""A folder in which deployments are made with the settings that a test gives, and closed after it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.bootstrap import Deployment
from orchestrator.settings import read_settings, shipped
from tests.stubs.sendgrid_events import Signer

SECRETS = {
    "TWILIO_AUTH_TOKEN": "hush-twilio",
    "SENDGRID_API_KEY": "SG.hush-sendgrid",
    "SENDGRID_WEBHOOK_KEY": Signer().public_key,
    "SMTP_PASSWORD": "hush-smtp",
    "IMAP_PASSWORD": "hush-imap",
    "IMAP_BOUNCES_PASSWORD": "hush-imap-too",
}
PUBLIC = "https://relance.acme.example"


class Site:
    """Deployments of one home folder and one database, each with settings of its own."""

    def __init__(self, folder: Path, database_url: str = "") -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.common = {"HOME": str(folder), "DATABASE_URL": database_url}
        self._made: list[Deployment] = []

    def deployment(self, **given: str) -> Deployment:
        """With these settings, and every secret of the example in its variable."""
        environ = {f"RELANCE_{name}": text for name, text in (self.common | given).items()} | SECRETS
        self._made.append(Deployment(read_settings(environ), environ=environ))
        return self._made[-1]

    def close(self) -> None:
        """Closes what the deployments have opened."""
        for place in self._made:
            if "database" in vars(place):
                place.database.close()

    def lanes(self, text: str) -> str:
        """A lanes file of that text."""
        path = self.folder / "lanes.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    def example(self) -> str:
        """The example, with a print folder that exists."""
        (self.folder / "print").mkdir(exist_ok=True)
        text = (shipped("campaigns") / "lanes.example.yaml").read_text("utf-8")
        return self.lanes(text.replace("/var/lib/relance/print", str(self.folder / "print")))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site on the embedded database."""
    made = Site(tmp_path)
    yield made
    made.close()


@pytest.fixture
def shared(tmp_path: Path, ready_url: str) -> Iterator[Site]:
    """A site whose database is not the embedded one: several processes may work there."""
    made = Site(tmp_path / "home", ready_url)
    yield made
    made.close()
