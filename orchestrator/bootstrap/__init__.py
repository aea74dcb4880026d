"""Wires a deployment: settings become a database, a strategy and a post. The only place that knows every part."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from channels.contract import Adapter, Channel
from channels.provider import Clock, Verdict
from channels.sandbox import Sandbox
from orchestrator.bootstrap.released import Released, one_document
from orchestrator.domain.campaign import Campaign, Mode
from orchestrator.domain.creditor import Creditor
from orchestrator.domain.errors import InputError, NotFound
from orchestrator.domain.lane import SANDBOX_LANES, Lane
from orchestrator.domain.policy import Pack, PolicyBook
from orchestrator.domain.rates import Rates
from orchestrator.flows.lane_adapters import Wiring, adapter_of, digest_of, stays_on_machine, webhook_secrets
from orchestrator.flows.lanes_in_force import adopt_lanes, require_lanes
from orchestrator.flows.outgoing import Draw, Post, sandbox_adapters
from orchestrator.flows.release_campaign import release_campaign
from orchestrator.flows.staging_clock import clock_offset
from orchestrator.flows.strategy import USUAL_COSTS_CENTS, Strategy
from orchestrator.settings import ENVIRONMENT, Settings, shipped
from orchestrator.storage import releases
from orchestrator.storage.database import Database
from orchestrator.storage.schema import EXPECTED, require_current, revision

# A pause must be written at once. What only reads files of campaigns, rules and words takes most of a second to load,
# so it is loaded where it is first asked for: the lines marked "late".
if TYPE_CHECKING:
    from orchestrator.intake.campaigns.campaign_yaml import CampaignFile
    from orchestrator.rendering.brief import Brief
    from orchestrator.rendering.call_words import CallWords
    from orchestrator.rendering.compose import Composed, Composer
    from orchestrator.rendering.letter_pdf import LetterRenderer
    from orchestrator.rendering.texts import Texts


class Rules(msgspec.Struct, frozen=True):
    """What is never pinned (semantics B13): packs, creditors, rates, read from their files."""

    packs: dict[str, Pack]
    creditors: dict[str, Creditor]
    rates: Rates


class CampaignOnDisk(msgspec.Struct, frozen=True):
    """A campaign file as read, with its text and the hash that would pin it."""

    path: Path
    text: str
    file: "CampaignFile"

    @property
    def campaign(self) -> Campaign:
        """The campaign, with its release."""
        return self.file.campaign


class Deployment:
    """The parts of a deployment, each made when first asked for."""

    def __init__(
        self, settings: Settings, *, database: Database | None = None, environ: Mapping[str, str] = ENVIRONMENT
    ) -> None:
        """With `database`, that one is used as it is: a rehearsal brings its own. `environ` holds the secrets."""
        self.settings = settings
        self.environ = environ
        if database is not None:
            self.__dict__["database"] = database

    @cached_property
    def database(self) -> Database:
        """The database, ready for use: the embedded one is made and migrated here, another must be current."""
        if self.settings.is_embedded:
            self.settings.home.mkdir(parents=True, exist_ok=True)
        database = Database(self.settings.database_url)
        if self.settings.is_embedded:
            if revision(database) != EXPECTED:
                from orchestrator.storage.migrations import upgrade  # late: Alembic is needed once in many starts

                upgrade(database)
        else:
            require_current(database)
        return database

    @cached_property
    def rules(self) -> Rules:
        """Packs, creditors and rates of the campaigns folder. Raises FileErrors with every fault of them."""
        from orchestrator.intake.creditor_yaml import load_creditors  # late: files of rules, see the top
        from orchestrator.intake.policies.policy_yaml import load_packs  # late: as the line above
        from orchestrator.intake.policies.rates_yaml import load_rates  # late: as the line above

        folder = self.settings.campaigns
        return Rules(
            load_packs(folder / "policies"), load_creditors(folder / "creditors"), load_rates(folder / "rates")
        )

    @cached_property
    def texts(self) -> "Texts":
        """The words of the templates folder."""
        from orchestrator.rendering.texts import Texts  # late: words, see the top

        return Texts(self.settings.templates)

    @cached_property
    def call_words(self) -> "Mapping[str, CallWords]":
        """What a person may say on the telephone, by language."""
        from orchestrator.rendering.call_words import call_words  # late: words, see the top

        return call_words(self.settings.templates, shipped("templates"))

    @cached_property
    def letters(self) -> "LetterRenderer":
        """The letter layout of the templates folder."""
        from orchestrator.rendering.letter_pdf import LetterRenderer  # late: letters, see the top

        return LetterRenderer(self.settings.templates / "letter")

    @cached_property
    def composer(self) -> "Composer":
        """Words and layout of the templates folder, for previews."""
        from orchestrator.rendering.compose import Composer  # late: words, see the top

        return Composer(self.texts, self.letters, self.logo)

    def campaign_files(self) -> tuple[Path, ...]:
        """The campaign files of the folder, by name; a name with a dot in it is an example of something else."""
        return tuple(sorted(path for path in self.settings.campaigns.glob("*.yaml") if "." not in path.stem))

    def campaign(self, path: Path) -> CampaignOnDisk:
        """One campaign file, hashed with the words it would be released with. Raises FileErrors."""
        from orchestrator.intake.campaigns.campaign_yaml import load_campaign_file, released  # late: campaigns, at top
        from orchestrator.intake.strict_yaml.source import read  # late: as the line above

        source = one_document(read(path))
        file = load_campaign_file(source, templates=self.texts.catalogue.entries)
        words = [(name, content.encode()) for name, content in self.texts.files.items()]
        pinned = msgspec.structs.replace(file, campaign=released(file.campaign, words))
        return CampaignOnDisk(path, path.read_text(encoding="utf-8"), pinned)

    def find_campaign(self, name: str) -> CampaignOnDisk:
        """A campaign by file path or id. Raises NotFound with the ids there are."""
        path = Path(name)
        if path.suffix == ".yaml" and path.is_file():
            return self.campaign(path)
        for candidate in self.campaign_files():
            if candidate.stem == name:
                return self.campaign(candidate)
        known = ", ".join(path.stem for path in self.campaign_files())
        raise NotFound(f'no campaign is named "{name}"', hint=f"there are {known}, or give the path of a file")

    def release(self, campaign: CampaignOnDisk, *, by: str, now: datetime) -> bool:
        """Stores a campaign with its words and makes it current."""
        return release_campaign(
            self.database,
            campaign=campaign.campaign.id,
            release=campaign.campaign.release,
            text=campaign.text,
            words=self.texts.files,
            by=by,
            now=now,
        )

    # ------------------------------------------------------------------------------ what is in force

    def strategy(self, *, mode: Mode | None = None, is_rehearsal: bool = False) -> Strategy:
        """What is in force in this database: current releases, those still followed, and the rules of the files."""
        with self.database.read() as conn:
            current = releases.current(conn)
        return Strategy(
            campaigns=tuple(self._released.campaign(item) for item in current.values()),
            book=PolicyBook(self.rules.packs),
            creditors=self.rules.creditors,
            rates=self.rules.rates,
            pinned=self._followed({item.id for item in current.values()}),
            lanes=SANDBOX_LANES if is_rehearsal else self.lanes,
            costs_cents=USUAL_COSTS_CENTS if is_rehearsal else self._costs_cents(),
            confirming=frozenset(Channel) if is_rehearsal else self._confirming(),
            mode=mode,
            is_rehearsal=is_rehearsal,
        )

    def _confirming(self) -> frozenset[Channel]:
        """The channels all of whose lanes tell whether a message arrived."""
        adapters = self.adapters.values()
        silent = {adapter.channel for adapter in adapters if not adapter.capabilities.confirms_delivery}
        return frozenset({adapter.channel for adapter in adapters} - silent)

    def _followed(self, current: set[str]) -> tuple[Campaign, ...]:
        with self.database.read() as conn:
            every = releases.followed(conn)
        return tuple(self._released.campaign(item) for item in every if item.id not in current)

    @cached_property
    def _released(self) -> Released:
        return Released()

    # ------------------------------------------------------------------------------------ the clock

    @cached_property
    def offset(self) -> timedelta:
        """How far the clock of flows is shifted: none, except on a staging database. Raises Conflict (`staging`)."""
        return clock_offset(
            self.database, wanted=self.settings.now, real_lanes=lambda: self.real_lanes, real_now=datetime.now(UTC)
        )

    def now(self) -> datetime:
        """The instant that flows and due-queries are given. Leases, breakers and signatures live by the real one."""
        return self.offset + datetime.now(UTC)  # in this order: the first look at the offset takes its time

    # ------------------------------------------------------------------------------------- secrets

    @cached_property
    def secret_key(self) -> str:
        """The key of sessions and tokens: given, or made once in HOME for its owner's eyes. Raises InputError."""
        if self.settings.secret_key:
            return self.settings.secret_key
        if not self.settings.is_embedded:
            raise InputError(
                "a secret key is needed where several processes work",
                hint="make one for all of them with: openssl rand -base64 32",
                where="RELANCE_SECRET_KEY",
            )
        return _kept_secret(self.settings.home / "secret_key")

    def webhook_secrets(self, provider: str) -> tuple[str, ...]:
        """What may verify a webhook of that provider; empty when its endpoint stays closed (404)."""
        return webhook_secrets(self.lanes, provider, self.environ)

    # ---------------------------------------------------------------------------------- what sends

    @cached_property
    def lanes(self) -> tuple[Lane, ...]:
        """The lanes of the file, the sandbox's without one. Raises FileErrors: a bad file is never the sandbox."""
        if self.settings.lanes is None:
            return SANDBOX_LANES
        from orchestrator.intake.lanes_yaml import load_lanes  # late: a file, see the top

        return load_lanes(self.settings.lanes)

    @property
    def real_lanes(self) -> tuple[str, ...]:
        """The names of the lanes by which something could leave this machine."""
        return tuple(lane.id for lane in self.lanes if not stays_on_machine(lane, self.settings.base_urls))

    @cached_property
    def adapters(self) -> Mapping[str, Adapter]:
        """The adapter of each lane by its name. Raises InputError for a lane that lacks a secret or a setting."""
        return {lane.id: adapter_of(lane, self.wiring) for lane in self.lanes}

    @property
    def wiring(self) -> Wiring:
        """What adapters are made with, beside their lanes."""
        return Wiring(
            environ=self.environ,
            public_url=self.settings.public_url,
            base_urls=self.settings.base_urls,
            outbox=self.settings.outbox,
            clock=self.now,
            real_clock=_real_clock,
        )

    @cached_property
    def lanes_digest(self) -> str:
        """Equal in all processes whose messages would leave the same way."""
        return digest_of(self.lanes, self.wiring)

    def adopt_lanes(self) -> None:
        """Puts the lanes of this process in force, in place of those that were."""
        self.now()  # a staging database never meets a real lane
        adopt_lanes(self.database, self.lanes_digest, has_real=bool(self.real_lanes), now=datetime.now(UTC))

    def require_lanes(self) -> None:
        """Before sending: raises Conflict when other lanes are in force. In HOME one process sends: its lanes count."""
        self.now()  # a staging database never meets a real lane
        claim = adopt_lanes if self.settings.is_embedded else require_lanes
        claim(self.database, self.lanes_digest, has_real=bool(self.real_lanes), now=datetime.now(UTC))

    def _costs_cents(self) -> dict[str, int]:
        """The usual prices, where the first lane that carries a use says none."""
        costs = dict(USUAL_COSTS_CENTS)
        for lane in reversed(self.lanes):
            costs |= lane.cost_cents
        return costs

    def post(self, *, draw: Draw | None = None) -> Post:
        """What sends by the lanes. Ask `require_lanes` first."""
        return Post(
            compose=self._composer(),
            adapters=self.adapters,
            draw=draw or draw_secret,
            public_url=self.settings.public_url,
            lanes=self.lanes,
            languages=frozenset(self.texts.languages),
        )

    def sandbox_post(
        self,
        *,
        outbox: Path | None = None,
        clock: Clock | None = None,
        draw: Draw | None = None,
        verdict: Verdict | None = None,
    ) -> Post:
        """A post whose every channel is the sandbox: it writes what it would send, and nothing leaves the machine."""
        folder = outbox or self.settings.outbox
        tick = clock or _real_clock
        return Post(
            compose=self._composer(),
            adapters=sandbox_adapters(
                lambda channel: Sandbox(channel, folder, clock=tick, verdict=verdict, confirms_delivery=True)
            ),
            draw=draw or draw_secret,
            public_url=self.settings.public_url,
            languages=frozenset(self.texts.languages),
        )

    def _composer(self) -> "Callable[[Brief, str, Sequence[str]], Composed]":
        from orchestrator.rendering.compose import Composer  # late: words, see the top

        composers: dict[str, Composer] = {}

        def compose(brief: "Brief", release: str, mentions: Sequence[str]) -> "Composed":
            release = "" if brief.words else release  # what a person answers is framed by the words of today
            composer = composers.get(release)
            if composer is None:
                composer = composers[release] = Composer(self.words_of(release), self.letters, self.logo)
            return composer.compose(brief, mentions)

        return compose

    def words_of(self, release: str) -> "Texts":
        """The words that a release is pinned to; those of the templates folder where there is no such release."""
        if not release:
            return self.texts
        with self.database.read() as conn:
            found = releases.load(conn, [release])
        return self._released.texts(found[release]) if release in found else self.texts

    def logo(self, name: str) -> bytes | None:
        """A creditor's logo beside its file; only a plain file name is looked for."""
        path = self.settings.campaigns / "creditors" / Path(name).name
        return path.read_bytes() if path.is_file() and path.suffix == ".svg" else None


def draw_secret() -> tuple[str, str]:
    """An attempt id and a link token: 128 random bits each."""
    return secrets.token_hex(16), secrets.token_urlsafe(16)


def _real_clock() -> datetime:
    return datetime.now(UTC)


def _kept_secret(path: Path) -> str:
    """The secret of a file that only its owner reads; made there when there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        if not path.exists():
            made.touch(mode=0o600)
            made.write_text(secrets.token_urlsafe(32), encoding="ascii")
            with suppress(FileExistsError):  # another process was faster: its key counts
                path.hardlink_to(made)
        return path.read_text(encoding="ascii").strip()
    finally:
        made.unlink(missing_ok=True)
