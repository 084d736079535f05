"""Applications over HTTP: what they were born from, what is to mend, what is drafted for them."""

import re
from types import SimpleNamespace

import pytest
from werkzeug.datastructures import MultiDict

from app.web import create_app
from tests import people
from tests import zone as rows
from tests.commands.zone_people import Walk

READER = caller("reader", "INTAKE")


@pytest.fixture
def zone(rt):
    return rows.tiny(rt)


@pytest.fixture
def entering(rt, zone):
    """A signed-in client that sends its token with every form, for a set of roles."""
    app = create_app(rt)

    def enter(login, *roles, **scope):
        opened = people.signed_in(rt, people.enrolled(rt, login, *roles, **scope))
        client, token = people.browser(app, opened), people.token(opened)
        return SimpleNamespace(get=client.get, post=lambda path, data=(): client.post(
            path, data=MultiDict([*MultiDict(data).items(multi=True), *token.items()])))

    return enter


def maker(entering, zone):
    return entering("wang", "INST_MAKER", institution=zone.institution.id)


def said(page: str) -> str:
    """What a reader sees: the text without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


# -- one notice of every defect -------------------------------------------------------------------

def test_a_supplement_is_asked_for_by_material_and_shown_by_material(rt, zone, entering):
    walk = Walk(rt, zone).draft().submit()
    desk, where = entering("shen", "INTAKE"), f"/grant-cases/{walk.row().number}"
    [materials] = re.findall(r'<select name="defects.0.material".*?</select>',
                             desk.get(where).text, re.S)
    assert "主体授权书样本" in materials and "业务场景说明" in materials
    told = {"defects.0.material": "CONSENT", "defects.0.code": "DOC.MISSING",
            "defects.0.zh": "未附样本", "defects.1.material": "", "defects.1.code": "DOC.DEFECT",
            "defects.1.zh": "", "defects.2.material": "SCENE", "defects.2.zh": "过简"}
    assert desk.post(f"{where}/request-supplement", told).status_code == 303
    for client in (desk, maker(entering, zone)):
        page = said(client.get(where).text)
        assert "主体授权书样本 未附样本" in page and "业务场景说明 过简" in page
