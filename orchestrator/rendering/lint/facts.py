"""What makes words lawful that otherwise are not. What is unknown is not lawful.

Owns which fact excuses what. Facts are read from the brief of a message, or given by who lints a text by hand.
"""

from datetime import date, timedelta

import msgspec

from channels.contract import Channel
from orchestrator.domain.campaign import DocumentKind
from orchestrator.domain.policy import DocumentRule, Policy
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.lint.normal import fold
from orchestrator.rendering.typography import typography

# A shorter deadline is no sign of a real formal notice (HOUSE-13).
LEAST_DEADLINE_DAYS = 8
# These may leave before the first letter, which they then cannot recall.
_COMES_FIRST = frozenset(
    {DocumentKind.R124_4_LETTER, DocumentKind.LOAN_TRANSFER_NOTICE, DocumentKind.CREDIT_ARREARS_NOTICE}
)
# Décret 2008-780: a cut is announced at least this long ahead, by the second letter; longer to a protected customer.
_CUT_NOTICE, _PROTECTED_NOTICE = timedelta(days=20), timedelta(days=30)
_PROTECTED_MARKS = frozenset({"energy_protected", "vulnerable"})


class LintFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of a message. Each is false, empty or None until somebody knows better.

    `interest` are the printed rate and starting date of each interest or penalty line. `energy_letters_on` are the
    days of the two letters before a cut, `is_main_residence` whether energy is for one; water has no such facts.
    `letter_reference` and `letter_day` are the first letter's, as printed; of a text alone, without its case, any
    reference and date will do.
    """

    is_officer: bool = False
    served_by_officer: bool = False
    real_department: bool = False
    claim_filed: bool = False
    has_title: bool = False
    statutory_penalty: bool = False
    court_awarded: bool = False
    eligible_and_required_notice: bool = False
    is_verified_lawyer: bool = False
    is_verified_member: bool = False
    decision_recorded: bool = False
    is_enforceable: bool = False
    owes_as_business: bool = False
    has_statutory_line: bool = False
    is_formal_kind: bool = False
    is_gated_second_letter: bool = False
    deadline_days: int = 0
    interest: tuple[tuple[str, str], ...] = ()
    on: date | None = None
    is_main_residence: bool | None = None
    energy_letters_on: tuple[date | None, date | None] = (None, None)
    is_protected_customer: bool = False
    is_third_party: bool = False
    is_first_letter: bool = False
    letter_reference: str = ""
    letter_day: str = ""
    is_text_alone: bool = False

    @property
    def is_formal_notice(self) -> bool:
        """Whether this is a formal notice that leaves time to pay."""
        return self.is_formal_kind and self.deadline_days >= LEAST_DEADLINE_DAYS

    @property
    def owes_by_statute(self) -> bool:
        """Whether a professional owes a sum whose statute the statement names."""
        return self.owes_as_business and self.has_statutory_line

    @property
    def energy_cut_may_be_announced(self) -> bool:
        """Whether both letters are old enough and it is not the winter of a main residence.

        The second letter is what announces a cut: where the pack itself says in which season it may go, its gate
        has judged the day.
        """
        if self.is_gated_second_letter:
            return True
        first, second = self.energy_letters_on
        notice = _PROTECTED_NOTICE if self.is_protected_customer else _CUT_NOTICE
        if self.on is None:
            return False
        if first is None or second is None or not first < second <= self.on - notice:
            return False
        is_winter = self.on.month in (11, 12, 1, 2, 3)
        return not is_winter or self.is_main_residence is False

    def allows(self, name: str, text: str = "") -> bool:
        """Whether a fact that a family names is known to be true of this message and its text."""
        if name == "interest_has_basis":
            said = _squeezed(text)
            return any(_squeezed(rate) in said and _squeezed(day) in said for rate, day in self.interest)
        return getattr(self, name) is True


def facts_of(
    brief: Brief,
    policy: Policy,
    *,
    is_enforceable: bool = False,
    energy_letters_on: tuple[date | None, date | None] = (None, None),
) -> LintFacts:
    """The facts that a brief and its pack know, and two that its case does.

    `is_enforceable`: no debt of it is time-barred. `energy_letters_on`: when the two letters about all its debts left.
    """
    send, statement = brief.send, brief.statement
    hand = typography(brief.language, is_plain=send.channel is Channel.SMS)
    return LintFacts(
        has_title="title" in brief.marks,
        claim_filed="claim_filed" in brief.marks,
        court_awarded="court_awarded" in brief.marks,
        decision_recorded="decision_recorded" in brief.marks,
        is_enforceable=is_enforceable,
        owes_as_business=not brief.debtor.status.is_individual,
        has_statutory_line=any(line.legal_basis for line in statement.statutory),
        eligible_and_required_notice=send.kind is DocumentKind.CREDIT_ARREARS_NOTICE,
        is_formal_kind=send.kind is DocumentKind.FORMAL_NOTICE,
        is_gated_second_letter=send.kind is DocumentKind.ENERGY_SECOND_LETTER
        and any(rule.closed_season is not None and send.kind in rule.documents for rule in policy.of(DocumentRule)),
        deadline_days=(brief.deadline_on - brief.dated_on).days if brief.deadline_on else 0,
        interest=tuple(
            (hand.percent(line.percent), hand.day(line.from_on))
            for line in statement.statutory
            if line.percent and line.from_on and line.legal_basis
        ),
        on=brief.dated_on,
        energy_letters_on=energy_letters_on,
        is_protected_customer=not _PROTECTED_MARKS.isdisjoint(brief.marks),
        is_third_party=brief.creditor.party == "third_party",
        is_first_letter=send.kind in _COMES_FIRST,
        letter_reference=brief.letter_reference,
        letter_day=hand.day(brief.letter_on) if brief.letter_on else "",
    )


def _squeezed(text: str) -> str:
    return "".join(fold(text).split())
