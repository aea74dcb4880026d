"""The command `relance`: names, one-line helps and exit codes. Each command lives in a module read only when used.

Exit codes: 0 fine, 1 refused (a RelanceError, said in one line), 2 wrong usage.
"""

import sys
from importlib import import_module

import click

from orchestrator import __version__
from orchestrator.domain.errors import RelanceError

# name: (module, attribute, what it does). Loading every module would cost half a second at each call.
_COMMANDS = {
    "demo": ("orchestrator.cli.demo", "demo", "Sixty days of the shipped campaigns on a sample portfolio."),
    "import": (
        "orchestrator.cli.import_files",
        "import_files",
        "Import debts, payments or holds from CSV, XLSX or JSON; list or undo imports.",
    ),
    "simulate": ("orchestrator.cli.simulate", "simulate", "Replay a ledger day by day on a virtual clock."),
    "report": ("orchestrator.cli.report", "report", "What each campaign did; the aged balance. Also as CSV and JSON."),
    "advance": ("orchestrator.cli.advance", "advance", "Decide what is due and send it through the sandbox, once."),
    "campaign": (
        "orchestrator.cli.campaign",
        "campaign",
        "Lint, render, release and list campaigns; print the policy.",
    ),
    "crisis": ("orchestrator.cli.crisis", "crisis", "Start, end and list crisis overlays."),
    "pause": ("orchestrator.cli.pause", "pause", "Stop sending at once, everything or a part, and see it stopped."),
    "resume": ("orchestrator.cli.resume", "resume", "Start again without a backlog; preview what would leave."),
    "letters": ("orchestrator.cli.letters", "letters", "The printer's batch of a day; what became of letters."),
    "up": ("orchestrator.cli.up", "up", "Decide and send until stopped, everything in one process."),
    "worker": ("orchestrator.cli.up", "worker", "One of several workers, on PostgreSQL and Redis."),
    "scheduler": ("orchestrator.cli.up", "scheduler", "The ticks of several processes."),
    "task": ("orchestrator.cli.task", "task", "What people are asked to decide: list, approve, refuse, done."),
    "case": ("orchestrator.cli.case", "case", "Cases: list, show, and acts by hand: promise, dispute, hold, note…"),
    "reply": ("orchestrator.cli.reply", "reply", "Read what a debtor wrote, and see what was understood; list, show."),
    "why": ("orchestrator.cli.why", "why", "Tell what was decided about a case, when, and by which rules."),
    "check": ("orchestrator.cli.check", "check", "Every fault of the configuration, before anything leaves."),
    "webhooks": ("orchestrator.cli.webhooks", "webhooks", "What came in: list, show, replay."),
    "mailbox": ("orchestrator.cli.mailbox", "mailbox", "Mailboxes of replies and bounces: list, test, read."),
    "serve": ("orchestrator.cli.serve", "serve", "The API over HTTP: debts, payments, cases, tasks, pauses."),
    "portfolio": ("orchestrator.cli.portfolio", "portfolio", "Whose work each case is: add, list, assign, cover, end."),
    "user": ("orchestrator.cli.user", "user", "Who may act: add, list, disable."),
    "key": ("orchestrator.cli.key", "key", "API keys: add, list, revoke."),
    "endpoint": ("orchestrator.cli.endpoint", "endpoint", "Outgoing webhooks: whom to tell of what happens."),
    "db": ("orchestrator.cli.db", "db", "Upgrade the database; count its figures."),
}


class LazyGroup(click.Group):
    """A group whose commands are loaded when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's own signature
        """The names, in the order of the work."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's own
        """The command of that name."""
        if cmd_name not in _COMMANDS:
            return None
        module, attribute, _ = _COMMANDS[cmd_name]
        command = getattr(import_module(module), attribute)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's own
        """The list of commands, without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, _, words) in _COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="relance")
def cli() -> None:
    """Recover debts amicably: campaigns in YAML, the law as data, every decision explained."""


def main() -> None:
    """The entry point: runs a command and turns what it refuses into one clear line."""
    try:
        # Without its standalone mode click returns the code of an Exit instead of ending.
        code = cli(prog_name="relance", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Abort:
        click.echo("stopped", err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except RelanceError as error:
        for each in getattr(error, "errors", None) or (error,):
            click.echo(f"error: {each}", err=True)
        sys.exit(1)
