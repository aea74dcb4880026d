"""A person's own words in a reply: without quotation, signature, disclaimer or HTML. Linear in the length of the text.

Owns where they begin and end. Owns no meaning; what it takes for a signature is handed back too, for a stop may hide
there.
"""

import re
import unicodedata

import msgspec

from orchestrator.intake.replies.html_text import html_to_text

_LONGEST = 100_000  # characters looked at; nobody writes more by hand
_HEAD, _TAIL = 6_000, 2_000  # of the own words: their beginning and their end are read


class OwnWords(msgspec.Struct, frozen=True):
    """What the person wrote, and what stands below it as a signature."""

    words: str
    signature: str = ""


_DAY_OR_DATE = r"(?:lun|mar|mer|jeu|ven|sam|dim|mon|tue|wed|thu|fri|sat|sun|\d)"
_QUOTE_STARTS = re.compile(
    rf"(?i)^[ >*_-]*(?:"
    rf"(?:le|on)\b[^\n]{{0,5}}{_DAY_OR_DATE}[^\n]{{4,300}}(?:a écrit|a ecrit|wrote|écrit|ecrit)[  ]{{0,2}}:?\s*$"
    r"|[^\n]{3,200}(?:a écrit|a ecrit|wrote)[  ]{0,2}:\s*$"
    r"|-{2,}[  ]{0,3}(?:message d['’]origine|message original|original message|message transféré|"
    r"forwarded message|message transmis|reply above|répondez au-dessus)"
    r"|(?:début du message (?:transféré|réexpédié)|begin forwarded message)[  ]{0,2}:"
    r"|_{20,}\s*$"
    r"|#+ ?(?:répondez|reply|please (?:type|reply)|veuillez répondre) (?:au-dessus|above|your reply)"
    r")"
)
_HEADER = re.compile(
    r"(?i)^[ >*]*(?:de|from|à|a|to|envoyé|envoye|sent|date|objet|subject|cc|répondre à|"
    r"reply-to)[  ]{0,2}\*?[  ]{0,2}:"
)
_OPENS_LONG_QUOTE = re.compile(rf"(?i)^[ >]*(?:le|on)\b.{{0,5}}{_DAY_OR_DATE}")
_CLOSES_LONG_QUOTE = re.compile(r"(?i)(?:a écrit|a ecrit|wrote)[  ]{0,2}:\s*$")
_MOBILE = re.compile(
    r"(?i)^\W{0,3}(?:envoyé (?:de|depuis|à partir|avec|via|par)|envoye (?:de|depuis|avec)|sent (?:from|via|"
    r"with) (?!me\b)|get outlook|obtenez outlook|"
    r"télécharger? outlook|provenance\s*:|yahoo mail|from my (?:iphone|android|phone)|garanti sans virus|"
    r"virus-free|avast|"
    r"cet e-?mail a été vérifié|mailed with|mail envoyé)"
)
_DISCLAIMER = re.compile(
    r"(?i)^\W{0,6}(?:ce (?:message|courriel|courrier électronique|mail|e-?mail)[^\n]{0,80}(?:confidentiel|"
    r"destiné|pièces? jointes?|susceptible)|"
    r"this (?:e-?mail|message|communication|transmission)[^\n]{0,120}(?:confidential|intended|privileged)|"
    r"the information (?:contained )?in this|"
    r"les informations contenues|if you (?:have received|are not the)|si vous (?:avez reçu|"
    r"n['’]êtes pas le destinataire)|"
    r"confidentiality|avis de confidentialité|disclaimer|pensez à l['’]environnement|pensez à la planète|"
    r"avant d['’]imprimer|"
    r"please consider the environment|n['’]imprimez ce|internet communications are not|registered in england|"
    r"registered office|"
    r"sas au capital|sarl au capital|company registration|pour ne plus recevoir|to unsubscribe)"
)
_CLOSING = re.compile(
    r"(?i)^\W{0,3}(?:(?:bien |très |tres |sincères |sinceres |meilleures |mes |nos |respectueuses |amicales )*"
    r"(?:cordialement|cdlt|cdt|crdlt|cordiales salutations|salutations(?: distinguées| distinguees)?|"
    r"respectueusement|sincèrement|bien à vous|"
    r"bien a vous|amicalement|à vous|bonne journée|bonne journee|bonne réception|bonne reception)|"
    r"(?:kind |best |warm |many |with |with best |with kind |yours |warmest )*(?:regards|sincerely|faithfully|"
    r"truly|best wishes|wishes)|kr|br|rgds)"
    r"(?: à vous| a vous| vôtre| votre)?[\s,.!;]*$"
)
_CLOSING_SENTENCE = re.compile(
    r"(?i)^(?:je vous prie d['’]|nous vous prions d['’]|veuillez (?:agréer|agreer|recevoir|croire|accepter)|"
    r"dans l['’]attente[^\n]{0,120}salutations)"
)
_POSTSCRIPT = re.compile(r"(?i)^\s*(?:p\.? ?s\.?|post ?-?scriptum|nb|n\.b\.|edit)\b\s*[:.,-]?\s*\S")
_TAPBACK = re.compile(
    r"(?is)^\W{0,3}(?:(?:a\s{1,3})?(?:aimé|adoré|liké|ri à|ri de|mis en évidence|mis en exergue|réagi[^\n“«\"]{0,40}|"
    r"pas aimé|interrogé)|liked|loved|disliked|"
    r"laughed at|emphasi[sz]ed|questioned|reacted [^\n“«\"]{0,40}to)\s{0,3}(?:à |to )?[“«\"].{0,2000}[”»\"]\W{0,3}$"
)
_POSTSCRIPT_LINES = 6
_MOST_LINES = 4_000


