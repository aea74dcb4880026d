"""How to pay, as the page says it: the creditor's own means and the reference of the case. Never an amount."""

import html
from collections.abc import Callable, Iterator
from urllib.parse import quote

from orchestrator.domain.creditor import Creditor
from orchestrator.rendering.reading import clean

_FOUR = 4


def ways_to_pay(creditor: Creditor, case_id: str, say: Callable[[str], str]) -> str:
    """The card's inside as HTML: a link, an account, a cheque; else whom to ask. `say` gives a text as HTML.

    The same whatever is open, held or paid, so it tells nothing of the debt to whoever holds the link.
    """
    ways = [*_online(creditor, case_id, say), *_account(creditor, case_id, say)]
    return "".join(ways) or f"<p>{say('pay_ask')}</p>"


def _online(creditor: Creditor, case_id: str, say: Callable[[str], str]) -> Iterator[str]:
    url = creditor.payment.link.replace("{case}", quote(case_id, safe=""))
    if url.startswith(("https://", "http://")) and url.isprintable():
        yield f'<p><a class="go" rel="noreferrer" href="{html.escape(url)}">{say("pay_online")}</a></p>'


def _account(creditor: Creditor, case_id: str, say: Callable[[str], str]) -> Iterator[str]:
    """A collector's funds go to its dedicated account, and by no cheque (as `party_facts` says in messages)."""
    who = creditor.collector if creditor.party == "third_party" else None
    dedicated = who.account if who else ""
    iban = clean(dedicated or creditor.payment.iban).replace(" ", "")
    grouped = " ".join(iban[start : start + _FOUR] for start in range(0, len(iban), _FOUR))
    bic = "" if dedicated else clean(creditor.payment.bic)
    rows = []
    if iban:
        rows += [
            ("pay_transfer", f"{grouped} (BIC {bic})" if bic else grouped),
            ("pay_to", clean(who.name if who and dedicated else creditor.name)),
        ]
    if creditor.payment.cheque_order and not dedicated:
        rows.append(("pay_cheque", clean(creditor.payment.cheque_order)))
    if rows:
        rows.append(("pay_reference", case_id))
        yield f"<dl>{''.join(f'<dt>{say(key)}</dt><dd>{html.escape(value)}</dd>' for key, value in rows)}</dl>"
