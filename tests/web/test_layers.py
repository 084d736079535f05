"""L03: an error in any layer answers 500 with a reference and no word of its own; the log has the
reference, where it was, and no value."""

import json

import pytest

from app.store import unit
from app.web import identity, object_views
from tests import people

SECRET = "hunter2-in-a-message"


def broken(*_, **__):
    raise RuntimeError(SECRET)


class Broken:
    """A value that breaks whatever looks at it, as a defect in a template would meet it."""

    def __getattr__(self, name):
        return broken()


LAYERS = {
    "identity": lambda rt, patch: patch.setattr(identity, "present", broken),
    "page": lambda rt, patch: patch.setattr("app.web.pages.objects.listing", broken),
    "template": lambda rt, patch: patch.setattr(
        "app.web.pages.objects.listing", lambda *a: {"page": Broken(), "rows": Broken()}),
    "query": lambda rt, patch: patch.setattr(object_views, "queries", broken),
    "rules": lambda rt, patch: patch.setattr(rt.staff, "permits", broken),
    "clock": lambda rt, patch: patch.setattr(rt, "clock", broken),
    "store": lambda rt, patch: patch.setattr(unit.Session, "exec", broken),
    "database": lambda rt, patch: patch.setattr(rt.db, "reading", broken),
}


@pytest.fixture
def browser(rt):
    opened = people.signed_in(rt, people.enrolled(rt, "business", "BIZ_REVIEW"), "127.0.0.1")
    return people.browser(people.application(rt), opened)


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("layer", LAYERS)
def test_L03_an_error_in_any_layer_answers_a_reference_and_nothing_else(rt, browser, monkeypatch,
                                                                         layer, accept, log):
    with monkeypatch.context() as patch:
        LAYERS[layer](rt, patch)
        answer = browser.get("/departments", headers={"Accept": accept})
    said = answer.get_data(as_text=True)
    assert answer.status_code == 500 and SECRET not in said and "Traceback" not in said
    assert "RuntimeError" not in said
    lines = [json.loads(line) for line in log.getvalue().split("\n") if line]
    reference = next(line["reference"] for line in lines if line.get("reference"))
    assert reference in said
    assert SECRET not in log.getvalue() and "Traceback" in log.getvalue()
