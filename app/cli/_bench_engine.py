"""The decision in process: compiled sections against stock Casbin, and many grants against few."""

import gc
import time
from collections.abc import Callable

from app.domain.asks import Presented, read_ask
from app.domain.decisions import decide
from app.domain.law import Law
from app.domain.picture import (
    AppPicture,
    CredentialPicture,
    DatasetPicture,
    FieldPicture,
    GrantPicture,
    HeadAgreementPicture,
    InstitutionPicture,
    MethodRight,
    Picture,
    ProductFieldPicture,
    ProductPicture,
    ProductVersionPicture,
    PurposeRight,
    VersionPicture,
)
from app.engines import access, rulebooks

BEGINS, AT, ENDS = (f"{year}-06-01T00:00:00.000000Z" for year in (2025, 2026, 2027))
FIELDS = ("ent_name", "tax_grade", "penalty_count", "credit_lines", "founded_on", "staff_count",
          "tax_paid", "industry")
FEW = 3  # of them in a question, where not all are asked for
WAY = ("QUERY_ONE", "API", "PROD")


# What the grants of a zone say alike, which its snapshot keeps once.
SAID = VersionPicture(
    number=1, purposes=(PurposeRight("PF.CRD", True),), product="PRD-1", version_from="1.0",
    version_to="1.9", fields=dict.fromkeys(FIELDS, "CLEAR"), methods=(MethodRight(*WAY),),
    output_form="MASKED_RECORD", begins=BEGINS, ends=ENDS)


def version(law: Law, grant: str) -> VersionPicture:
    return law.sections.with_lines(grant, SAID)


def zone(law: Law, count: int) -> Picture:
    """A picture of so many institutions, each with an application, a credential and a grant."""
    numbers = range(count)
    sold = {name: ProductFieldPicture(name, (("DS-1", name),)) for name in FIELDS}
    product = ProductVersionPicture("PRD-1", "1.0", sold, ("DS-1",), frozenset({WAY}), ("PF",),
                                    "MASKED_RECORD", "NONE")
    grants = {f"GR-{n}": GrantPicture(f"GR-{n}", f"I-{n}", "ACTIVE", version(law, f"GR-{n}"))
              for n in numbers}
    return Picture(
        1, agreements={"HA": HeadAgreementPicture("HA", 1, "IN_FORCE", BEGINS, ENDS,
                                                  frozenset({"PRD-1"}), frozenset({"DS-1"}))},
        datasets={"DS-1": DatasetPicture("DS-1", 1, "ONLINE", "D", {
            name: FieldPicture(name, 2) for name in FIELDS})},
        products={"PRD-1": ProductPicture("PRD-1", 1, "LISTED", "1.0", {"1.0": product})},
        institutions={f"I-{n}": InstitutionPicture(f"I-{n}", 1, "ADMITTED") for n in numbers},
        apps={f"A-{n}": AppPicture(f"A-{n}", f"I-{n}", networks=("10.0.0.0/8",)) for n in numbers},
        credentials={f"c{n}": CredentialPicture(f"C-{n}", 1, "", frozenset({f"A-{n}"}),
                                                frozenset({"*"}), BEGINS, ENDS) for n in numbers},
        grants=grants, grants_of={(f"I-{n}", "PRD-1"): (f"GR-{n}",) for n in numbers})


def ask(number: int, fields: int = FEW):
    """A question of one institution about so many fields, permitted."""
    return read_ask(
        {"subject": {"type": "client_app", "id": f"A-{number}"},
         "action": {"name": WAY[0], "properties": {"channel": WAY[1], "environment": WAY[2]}},
         "resource": {"type": "product", "id": "PRD-1", "properties": {
             "fields": list(FIELDS[:fields])}},
         "context": {"purpose": "PF.CRD.NEW", "grant": f"GR-{number}"}},
        Presented(f"c{number}", "10.0.0.1"), lambda kind, number: "")


def cpu_us(work: Callable[[], object], times: int, rounds: int = 5) -> float:
    """CPU microseconds a call, the least of some rounds."""
    best = float("inf")
    for _ in range(rounds):
        began = time.process_time()
        for _ in range(times):
            work()
        best = min(best, time.process_time() - began)
    return best / times * 1e6


def sections(law: Law) -> tuple[float, float]:
    """All section calls of one decision: compiled, and by stock Casbin on the same rows."""
    law_sections: access.Access = law.sections
    one, ref = version(law, "GR-1"), "GR-1@1"
    rows = access.grant_rows(ref, one, law.purposes)
    rows["5"] = tuple(row for row in law_sections.ceiling_rows if row[0] == "L2")
    asked = [("", (ref, "PF.CRD.NEW")), ("3", (ref, *WAY, "-")), ("4", (ref, AT))]
    asked += [("2", (ref, "PRD-1", field)) for field in FIELDS[:FEW]]
    asked += [("5", ("L2", WAY[0], WAY[1], "MASKED_RECORD"))] * 3
    folded = {suffix: law_sections.sections[suffix].fold(lines) for suffix, lines in rows.items()}
    stock = {suffix: access.oracle(law_sections, suffix, lines) for suffix, lines in rows.items()}

    def compiled() -> None:
        for suffix, request in asked:
            assert law_sections.sections[suffix].allows(folded[suffix], request)

    def by_stock() -> None:
        for suffix, request in asked:
            assert access.stock_allows(stock[suffix], suffix, request)

    return cpu_us(compiled, 4000), cpu_us(by_stock, 150)


def whole(law: Law, count: int, fields: int = FEW) -> float:
    """CPU of one whole decision, over grants spread through a zone of that many, each with lines of
    its own."""
    picture = zone(law, count)
    gc.collect()
    gc.freeze()
    asks = [ask(number * 7919 % count, fields) for number in range(2000)]

    def through() -> None:
        for question in asks:
            assert decide(question, picture, law, AT, "dec_bench").permits

    return cpu_us(through, 1, 15) / len(asks)


def measure(grants: int) -> dict:
    law = rulebooks.load()
    compiled, stock = sections(law)
    small, large = whole(law, 100), whole(law, grants)
    return {"compiled_sections_us": round(compiled, 1), "stock_sections_us": round(stock, 1),
            "stock_over_compiled": round(stock / compiled, 1),
            "decision_us_at_100": round(small, 1), f"decision_us_at_{grants}": round(large, 1),
            f"decision_us_of_{len(FIELDS)}_fields": round(whole(law, 100, len(FIELDS)), 1),
            "large_over_small": round(large / small, 2)}
