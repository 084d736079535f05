"""W05: forty hostile texts stored in every text field of every noun come out as text on every page
that shows them, and in no other way."""

import html

import pytest
from sqlmodel import AutoString, select

from app.domain.callers import SYSTEM
from app.queries.query import queries
from app.store.unit import begin, read
from app.web.noun_pages import noun_pages
from app.web.routes import plural
from tests import people
from tests.web import everything

PAYLOADS = (
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'><svg/onload=alert(1)>",
    "{{7*7}}", "{% raw %}", "${7*7}", "#{7*7}", "javascript:alert(1)", "data:text/html,<script>",
    "<a href='javascript:x'>y</a>", "</textarea><script>x</script>", "</title><script>x</script>",
    "</select><script>x</script>", "</script><script>x</script>", "</style><script>x</script>",
    "<!--", "-->", "]]>", "<![CDATA[<b>", "&lt;b&gt;", "&#x3c;b&#x3e;", "&amp;lt;",
    "<iframe srcdoc='x'>", "<object data=x>", "<embed src=x>", "<base href=//x>",
    "<meta http-equiv=refresh content=0>", "<link rel=stylesheet href=//x>", "<form action=//x>",
    "<math><mi//xlink:href=x>", "<b onmouseover=x>", "<details open ontoggle=x>",
    "<input autofocus onfocus=x>", "`<x>`", "<x y>", "<\u017fcript>", "\\u003cscript\\u003e",
    "\\x3cscript\\x3e", "' onclick='x", "\" onclick=\"x", "<img src=`x`onerror=x>",
    "<svg><animate onbegin=x>", "<video><source onerror=x>", "<ScRiPt >x</sCrIpT >",
)
ALL = "壹" + "零".join(PAYLOADS) + "贰"
TAGGED = [payload for payload in PAYLOADS if "<" in payload]
FREE = {"name", "title", "contact", "liaison", "scene", "necessity", "security_measures", "reason",
        "text", "note", "finding", "author", "owner", "legality", "update_cycle", "statement",
        "licence_no", "security_officer", "legal_basis", "purpose", "recipient", "authority",
        "operator", "filing_reference", "unit", "decided_reason", "delegator_name",
        "delegate_name", "signed_by", "conditions", "lineage", "linkage", "category", "industry",
        "address", "remarks", "description", "qualified", "signatories"}

VOCABULARY = {("product_version", "text"), ("dataset", "category"), ("dataset_field", "category"),
              ("product", "category"), ("dataset", "update_cycle"),
              ("onboarding_case", "update_cycle")}


def free_columns(model):
    """The columns of a noun that hold what people wrote."""
    for column in model.__table__.columns:
        if (isinstance(column.type, AutoString) and column.key in FREE
                and (model.noun, column.key) not in VOCABULARY):
            yield column.key


def poisoned(value, inside: bool = False):
    """A document with what people wrote in it replaced: texts under the names of free fields."""
    if isinstance(value, dict):
        return {key: poisoned(item, key in FREE) for key, item in value.items()}
    if isinstance(value, list):
        return [poisoned(item, inside) for item in value]
    return ALL if inside and isinstance(value, str) else value


@pytest.fixture
def whole(rt):
    """The whole zone with every free text of every row replaced by all the payloads."""
    found = everything.whole(rt)
    with begin(rt, SYSTEM) as act:
        for model in everything.nouns().values():
            for at, row in enumerate(act.all(select(model))):
                for key in free_columns(model):
                    held = getattr(row, key)
                    unique = model.__table__.columns[key].unique or model.noun in (
                        "institution", "department")
                    setattr(row, key, f"{at}{ALL}" if unique else ALL if held else held)
                for column in model.__table__.columns:
                    if isinstance(held := getattr(row, column.key), (dict, list)):
                        setattr(row, column.key, poisoned(held, column.key in FREE))
        act.record("test.poison", "test/1")
    return found


def pages(rt, whole):
    """The list and every sheet of every noun, as the person who may open it."""
    app = people.application(rt)
    clients = [people.browser(app, whole.sessions[name])
               for name in ("staff", "maker", "liaison", "sysadm", "auditor")]
    for noun in noun_pages():
        refs = whole.refs.get(noun, ())
        addresses = [f"/{plural(noun)}"] if (noun, False) in queries() else []
        addresses += [f"/{plural(noun)}/{ref}" for ref in (*refs[:1], *refs[-1:])
                      if (noun, True) in queries()]
        for address in addresses:
            for client in clients:
                answer = client.get(address)
                yield address, answer.status_code, answer.get_data(as_text=True)
    for client in clients:
        for address in ("/", "/me", "/search?q=壹"):
            answer = client.get(address)
            yield address, answer.status_code, answer.get_data(as_text=True)


@pytest.mark.slow
def test_W05_forty_payloads_in_each_text_field_come_out_as_text(rt, whole):
    assert len(PAYLOADS) >= 40
    with read(rt) as session:
        stored = {f"{noun}.{key}" for noun, model in everything.nouns().items()
                  for key in free_columns(model)
                  for row in session.exec(select(model)) if ALL in str(getattr(row, key))}
    assert len(stored) > 25, stored
    shown, refused = set(), {}
    for address, status, page in pages(rt, whole):
        assert status in (200, 403, 404), (address, status, page[:400])
        for payload in TAGGED:
            place = page.find(f"{payload}零") if payload != "<!--" else -1
            assert place < 0, (address, payload, page[max(0, place - 200):place + 100])
        assert "49零" not in page, address
        if html.escape(PAYLOADS[0]) in page or "&lt;script&gt;alert(1)" in page:
            shown.add(address.split("/")[1])
        refused.setdefault(address, set()).add(status)
    assert len(shown) > 10, shown
    assert not [address for address, seen in refused.items() if 200 not in seen]
