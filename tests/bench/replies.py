"""Reading replies: `python -m tests.bench.replies`.

The reference is the least that could be called reading: the text in lower case, searched once for a stop word.
"""

import re
from datetime import date
from functools import partial

from channels.contract import Channel
from orchestrator.intake.replies.reader import read_reply
from tests.bench.measure import best, say
from tests.intake.replies.corpus import examples

_STOP = re.compile(r"\b(stop|arret|unsubscribe)\b")
_TODAY = date(2026, 3, 10)


def main() -> None:
    """The labelled SMS, then the labelled e-mails, once each a round."""
    for channel, what in ((Channel.SMS, "an SMS read"), (Channel.EMAIL, "an e-mail read")):
        texts = [each.text for each in examples() if each.channel is channel]
        taken, bare = best(5, partial(_read, texts, channel)), best(5, partial(_search, texts))
        say(what, len(texts), taken, bare, "one search of the lower-cased text", unit="texts")


def _read(texts: list[str], channel: Channel) -> None:
    for text in texts:
        read_reply(text, channel=channel, today=_TODAY)


def _search(texts: list[str]) -> None:
    for text in texts:
        _STOP.search(text.lower())


if __name__ == "__main__":
    main()