def own_words(text: str, *, html: str = "", is_mail: bool) -> OwnWords:
    """The own words of a reply: from its text, or from its HTML where there is no text."""
    text = text[:_LONGEST]
    if not text.strip() and html:
        text = html_to_text(html[: 4 * _LONGEST])[:_LONGEST]
    if not is_mail:
        return OwnWords(_shortened(_without_tapback(text)))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:_MOST_LINES]
    words, signature = _without_signature(_without_quotes(lines))
    return OwnWords(_shortened("\n".join(words).strip()), "\n".join(signature)[:1_000])


def _without_tapback(text: str) -> str:
    """A phone tells of a thumb by quoting the whole message: `Liked “…”`."""
    match = _TAPBACK.match(unicodedata.normalize("NFC", text[:2_500]))
    return "" if match else text.strip()


def _shortened(text: str) -> str:
    return text if len(text) <= _HEAD + _TAIL else text[:_HEAD] + "\n" + text[-_TAIL:]


def _without_quotes(lines: list[str]) -> list[str]:
    kept: list[str] = []
    for at, line in enumerate(lines):
        if line.lstrip().startswith((">", "|>")):
            continue
        if _starts_quote(lines, at):
            # A quotation marked line by line may have an answer below it; an unmarked one runs to the end.
            if not _is_marked(lines, at):
                break
            continue
        if at and _closes_wrapped(lines, at):
            continue
        kept.append(line)
    return kept


def _starts_quote(lines: list[str], at: int) -> bool:
    line = lines[at][:400]
    if _QUOTE_STARTS.match(line):
        return True
    if _OPENS_LONG_QUOTE.match(line) and any(_CLOSES_LONG_QUOTE.search(each[-40:]) for each in lines[at + 1 : at + 4]):
        return True
    if _HEADER.match(line):
        near = [each for each in lines[at : at + 6] if _HEADER.match(each[:80])]
        return len(near) >= 3
    return False


def _closes_wrapped(lines: list[str], at: int) -> bool:
    """Whether the line is the end of a wrapped "Le ..., X\\n a écrit :"."""
    if not _CLOSES_LONG_QUOTE.search(lines[at][-40:]):
        return False
    return any(_OPENS_LONG_QUOTE.match(each[:400]) for each in lines[max(at - 3, 0) : at])


def _is_marked(lines: list[str], at: int) -> bool:
    following = [line for line in lines[at + 1 : at + 8] if line.strip()]
    return any(line.lstrip().startswith(">") for line in following[:4])


def _without_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """The lines above a signature, and it. What a postscript below it says is kept."""
    begun = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    for at, line in enumerate(lines):
        text = line.strip()[:300]
        is_cut = text in ("--", "—") or _MOBILE.match(text) or _DISCLAIMER.match(text)
        # A formula that opens the text closes nothing.
        if is_cut or (at > begun and (_CLOSING.match(text) or _CLOSING_SENTENCE.match(text))):
            below = lines[at:]
            said = next((i for i, each in enumerate(below) if _POSTSCRIPT.match(each[:80])), len(below))
            return lines[:at] + below[said : said + _POSTSCRIPT_LINES], below[:said]
    return lines, []
