"""How invented debtors behave: the table of profiles, and what makes any of them pay sooner. Draws nothing.

The figures are house assumptions for rehearsals; they describe nobody and predict nothing.

| profile    | who                                   | about a demand                                             |
|------------|---------------------------------------|------------------------------------------------------------|
| prompt     | forgot, and is glad of the reminder   | pays within days                                           |
| forgetful  | means to, and forgets again           | pays at the second or third word, promises now and then    |
| slow       | pays everybody late                   | pays after weeks, often in parts, likes a date of its own  |
| promising  | says yes to everything                | promises, and breaks two promises in three                 |
| unable     | cannot pay                            | says so, or pays a little                                  |
| objecting  | disagrees with the bill               | disputes, then pays what is left                           |
| crossing   | has just paid, or says so             | answers "already paid"; two times in three it is true      |
| annoyed    | does not want to be written to        | says STOP; may pay all the same                            |
| silent     | nobody hears of them                  | almost nothing                                             |
"""

import msgspec

from orchestrator.domain.campaign import Use
from orchestrator.domain.voice import Voice


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Chances (0 to 1) of each answer to one demand in a courteous voice, for an ordinary sum; the rest is silence.

    `share` and `firm_share` say how common it is among people and among firms. `pay_days` is when a payment comes;
    `keeps` how often a promise holds; `part` how often a larger payment is a part; `unasked` the chance to pay in
    sixty days though nobody wrote.
    """

    name: str
    share: int
    firm_share: int
    pays: float
    pay_days: tuple[int, int]
    promises: float = 0.0
    keeps: float = 0.8
    part: float = 0.05
    disputes: float = 0.0
    hardship: float = 0.0
    claims_paid: float = 0.0
    claim_is_true: float = 0.67
    stops: float = 0.0
    unasked: float = 0.0


PROFILES = (
    Profile(name="prompt", share=18, firm_share=14, pays=0.62, pay_days=(1, 5), promises=0.05, keeps=0.95, unasked=0.2),
    Profile(name="forgetful", share=24, firm_share=20, pays=0.3, pay_days=(2, 9), promises=0.12, unasked=0.08),
    Profile(name="slow", share=13, firm_share=32, pays=0.15, pay_days=(7, 20), promises=0.2, keeps=0.7, part=0.35,
            unasked=0.08),
    Profile(name="promising", share=9, firm_share=8, pays=0.06, pay_days=(3, 12), promises=0.5, keeps=0.35, part=0.2),
    Profile(name="unable", share=9, firm_share=5, pays=0.04, pay_days=(5, 15), promises=0.1, keeps=0.3, part=0.8,
            hardship=0.3),
    Profile(name="objecting", share=6, firm_share=9, pays=0.1, pay_days=(4, 14), disputes=0.4, part=0.3),
    Profile(name="crossing", share=5, firm_share=5, pays=0.25, pay_days=(1, 4), claims_paid=0.45),
    Profile(name="annoyed", share=5, firm_share=1, pays=0.14, pay_days=(3, 12), stops=0.4),
    Profile(name="silent", share=12, firm_share=8, pays=0.02, pay_days=(5, 25)),
)  # fmt: skip

# How much more, or less, a word brings in another voice, by another way, for another sum, after another time.
BY_VOICE = {
    Voice.SERVICE: 0.5, Voice.COURTEOUS: 1.0, Voice.FACTUAL: 1.15, Voice.FIRM: 1.35, Voice.FORMAL: 1.8,
    Voice.LISTENING: 0.2,
}  # fmt: skip
BY_USE = {Use.SMS: 1.05, Use.EMAIL: 0.9, Use.LETTER: 1.1, Use.REGISTERED: 1.4}
BY_CALL = 1.5


def by_amount(cents: int) -> float:
    """Small sums are paid more readily."""
    for top, factor in ((6_000, 1.15), (50_000, 1.0), (500_000, 0.85)):
        if cents < top:
            return factor
    return 0.7


def by_age(days: int) -> float:
    """Old debts are paid less readily."""
    for top, factor in ((30, 1.0), (60, 0.85), (90, 0.7)):
        if days < top:
            return factor
    return 0.55


# What becomes of a message, in a hundred of each kind of address; the rest arrives. A dead address is dead each time.
DEAD_NUMBERS, DEAD_MAILBOXES, LEFT_ADDRESSES = 5, 5, 4
# In a hundred registered letters: nobody fetches them.
UNCLAIMED = 16
