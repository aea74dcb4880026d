"""Every name that a template or a phrase may use, with the function that reads it from a brief. Owns none of them."""

from orchestrator.rendering import case_facts, legal_facts, money_facts, party_facts, table_facts, written_facts
from orchestrator.rendering.reading import Fact

FACTS: dict[str, Fact] = {
    **party_facts.FACTS,
    **case_facts.FACTS,
    **money_facts.FACTS,
    **table_facts.FACTS,
    **legal_facts.FACTS,
    **written_facts.FACTS,
}

# What stands for one row inside `{% for row in invoices %}`.
ROW = "row"
ROW_FIELDS = frozenset(field for fact in FACTS.values() for field in fact.fields)
