"""`make bench`: every measurement, one after the other; `make bench ARGS="advance import"` for some."""

import os
import platform
import sys
from collections.abc import Callable

from tests.bench import (
    advance,
    console,
    decide,
    dunning_run,
    figures,
    import_debts,
    letter,
    lint,
    live,
    memory,
    outbox,
    pause_load,
    replies,
    sending,
    tick,
    webhooks,
    workers,
)

MEASURES: dict[str, Callable[[], None]] = {
    "decide": decide.main,
    "advance": advance.main,
    "import": import_debts.main,
    "letter": letter.main,
    "lint": lint.main,
    "live": live.main,
    "run": dunning_run.main,
    "sending": sending.main,
    "outbox": outbox.main,
    "webhooks": webhooks.main,
    "workers": workers.main,
    "pause": pause_load.main,
    "memory": memory.main,
    "tick": tick.main,
    "figures": figures.main,
    "replies": replies.main,
    "console": console.main,
}


def main(names: list[str]) -> None:
    """Runs the named measurements, all of them by default."""
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        sys.exit(f"no measurement is called {unknown[0]}; there are {', '.join(MEASURES)}")
    print(
        f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}"
    )
    for name in names or list(MEASURES):
        print(f"\n{name}")
        MEASURES[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
