"""Every route names its action, and what people wrote comes out as text."""

import pytest
from flask import Flask

from app.commands import departments
from app.web import create_app
from app.web.routes import action_of, plural, require_named_routes
from tests import people
from tests.conftest import caller

PAYLOADS = (
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'><svg/onload=alert(1)>",
    "{{7*7}}", "{% raw %}", "${7*7}", "javascript:alert(1)", "<a href='javascript:x'>y</a>",
    "</textarea><script>x</script>", "</title><script>x</script>", "<!--", "]]>", "&lt;b&gt;",
    "<iframe srcdoc='x'>", "<math><mi//xlink:href=x>", "<b onmouseover=x>", "`<x>`", "<x y>",
    "<ſcript>", "\\u003cscript\\u003e",
)


def test_Z02_every_rule_of_the_url_map_names_its_action(rt):
    app = create_app(rt)
    assert all(action_of(app, rule.endpoint) for rule in app.url_map.iter_rules())


def test_Z02_an_application_with_a_nameless_route_does_not_start():
    app = Flask("nameless")
    app.add_url_rule("/x", "x", lambda: "x")
    with pytest.raises(RuntimeError, match="/x"):
        require_named_routes(app)


@pytest.mark.parametrize("noun, word", [("department", "departments"), ("key", "keys"),
                                        ("price_entry", "price-entries")])
def test_nouns_have_one_plural(noun, word):
    assert plural(noun) == word


def test_W05_what_people_wrote_comes_out_as_text(rt):
    client = people.browser(create_app(rt), people.signed_in(
        rt, people.enrolled(rt, "business", "BIZ_REVIEW")))
    for at, payload in enumerate(PAYLOADS):
        made = departments.create(rt, caller("wu", "BIZ_REVIEW"), departments.NewDepartment(
            name=f"部门{at} {payload}", contact=payload))
        for path in (f"/departments/{made.number}", f"/departments?q={at}"):
            page = client.get(path).get_data(as_text=True)
            assert f"部门{at}" in page
            if "<" in payload:
                assert payload not in page.replace("<!doctype", "")
            assert f"部门{at} 49" not in page


def test_W05_no_template_switches_escaping_off():
    from pathlib import Path

    import app.web

    folder = Path(app.web.__file__).parent
    offenders = [path.name for path in folder.rglob("*.html")
                 if "|safe" in (text := path.read_text("utf-8").replace(" ", ""))
                 or "autoescapefalse" in text]
    offenders += [path.name for path in folder.rglob("*.py")
                  if "Markup(" in path.read_text("utf-8") and path.name != "look.py"]
    assert not offenders
