"""Texts go to the text process and come back treated; nothing of them stays anywhere."""


import pytest

from app.store.trail import read_head
from app.web import create_app
from app.web.pages import text_api
from tests import people
from tests.text.process import lay_beside, running, short_folder

SECRET = "13812345678"
TEXT = f"联系人王建国，电话{SECRET}"


@pytest.fixture(scope="module")
def process():
    """One text process for all tests of this file."""
    with short_folder() as folder, running(folder) as (settings, _):
        yield settings


@pytest.fixture
def api(rt):
    return client(rt, "security", "SEC_REVIEW")


@pytest.fixture
def beside(rt, process):
    """The zone of this test has the text process beside it."""
    lay_beside(rt.settings, process)
    return process


def client(rt, name, *roles):
    """A program that acts for one person."""
    opened = people.signed_in(rt, people.enrolled(rt, name, *roles))
    found = create_app(rt).test_client()
    found.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {opened.token}"
    found.environ_base["HTTP_HOST"] = "localhost"
    return found


def leaves(rt) -> int:
    with rt.db.reading() as connection:
        return read_head(connection).size


def test_a_text_is_read_and_masked_and_nothing_is_kept(rt, api, beside, capsys, log):
    before = leaves(rt)
    read = api.post("/api/v1/text/analyze", json={"text": TEXT}).json
    assert [(span["identifier"], TEXT[span["start"]:span["end"]]) for span in read["spans"]] == [
        ("person_name_zh", "王建国"), ("mobile_cn", SECRET)]
    told = api.post("/api/v1/text/mask", json={
        "text": TEXT, "treatment": "REDACT", "by_identifier": {"person_name_zh": "PARTIAL"}})
    assert told.status_code == 200 and told.json["text"] == "联系人王*，电话***"
    assert leaves(rt) == before, "reading a text is no act"
    written = "".join(capsys.readouterr()) + log.getvalue()
    assert SECRET not in written and "王建国" not in written and "text read" in written
    for path in rt.settings.data_dir.rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes()


@pytest.mark.parametrize("roles", [("AUDITOR",), ("INST_MAKER",), ("REGULATOR_VIEW",)])
def test_roles_without_a_line_may_not(rt, roles):
    for action in ("analyze", "mask"):
        told = client(rt, f"other-{action}", *roles).post(f"/api/v1/text/{action}",
                                                          json={"text": TEXT})
        assert told.status_code == 403 and SECRET not in told.text


def test_strangers_may_not(rt):
    told = create_app(rt).test_client().post("/api/v1/text/mask", json={"text": TEXT},
                                             headers={"Host": "localhost"})
    assert told.status_code == 401 and SECRET not in told.text


@pytest.mark.parametrize("body, status", [
    (b"{", 400), (b'{"text": "a", "text": "b"}', 400), (b'{"text": NaN}', 400), (b"[]", 422),
    (b"{}", 422), (b'{"text": ""}', 422), (b'{"text": 5}', 422), (b'{"text": "x", "more": 1}', 422),
    (('{"text": "%s"}' % ("王" * 16_667)).encode(), 422),
    (('{"text": "%s"}' % ("x" * 50_001)).encode(), 422),
    (('{"text": "%s"}' % ("x" * 1_100_000)).encode(), 413),
    (b'{"text": "13812345678", "treatment": "BLUR"}', 422),
    (b'{"text": "13812345678", "treatment": null}', 422),
    (b'{"text": "13812345678", "by_identifier": {"plate": "BLUR"}}', 422),
    (b'{"text": "13812345678", "identifiers": "plate"}', 422)])
def test_what_is_no_order_is_refused_without_repeating_it(api, body, status):
    told = api.post("/api/v1/text/mask", data=body, content_type="application/json")
    assert told.status_code == status and told.content_type == "application/problem+json"
    assert SECRET not in told.text and "xxxx" not in told.text


@pytest.mark.parametrize("body", [{"identifiers": ["phone"]}, {"by_identifier": {"phone": "DROP"}}])
def test_an_identifier_that_is_not_looked_for_is_refused(api, beside, body):
    told = api.post("/api/v1/text/mask", json={"text": TEXT, **body})
    assert told.status_code == 422 and told.json["messages"]["zh"] and SECRET not in told.text


def test_without_the_process_the_answer_says_what_to_do(api):
    told = api.post("/api/v1/text/mask", json={"text": TEXT})
    assert told.status_code == 503 and told.json["code"] == "TEXT.UNAVAILABLE"
    assert told.headers["Retry-After"] == "5" and SECRET not in told.text
    assert all("hufu text" in sentence for sentence in told.json["messages"].values())


def test_a_token_of_another_zone_is_no_use(rt, api, beside):
    (rt.settings.data_dir / "keys" / "text.key").write_text("0" * 64)
    told = api.post("/api/v1/text/mask", json={"text": TEXT})
    assert told.status_code == 503 and "0" * 64 not in told.text


def test_few_texts_wait_so_that_decisions_keep_their_threads(api, beside, monkeypatch):
    for _ in range(text_api.AT_ONCE):
        assert text_api._seats.acquire(blocking=False)
    try:
        told = api.post("/api/v1/text/mask", json={"text": TEXT})
        assert told.status_code == 503 and told.headers["Retry-After"] == "2"
    finally:
        text_api._seats.release(text_api.AT_ONCE)
    assert api.post("/api/v1/text/mask", json={"text": TEXT}).status_code == 200


def test_an_account_asks_at_most_once_a_second(api, beside, monkeypatch):
    monkeypatch.setattr(text_api, "MOST", 2)
    told = [api.post("/api/v1/text/analyze", json={"text": "x"}).status_code for _ in range(3)]
    assert told == [200, 200, 429]
