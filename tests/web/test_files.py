"""Files over HTTP: handed in as they are, given back as attachments, to those concerned only."""

import hashlib
import io

import pytest

from app.web import create_app
from tests import people
from tests.commands import applicants

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
SHA = hashlib.sha256(PDF).hexdigest()


@pytest.fixture
def app(rt):
    return create_app(rt)


@pytest.fixture
def bank(rt, app):
    """A browser of an institution's maker, and the member that carries its token."""
    inst = applicants.registered(rt)
    opened = people.signed_in(rt, people.enrolled(rt, "wang1", "INST_MAKER", institution=inst))
    return people.browser(app, opened), people.token(opened)


def hand_in(bank, name="许可证.pdf", body=PDF):
    client, token = bank
    return client.post("/api/v1/attachments", data={"file": (io.BytesIO(body), name), **token},
                       content_type="multipart/form-data")


def test_a_file_comes_back_as_it_was_as_an_attachment(bank):
    assert hand_in(bank).get_json() == {"noun": "attachment", "id": SHA, "number": SHA,
                                        "state": "KEPT"}
    for path in ("/attachments", "/api/v1/attachments"):
        answer = bank[0].get(f"{path}/{SHA}")
        assert (answer.status_code, answer.data, answer.mimetype) == (200, PDF, "application/pdf")
        assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_another_institution_finds_nothing(rt, app, bank):
    hand_in(bank)
    other = applicants.registered(rt, "邻市银行", "91110000000000002B")
    opened = people.signed_in(rt, people.enrolled(rt, "li1", "INST_MAKER", institution=other))
    found = people.browser(app, opened).get(f"/attachments/{SHA}")
    unknown = people.browser(app, opened).get(f"/attachments/{'0' * 64}")
    assert (found.status_code, unknown.status_code) == (404, 404)


@pytest.mark.parametrize("path", ["..%2f..%2fetc%2fpasswd", "x", "%00", "'%20or%201=1"])
def test_a_path_trick_finds_nothing(bank, path):
    assert bank[0].get(f"/attachments/{path}").status_code in (400, 404)


@pytest.mark.parametrize(
    ("name", "body"),
    [("a.html", b"<script>"), ("a.pdf", b"<script>"), ("a.exe.pdf", PDF), ("../a.pdf", PDF)],
)
def test_a_refused_file_is_not_kept(bank, name, body):
    answer = hand_in(bank, name, body)
    assert answer.status_code == 422 and answer.get_json()["code"].startswith("FILE.")
    assert bank[0].get(f"/attachments/{hashlib.sha256(body).hexdigest()}").status_code == 404


@pytest.mark.parametrize("over", [0, 1])
def test_one_byte_over_twenty_mebibytes_is_refused(bank, over):
    answer = hand_in(bank, "a.txt", b" " * (20 * 1_048_576 + over))
    assert answer.status_code == (422 if over else 201)


def test_a_body_far_over_the_cap_is_refused_unread(bank):
    assert hand_in(bank, "a.txt", b" " * (21 * 1_048_576)).status_code == 413
