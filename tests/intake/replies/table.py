"""Precision and recall by intent, as a table: `python -m tests.intake.replies.table [--faults] [part ...]`."""

import sys
from collections.abc import Sequence

import msgspec

from orchestrator.domain.reply import Intent
from tests.intake.replies.corpus import Outcome, blind_outcomes, details_of, outcomes


class Score(msgspec.Struct, frozen=True):
    """Of one intent: texts that hold it, readings right and wrong; the same for certain ones."""

    held: int
    right: int
    wrong: int
    certain_right: int
    certain_wrong: int

    @property
    def recall(self) -> float:
        return self.right / self.held if self.held else 1.0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def certain_precision(self) -> float:
        """Of the findings that act by themselves, the share that is right."""
        certain = self.certain_right + self.certain_wrong
        return self.certain_right / certain if certain else 1.0


def score(intent: Intent, read: Sequence[Outcome]) -> Score:
    """The score of one intent. A reading that another careful person would make counts neither way."""
    held = [each for each in read if intent in each.example.expected]
    right = [each for each in held if each.reading.find(intent)]
    wrong = [each for each in read if intent not in each.example.allowed and each.reading.find(intent)]
    return Score(len(held), len(right), len(wrong), _certain(intent, right), _certain(intent, wrong))


def _certain(intent: Intent, read: Sequence[Outcome]) -> int:
    found = [each.reading.find(intent) for each in read]
    return sum(each is not None and each.is_certain for each in found)


def total(read: Sequence[Outcome]) -> Score:
    """All intents but OTHER together."""
    each = [score(intent, read) for intent in Intent if intent is not Intent.OTHER]
    return Score(*(sum(values) for values in zip(*(msgspec.structs.astuple(one) for one in each), strict=True)))


def exact_share(name: str, read: Sequence[Outcome]) -> float:
    """Of the days (`on`) or sums (`amount_cents`) said or read, the share read exactly."""
    pairs = [(said, got) for one in read for _, field, said, got in details_of(one) if field == name]
    told = [(said, got) for said, got in pairs if said is not None or got is not None]
    return sum(said == got for said, got in told) / len(told) if told else 1.0


def table(read: Sequence[Outcome]) -> str:
    """The table, as text."""
    lines = [f"{'intent':34} {'texts':>5} {'recall':>7} {'precision':>9} {'acts':>5} {'of them right':>13}"]
    for name, one in [*((intent.value, score(intent, read)) for intent in Intent), ("all but other", total(read))]:
        acts = one.certain_right + one.certain_wrong
        lines.append(
            f"{name:34} {one.held:5} {one.recall:7.1%} {one.precision:9.1%} {acts:5} {one.certain_precision:13.1%}"
        )
    perfect = sum(not one.faults for one in read) / len(read)
    lines.append(
        f"{len(read)} texts; read without any fault {perfect:.1%}; "
        f"days exact {exact_share('on', read):.1%}, sums exact {exact_share('amount_cents', read):.1%}"
    )
    return "\n".join(lines)


def main(words: list[str]) -> None:
    """Prints the table of the parts named, of all by default; with --faults every text that is read otherwise."""
    parts = [word for word in words if not word.startswith("-")]
    read = [one for one in outcomes() + blind_outcomes() if one.example.part in parts] if parts else outcomes()
    print(table(read))  # noqa: T201 - a table is what the command is for
    if "--faults" in words:
        for one in read:
            if one.faults:
                print(f"\n{one.example.part}: {one.example.text.strip()[:300]!r}\n    {'; '.join(one.faults)}")  # noqa: T201 - as above
                for found in one.reading.findings:
                    print(f"      {found.intent} {found.confidence} {found.evidence!r} {found.on or ''}")  # noqa: T201 - as above


if __name__ == "__main__":
    main(sys.argv[1:])
