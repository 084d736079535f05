"""Decisions over HTTP: every number leads to as many, every address holds, files hold the same."""

import csv
import io
import re
from html import unescape

import pytest
from openpyxl import load_workbook
from sqlmodel import select

from app.commands.decide import Gate
from app.store.tables import TrailEntry
from app.store.unit import read
from app.web import create_app
from app.web.words import COOKIE as LANGUAGE
from tests import people, zone
from tests.commands.test_decide import question
from tests.decision_zone import LAW

FACET = re.compile(r'<li><a href="(/decisions\?[^"]+)"[^>]*>.*?<b>([\d,]+)</b></a></li>', re.S)
SLOT = re.compile(r'<tr><td><a href="(/decisions\?[^"]+)">[^<]+</a></td><td class="num">(\d+)</td>'
                  r'<td class="num">(\d+)</td></tr>')


@pytest.fixture
def asked(rt):
    """A permit, two refusals an hour later, by their trace ids tr-0 to tr-2."""
    z = zone.tiny(rt)
    gate = Gate(rt, LAW)
    answers = gate.answers([question(z, trace_id="tr-0", business_ref="LN&1")])
    rt.clock.forward(hours=1)
    gate.follower.refresh()
    answers += gate.answers([question(z, trace_id="tr-1", fields=["overdue_tax"]),
                             question(z, trace_id="tr-2", purpose="X.MKT")])
    gate.close()
    return z, [each["context"]["decision_id"] for each in answers]


def browser(rt, *roles, **scope):
    opened = people.signed_in(rt, people.enrolled(rt, "reader", *roles, **scope))
    return people.browser(create_app(rt), opened)


def test_every_count_leads_to_so_many_decisions(rt, asked):
    client = browser(rt, "COMP_REVIEW")
    page = client.get("/decisions").text
    found = [(unescape(href), int(count)) for href, count in FACET.findall(page)]
    assert len(found) == 8
    found += [(unescape(href), int(permits) + int(denials))
              for href, permits, denials in SLOT.findall(page)]
    assert len(found) == 10
    for href, count in found:
        assert f"共 {count} 条" in client.get(href).text, href


def test_a_choice_keeps_the_others_and_is_taken_away_alone(rt, asked):
    client = browser(rt, "COMP_REVIEW")
    page = client.get("/decisions?state=DENY&begins=2026-11-23").text
    links = [unescape(href) for href, _ in FACET.findall(page)]
    assert "/decisions?begins=2026-11-23" in links
    assert "/decisions?state=DENY&begins=2026-11-23&reason=SCOPE.FIELD" in links
    assert 'name="state" value="DENY"' in page and 'value="2026-11-23"' in page


@pytest.mark.parametrize(("address", "shown"), [
    ("q=tr-1", [1]), ("q=LN%261", [0]), ("q=10:00", [0]), ("q=2026-11-23+11", [1, 2]),
    ("reason=PURPOSE.PROHIBITED", [2]), ("purpose=X.MKT", [2]), ("ends=2026-11-22", [])])
def test_page_and_both_files_hold_what_the_address_says(rt, asked, address, shown):
    _, ids = asked
    client = browser(rt, "COMP_REVIEW")
    page = client.get(f"/decisions?{address}").text
    wanted = {ids[at] for at in shown}
    assert {one for one in ids if f'href="/decisions/{one}"' in page} == wanted
    links = {kind: unescape(re.search(rf'href="(/decisions\.{kind}\?[^"]*)"', page)[1])
             for kind in ("csv", "xlsx")}
    rows = list(csv.reader(io.StringIO(client.get(links["csv"]).data.decode("utf-8-sig"))))
    assert {row[0] for row in rows[1:]} == wanted
    sheet = load_workbook(io.BytesIO(client.get(links["xlsx"]).data)).active
    assert {row[0].value for row in sheet.iter_rows(min_row=2)} == wanted
    with read(rt) as session:
        assert len(session.exec(select(TrailEntry).where(
            TrailEntry.kind == "list.export")).all()) == 2


def test_page_and_sheet_read_in_both_languages(rt, asked):
    z, ids = asked
    client = browser(rt, "COMP_REVIEW")
    assert "每小时的调用" in client.get("/decisions").text
    sheet = client.get(f"/decisions/{ids[1]}").text
    assert "各维度结果" in sheet and "限定为作出决策时的授权版本" in sheet
    client.set_cookie(LANGUAGE, "en", domain="localhost")
    page = client.get("/decisions").text
    assert "Calls by hour" in page and "are recorded" in page
    sheet = client.get(f"/decisions/{ids[0]}").text
    assert "Dimension by dimension" in sheet and "Receipt" in sheet


def test_an_institution_opens_the_case_that_mends_its_refusal(rt, asked):
    z, ids = asked
    client = browser(rt, "INST_MAKER", institution=z.institution.id)
    assert "按内容筛选" in client.get("/decisions").text
    sheet = client.get(f"/decisions/{ids[1]}").text
    offered = unescape(re.search(r'href="(/cases/new\?[^"]+)"', sheet)[1])
    assert offered == f"/cases/new?kind=AMEND_WIDEN&from={ids[1]}"
    form = client.get(offered, follow_redirects=True)
    assert form.status_code == 200 and ids[1] in form.text and z.grant.number in form.text
    assert "申请变更授权" in form.text
    for field in ("ent_name", "overdue_tax"):
        assert re.search(rf'name="rights.field" value="{field}"[^>]* checked', form.text), field
    for prohibited in (ids[0], ids[2]):
        assert "/cases/new" not in client.get(f"/decisions/{prohibited}").text


@pytest.mark.parametrize("address", ["state=MAYBE", "begins=2026-02-30", "q=25:00",
                                     "reason=" + "A" * 65, "ends=tomorrow"])
def test_what_cannot_be_looked_for_is_told_not_ignored(rt, asked, address):
    assert browser(rt, "COMP_REVIEW").get(f"/decisions?{address}").status_code == 422
