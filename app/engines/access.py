"""The access model as Casbin reads it and as we run it: purpose, scope, method, term, ceiling.

`policies/access/model.conf` is the law. It is compiled once; stock Casbin stays beside it as the
oracle of the tests and of replay, and is never asked while a gateway waits.
"""

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import casbin

from app.domain.canonical import digest
from app.domain.picture import VersionPicture
from app.domain.vocabulary import EVERY, NO_NODE, Purposes
from app.engines.access_compile import Folded, NamedTest, Row, Section, Unloadable, compiled

SECTIONS = ("", "2", "3", "4", "5")


@dataclass(frozen=True, slots=True)
class Lines:
    """What one grant version allows, a folded section each."""

    purpose: Folded
    scope: Folded
    method: Folded
    term: Folded


def field_matches(asked: str, pattern: str) -> bool:
    """Whether a field is the one named, or begins as a pattern ending in `*` says."""
    return asked.startswith(pattern[:-1]) if pattern.endswith("*") else asked == pattern


def one_of(asked: str, pattern: str) -> bool:
    """Whether a code is in a list such as `API|SAAS`; `*` is every code."""
    return pattern == EVERY or asked in pattern.split("|")


def _one_field(pattern: str) -> tuple[str, ...] | None:
    return None if pattern.endswith("*") else (pattern,)


def _listed(pattern: str) -> tuple[str, ...] | None:
    return None if pattern == EVERY else tuple(dict.fromkeys(pattern.split("|")))


@dataclass(frozen=True)
class Access:
    """The compiled model with its ceiling and purpose tree; answers are functions of lines."""

    model_text: str
    purposes: Purposes
    sections: Mapping[str, Section]
    ceiling_rows: tuple[Row, ...]
    ceiling_lines: Folded
    digest: str

    def with_lines(self, grant: str, version: VersionPicture) -> VersionPicture:
        """The version carrying its compiled lines and one digest of the law and the lines."""
        rows = grant_rows(grant_ref(grant, version.number), version, self.purposes)
        folded = Lines(*(self.sections[suffix].fold(rows[suffix]) for suffix in SECTIONS[:4]))
        written = {"p" + suffix: [list(row) for row in lines] for suffix, lines in rows.items()}
        return replace(version, lines=folded,
                       lines_digest=digest({"law": self.digest, "lines": written}))

    def purpose(self, lines: Lines, ref: str, purpose: str) -> bool:
        return self.sections[""].allows(lines.purpose, (ref, purpose))

    def fields(self, lines: Lines, ref: str, product: str, names: Row) -> frozenset[str]:
        """Those of the fields that a line of the scope allows."""
        return frozenset([request[2] for request in self.sections["2"].allowing(
            lines.scope, [(ref, product, name) for name in names])])

    def method(self, lines: Lines, ref: str, method: Row) -> bool:
        return self.sections["3"].allows(lines.method, (ref, *method))

    def term(self, lines: Lines, ref: str, at: str) -> bool:
        return self.sections["4"].allows(lines.term, (ref, at))

    def ceiling(self, grade: str, action: str, channel: str, form: str) -> bool:
        return self.sections["5"].allows(self.ceiling_lines, (grade, action, channel, form))


def grant_ref(grant: str, number: int) -> str:
    return f"{grant}@{number}"


def grant_rows(ref: str, version: VersionPicture, purposes: Purposes) -> dict[str, tuple[Row, ...]]:
    """The policy lines of one grant version, by section suffix. Nobody writes lines by hand.

    A node is emitted whole only for `descend` with nothing left out; otherwise leaf by leaf.
    """
    return {
        "": tuple((ref, code) for code in granted_codes(version, purposes)),
        "2": tuple((ref, version.product, field) for field in sorted(version.fields)),
        "3": tuple(dict.fromkeys(
            (ref, right.action, right.channel, right.environment, right.node or NO_NODE)
            for right in version.methods)),
        "4": ((ref, version.begins, version.ends),),
    }


def granted_codes(version: VersionPicture, purposes: Purposes) -> list[str]:
    """The purpose codes a version's lines name; an inner node without `descend` names nothing."""
    codes: list[str] = []
    for right in version.purposes:
        if right.descend and not right.excluded and right.code in purposes:
            codes.append(right.code)
        elif right.descend:
            codes += [leaf for leaf in purposes.leaves_below(right.code)
                      if not purposes.is_within(leaf, right.excluded)]
        elif purposes.is_leaf(right.code):
            codes.append(right.code)
    return list(dict.fromkeys(codes))


def load(folder: Path, purposes: Purposes) -> Access:
    """The law of ``folder``: `model.conf` and `ceiling.csv`.

    Raises:
        Unloadable: the model or the table says something that is not compiled.
    """
    text = (folder / "model.conf").read_text(encoding="utf-8")
    model = casbin.Enforcer.new_model(text=text)
    tests = {
        "g": NamedTest(lambda asked, node: purposes.is_within(asked, (node,)) or asked == node),
        "field_matches": NamedTest(field_matches, _one_field),
        "one_of": NamedTest(one_of, _listed),
    }
    if set(model["p"]) != {"p" + suffix for suffix in SECTIONS}:
        raise Unloadable("model.conf must define p, p2, p3, p4 and p5, and nothing else")
    sections = {suffix: compiled(model, suffix, tests) for suffix in SECTIONS}
    rows = ceiling_rows(folder / "ceiling.csv")
    return Access(
        model_text=text, purposes=purposes, sections=sections, ceiling_rows=rows,
        ceiling_lines=sections["5"].fold(rows),
        digest=law_digest(folder, purposes),
    )


def law_digest(folder: Path, purposes: Purposes) -> str:
    """One digest of the model, the ceiling and the purpose links, byte by byte."""
    files = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
             for name in ("model.conf", "ceiling.csv")}
    return digest({**files, "purposes": [list(link) for link in sorted(purposes.links())]})


def ceiling_rows(path: Path) -> tuple[Row, ...]:
    """The lines of the ceiling table; every other line is a comment or refuses to load."""
    rows = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, cells in enumerate(csv.reader(file, skipinitialspace=True), start=1):
            if not cells or cells[0].startswith("#"):
                continue
            if cells[0] != "p5" or len(cells) != 5:
                raise Unloadable(f"{path.name} line {number} needs p5 and four values")
            rows.append(tuple(cell.strip() for cell in cells[1:]))
    return tuple(rows)


def oracle(access: Access, suffix: str, rows: tuple[Row, ...]) -> casbin.Enforcer:
    """Stock Casbin holding ``rows`` in one section. For tests and replay, one thread at a time."""
    enforcer = casbin.Enforcer(casbin.Enforcer.new_model(text=access.model_text))
    enforcer.model["p"]["p" + suffix].policy = [list(row) for row in rows]
    enforcer.add_named_grouping_policies("g", [list(link) for link in access.purposes.links()])
    enforcer.add_function("field_matches", field_matches)
    enforcer.add_function("one_of", one_of)
    return enforcer


def stock_allows(enforcer: casbin.Enforcer, suffix: str, request: Row) -> bool:
    """What stock Casbin answers, with the same two refusals before it is asked."""
    if not all(request) or not enforcer.model["p"]["p" + suffix].policy:
        return False
    context = enforcer.new_enforce_context(suffix) if suffix else None
    return enforcer.enforce(*((context,) if context else ()), *request)
