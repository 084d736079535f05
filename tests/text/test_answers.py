"""The text process answers who shows its token, within its bounds, and says nothing of a text."""

import io
import json
import threading
import time

import pytest

from app.engines.text_role import BODY_LIMIT
from app.text.answers import AT_ONCE, Application, Seats
from app.text.serve import OVERDUE, watch
from kit.hufu_mask import Key

SECRET = "13812345678"


@pytest.fixture(scope="module")
def application():
    return Application("t" * 64, Key("t1", bytes(range(32))))


def asked(application, body, path="/mask", method="POST", token="t" * 64, size=None):
    """The status and the document of one question."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    said = []
    answer = application({
        "REQUEST_METHOD": method, "PATH_INFO": path, "HTTP_AUTHORIZATION": f"Bearer {token}",
        "CONTENT_LENGTH": str(len(raw)) if size is None else size, "wsgi.input": io.BytesIO(raw),
    }, lambda status, headers: said.append(int(status[:3])))
    return said[0], json.loads(b"".join(answer))


def test_a_text_is_read_and_masked(application):
    status, said = asked(application, {"text": f"电话{SECRET}"}, "/analyze")
    assert status == 200 and said["spans"][0]["identifier"] == "mobile_cn" and said["text"] == ""
    status, said = asked(application, {"text": f"电话{SECRET}"})
    assert status == 200 and said["text"] == "电话138****5678"


@pytest.mark.parametrize("token", ["", "t" * 63, "T" * 64, "t" * 65, "王"])
def test_without_the_token_nothing_is_read(application, token):
    assert asked(application, {"text": SECRET}, token=token) == (401, {"code": "TEXT.TOKEN"})


@pytest.mark.parametrize("body", [
    b"", b"{", b"[1]", b'{"text": "a", "text": "b"}', b"\xff", b'{"text": NaN}', b'{"text": 1}',
    {}, {"text": None}, {"text": "x", "more": 1}, {"text": "x" * 50_001},
    {"text": "x", "treatment": "BLUR"}, {"text": "x", "treatment": ["DROP"]},
    {"text": "x", "by_identifier": {"mobile_cn": "BLUR"}},
    {"text": "x", "by_identifier": {"phone": "DROP"}}, {"text": "x", "by_identifier": []},
    {"text": "x", "identifiers": ["phone"]}, {"text": "x", "identifiers": [["a"]]},
    {"text": "x", "identifiers": "mobile_cn"}])
def test_what_is_no_order_is_refused_and_not_repeated(application, body):
    status, said = asked(application, body)
    assert status in (400, 422) and said["code"] and set(said) == {"code", "zh", "en"}


@pytest.mark.parametrize("path, method", [("/", "POST"), ("/mask/", "POST"), ("/mask", "GET"),
                                          ("/analyze", "PUT")])
def test_there_are_two_questions(application, path, method):
    assert asked(application, {"text": SECRET}, path, method)[0] == 404


@pytest.mark.parametrize("size", [str(BODY_LIMIT + 1), "-1", "x", "１", "9" * 5000])
def test_a_body_of_no_known_size_is_not_read(application, size):
    assert asked(application, {"text": SECRET}, size=size)[0] == 413


def test_the_log_has_numbers_and_no_text(application, capsys, log):
    asked(application, {"text": f"电话{SECRET}"})
    asked(application, {"text": f"电话{SECRET}", "treatment": "BLUR"})
    written = "".join(capsys.readouterr()) + log.getvalue()
    assert "text read" in written and SECRET not in written and "138****" not in written
    assert "t" * 64 not in repr(application)


def test_no_more_texts_are_read_at_once_than_there_are_seats(monkeypatch):
    monkeypatch.setattr("app.text.answers.WAIT_S", 0.2)
    seats, leave = Seats(), threading.Event()
    sitting = [threading.Thread(target=seats.taken, args=(lambda: leave.wait(20),))
               for _ in range(AT_ONCE)]
    for each in sitting:
        each.start()
    while len(seats.since) < AT_ONCE:
        time.sleep(0.01)
    assert seats.taken(lambda: (200, {})) == (503, {"code": "TEXT.BUSY"})
    leave.set()
    for each in sitting:
        each.join()
    assert seats.taken(lambda: (200, {})) == (200, {}) and not seats.since


def test_a_text_that_takes_too_long_ends_the_worker(monkeypatch):
    seats, ended = Seats(), []
    seats.since[1] = time.monotonic() - 19
    assert not seats.overdue()
    seats.since[1] = time.monotonic() - 21
    assert seats.overdue()
    watch(seats.overdue, ended.append, 0.01)
    assert ended == [OVERDUE]
