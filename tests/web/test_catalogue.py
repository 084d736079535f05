"""The import page: tried, marked and taken in over HTTP; nothing hostile gets past it."""

import io
import json
from pathlib import Path

import openpyxl
import pytest
from sqlmodel import func, select

from app.store.tables_supply import Dataset
from app.store.unit import read
from app.web import create_app
from tests import people
from tests.engines.sheet_samples import book, good_rows, saved

ZONE = (Path(__file__).parents[2] / "app" / "demo" / "zone" / "catalogue.json").read_bytes()


@pytest.fixture
def app(rt):
    return create_app(rt)


@pytest.fixture
def send(rt, app):
    """Posts a file as somebody with the role."""
    opened = {}

    def go(content, name="目录.json", act="try", to="/catalogue/import", role="OPS", token=True,
           **headers):
        if role not in opened:
            opened[role] = people.signed_in(rt, people.enrolled(rt, f"{role.lower()}1", role))
        client = people.browser(app, opened[role])
        form = {"act": act, "file": (io.BytesIO(content), name)}
        return client.post(to, data=form | (people.token(opened[role]) if token else {}),
                           content_type="multipart/form-data", headers=headers)

    return go


def datasets(rt):
    with read(rt) as session:
        return session.exec(select(func.count()).select_from(Dataset)).one()


def test_a_catalogue_is_tried_and_then_taken_in(rt, send):
    tried = send(ZONE)
    page = tried.get_data(as_text=True)
    assert tried.status_code == 200 and "试运行完成" in page and datasets(rt) == 0
    assert "dw_cs_sw_nsxx" in page and "tyshxydm" in page
    taken = send(ZONE, act="import")
    assert "已导入" in taken.get_data(as_text=True) and datasets(rt) == 68


def test_ten_planted_errors_come_back_in_the_same_sheet(rt, send):
    made = book(good_rows(40))
    for row in range(2, 22, 2):
        made.active[f"F{row}"] = "=1+1" if row % 4 else f"../{row}"
    content = saved(made)
    page = send(content, "目录.xlsx", act="import")
    assert page.status_code == 422 and "10 处错误" in page.get_data(as_text=True)
    assert datasets(rt) == 0
    answer = send(content, "目录.xlsx", to="/catalogue/marked")
    assert "marked.xlsx" in answer.headers["Content-Disposition"]
    marked = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sum(bool(cell.comment) for row in marked.iter_rows() for cell in row) == 10


@pytest.mark.parametrize(("name", "content", "ending"), [
    ("a.json", b'{"tables":[]}', "errors.json"), ("a.csv", b"x,y\n1,2\n", "errors.csv")])
def test_errors_of_other_kinds_come_back_as_a_file(send, name, content, ending):
    answer = send(content, name, to="/catalogue/marked")
    assert answer.status_code == 200 and ending in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.json", b"[" * 99), ("a.json", b'{"tables":1}'), ("a.xlsx", b"PK\x03\x04"),
     ("a.exe", b"MZ"), ("../../a.csv", b"\0"), ("a.csv", b"\xff\xfe\0"), ("", b"x"),
     ("a.php.csv", b"a,b"), ("a\u202e.csv", b"a,b")],
)
@pytest.mark.parametrize("to", ["/catalogue/import", "/catalogue/marked"])
def test_a_hostile_file_gets_a_clear_answer(rt, send, to, name, content):
    answer = send(content, name, act="import", to=to)
    assert answer.status_code == 422 and "未作任何更改" in answer.get_data(as_text=True)
    assert datasets(rt) == 0


@pytest.mark.parametrize("content", [b"[" * 99, b'{"tables":[]}'])
def test_the_script_of_the_page_shows_refusals_too(send, content):
    answer = send(content, **{"HX-Request": "true"})
    assert answer.status_code == 200 and "未作任何更改" in answer.get_data(as_text=True)


def test_markup_in_a_catalogue_is_text(send):
    content = json.dumps({"tables": [{"table": "t", "name_zh": "<script>1</script>",
                                      "department": "<b>局</b>", "columns": [
                                          {"column": "a", "name_zh": "甲", "type": "int"}]}]})
    page = send(content.encode()).get_data(as_text=True)
    assert "&lt;script&gt;1&lt;/script&gt;" in page and "<script>1" not in page


@pytest.mark.parametrize("role", ["AUDITOR", "APPROVER", "SYS_ADMIN"])
def test_other_roles_have_no_such_page(rt, send, role):
    assert send(ZONE, act="import", role=role).status_code == 403
    assert datasets(rt) == 0


def test_a_form_without_its_token_imports_nothing(rt, send):
    assert send(ZONE, act="import", token=False).status_code in (400, 403)
    assert datasets(rt) == 0


def test_the_template_and_the_page_are_there(rt, app):
    client = people.browser(app, people.signed_in(rt, people.enrolled(rt, "ops1", "OPS")))
    assert "目录文件" in client.get("/catalogue/import").get_data(as_text=True)
    answer = client.get("/catalogue/template.xlsx")
    assert openpyxl.load_workbook(io.BytesIO(answer.data)).sheetnames[0] == "数据资源目录"
    assert people.browser(app).get("/catalogue/import").status_code in (302, 303, 401)
