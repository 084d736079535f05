"""Rights: what a grant allows, in four dimensions (目的、范围、方式、期限), as one value.

A `Rights` is the same value whether it was asked for, approved or is in force. It is read from and
written to the JSON document described in `app/store/tables_grants.py` by `rights_reading.py`,
compared by `narrowing.py`, worded by `sentences.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.canonical import digest, instant
from app.domain.titled import Titled
from app.domain.vocabulary import Purposes

DIMENSIONS = ("purpose", "scope", "method", "term")
TITLES = {"purpose": ("目的", "Purpose"), "scope": ("范围", "Scope"), "method": ("方式", "Method"),
          "term": ("期限", "Term"), "chain": ("授权链", "Authority chain")}


class Population(Titled):
    """Whose records may be asked for. Only `ALL` contains the others."""

    OWN_CUSTOMERS = "OWN_CUSTOMERS", "本行客户", "Own customers"
    LISTED = "LISTED", "名单内主体", "Listed subjects"
    ALL = "ALL", "全量主体", "All subjects"


@dataclass(frozen=True, order=True)
class Node:
    """A purpose leaf, or an inner node with everything below it but `excluded`."""

    code: str
    descend: bool = False
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, order=True)
class Way:
    """One way of asking. `node` is `-` outside a joint node, `*` for any node of the grantee."""

    action: str
    channel: str
    environment: str
    node: str = "-"
    max_batch: int = 1


@dataclass(frozen=True)
class Rows:
    """Which records. Empty regions or industries bound nothing; `lookback_months` None neither."""

    regions: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    population: str = "OWN_CUSTOMERS"
    lookback_months: int | None = None
    subject_kinds: tuple[str, ...] = ("ENTERPRISE",)


@dataclass(frozen=True)
class Rights:
    """The four dimensions. Lists are sorted, so equal rights are equal values.

    `fields` maps each field to its treatment, as sorted pairs; the term is half-open; `window`
    is `("08:00", "20:00")` in Shanghai and may cross midnight.
    """

    nodes: tuple[Node, ...]
    business_ref_required: bool
    product: str
    version_from: str
    version_to: str
    fields: tuple[tuple[str, str], ...]
    rows: Rows
    ways: tuple[Way, ...]
    output_form: str
    begins: datetime
    ends: datetime
    window: tuple[str, str] | None
    retention_days: int
    data_life_days: int

    @property
    def treatments(self) -> dict[str, str]:
        return dict(self.fields)

    @property
    def actions(self) -> frozenset[str]:
        return frozenset(way.action for way in self.ways)

    @property
    def channels(self) -> frozenset[str]:
        return frozenset(way.channel for way in self.ways)

    def leaves(self, purposes: Purposes) -> frozenset[str]:
        """Every purpose leaf these rights reach."""
        found: set[str] = set()
        for node in self.nodes:
            if node.descend:
                found.update(leaf for leaf in purposes.leaves_below(node.code)
                             if not purposes.is_within(leaf, node.excluded))
            else:
                found.add(node.code)
        return frozenset(found)


def version_key(text: str) -> tuple[int, ...]:
    """`2.10` comes after `2.9`."""
    return tuple(int(part) for part in text.split("."))


def as_document(rights: Rights) -> dict:
    """The JSON document of these rights, in canonical order."""
    window = rights.window and {"from": rights.window[0], "to": rights.window[1]}
    rows = rights.rows
    return {
        "purpose": {
            "nodes": [{"code": node.code, "descend": node.descend, "except": list(node.excluded)}
                      for node in rights.nodes],
            "business_ref_required": rights.business_ref_required},
        "scope": {
            "product": rights.product, "version_from": rights.version_from,
            "version_to": rights.version_to,
            "fields": [{"field": field, "treatment": treatment}
                       for field, treatment in rights.fields],
            "rows": {"regions": list(rows.regions), "industries": list(rows.industries),
                     "population": rows.population, "lookback_months": rows.lookback_months,
                     "subject_kinds": list(rows.subject_kinds)}},
        "method": {
            "ways": [{"action": way.action, "channel": way.channel,
                      "environment": way.environment, "node": way.node,
                      "max_batch": way.max_batch} for way in rights.ways],
            "output_form": rights.output_form},
        "term": {
            "from": instant(rights.begins), "to": instant(rights.ends), "window": window,
            "retention_days": rights.retention_days, "data_life_days": rights.data_life_days}}


def scope_digest(document: Mapping, conditions: Sequence = (), quota: Mapping | None = None,
                 obligations: Sequence = ()) -> str:
    """The digest of all four dimensions plus conditions, quota and obligations.

    Source: domain rule §4.4.
    """
    return digest({**{name: document[name] for name in DIMENSIONS},
                   "conditions": list(conditions), "quota": dict(quota or {}),
                   "obligations": list(obligations)})
