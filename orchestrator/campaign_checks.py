"""What a deployment's campaigns prove before a release: a file of the folder, or what was released. Takes seconds."""

import multiprocessing
from multiprocessing.connection import Connection

from orchestrator.bootstrap import CampaignOnDisk, Deployment
from orchestrator.domain.campaign import Campaign
from orchestrator.domain.errors import NotFound, RelanceError, StorageError
from orchestrator.domain.policy import PolicyBook
from orchestrator.flows.lint_campaign import Finding, Subject, lint_campaign
from orchestrator.flows.release_campaign import CAMPAIGN_FILE
from orchestrator.intake.campaigns.campaign_yaml import CampaignFile, load_campaign_file
from orchestrator.intake.strict_yaml.source import parse
from orchestrator.rendering.compose import Composer
from orchestrator.rendering.texts import Texts
from orchestrator.settings import Settings
from orchestrator.storage import releases


def lint_one(place: Deployment, name: str) -> list[Finding]:
    """The findings of one campaign of the folder, by id or path; a file that cannot be read is findings too."""
    try:
        found = place.find_campaign(name)
        others = _others(place, found)
        return lint_campaign(_subject(place, found.file, place.texts, name=found.path.name, others=others))
    except RelanceError as error:
        return _told(error, name)


def lint_release(place: Deployment, release_id: str) -> list[Finding]:
    """The findings of what was released, beside the campaigns in force and under the rules of today."""
    try:
        with place.database.read() as conn:
            release = releases.load(conn, [release_id]).get(release_id)
        if release is None:
            raise NotFound("there is no such release")
        texts = place.words_of(release_id)
        source = parse(release.files[CAMPAIGN_FILE], name=f"{release.campaign}.yaml")
        file = load_campaign_file(source, templates=texts.catalogue.entries)
        others = place.strategy().campaigns
        return lint_campaign(_subject(place, file, texts, name=f"{release.campaign}.yaml", others=others))
    except RelanceError as error:
        return _told(error, release_id[:12])


def lint_apart(settings: Settings, *, name: str = "", release_id: str = "") -> list[Finding]:
    """One of the two above in a process of its own: what is served meanwhile is not slowed. It ends with ours.

    Raises StorageError when the process died before it had an answer.
    """
    context = multiprocessing.get_context("spawn")
    ours, its = context.Pipe(duplex=False)
    process = context.Process(target=_lint_into, args=(its, settings, name, release_id), daemon=True)
    process.start()
    its.close()  # so that its death is heard here
    try:
        found: list[Finding] = ours.recv()
    except EOFError:
        raise StorageError("the lint ended without an answer", hint="the server's log may say why") from None
    finally:
        ours.close()
        process.join()
    return found


def _lint_into(answer: Connection, settings: Settings, name: str, release_id: str) -> None:
    place = Deployment(settings)
    answer.send(lint_release(place, release_id) if release_id else lint_one(place, name))


def _told(error: RelanceError, name: str) -> list[Finding]:
    each = getattr(error, "errors", None) or (error,)
    return [
        Finding("error", e.code, e.where or name, f"{e.message}" + (f" ({e.hint})" if e.hint else "")) for e in each
    ]


def _others(place: Deployment, found: CampaignOnDisk) -> tuple[Campaign, ...]:
    others = []
    for path in place.campaign_files():
        if path.resolve() == found.path.resolve():
            continue
        try:
            others.append(place.campaign(path).campaign)
        except RelanceError:
            # A neighbour that cannot be read has its own lint; it must not hide this one's.
            continue
    return tuple(others)


def _subject(
    place: Deployment, file: CampaignFile, texts: Texts, *, name: str, others: tuple[Campaign, ...]
) -> Subject:
    composer = Composer(texts, place.letters, place.logo)
    return Subject(
        name=name,
        file=file,
        book=PolicyBook(place.rules.packs),
        rates=place.rules.rates,
        catalogue=texts.catalogue,
        languages=tuple(texts.languages),
        compose=lambda preview, mentions: composer.compose(preview.brief, mentions),
        layout=(place.settings.templates / "letter" / "layout.typ").read_text(encoding="utf-8"),
        others=others,
    )
