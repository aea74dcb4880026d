"""How to pay, as the page says it: the means of who is paid and the reference of the case. Never an amount."""

import html
from collections.abc import Callable, Iterator
from urllib.parse import quote

from orchestrator.domain.creditor import Creditor
from orchestrator.domain.pay_to import PayTo, pay_to
from orchestrator.rendering.reading import clean

_FOUR = 4


def ways_to_pay(creditor: Creditor, case_id: str, say: Callable[[str], str], *, payee: str = "") -> str:
    """The card's inside as HTML: a link, an account, a cheque; else whom to ask. `say` gives a text as HTML.

    The same whatever is open, held or paid, so it tells nothing of the debt to whoever holds the link. `payee` is who
    is paid when that is not the creditor.
    """
    paid = pay_to(creditor, payee)
    ways = [*_online(paid, case_id, say), *_account(paid, case_id, say)]
    if ways:
        return "".join(ways)
    whom = f"<dl><dt>{say('pay_to')}</dt><dd>{html.escape(clean(paid.name))}</dd></dl>" if payee else ""
    return f"{whom}<p>{say('pay_ask')}</p>"


def _online(paid: PayTo, case_id: str, say: Callable[[str], str]) -> Iterator[str]:
    url = paid.link.replace("{case}", quote(case_id, safe=""))
    if url.startswith(("https://", "http://")) and url.isprintable():
        yield f'<p><a class="go" rel="noreferrer" href="{html.escape(url)}">{say("pay_online")}</a></p>'


def _account(paid: PayTo, case_id: str, say: Callable[[str], str]) -> Iterator[str]:
    iban, bic = clean(paid.iban).replace(" ", ""), clean(paid.bic)
    grouped = " ".join(iban[start : start + _FOUR] for start in range(0, len(iban), _FOUR))
    rows = []
    if iban:
        rows += [("pay_transfer", f"{grouped} (BIC {bic})" if bic else grouped), ("pay_to", clean(paid.name))]
    if paid.cheque_order:
        rows.append(("pay_cheque", clean(paid.cheque_order)))
    if rows:
        rows.append(("pay_reference", case_id))
        yield f"<dl>{''.join(f'<dt>{say(key)}</dt><dd>{html.escape(value)}</dd>' for key, value in rows)}</dl>"
