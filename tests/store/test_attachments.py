"""The files' laws: kept once under the digest, read by those concerned, bounded in total."""

import hashlib

import pytest
from sqlmodel import func, select

from app.commands.attachments import AttachmentFile, store, store_file
from app.domain.refusals import Invalid, NotAllowed, NotFound
from app.store import attachments
from app.store.tables import Attachment, TrailEntry
from app.store.unit import begin, read
from tests.conftest import caller

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
BANK = caller("wang", "INST_MAKER", institution="bank-a")
OTHER = caller("li", "INST_MAKER", institution="bank-b")
LIAISON = caller("he", "DEPT_LIAISON", department="tax")
STAFF = caller("zhao", "COMP_REVIEW")


def number_of(rt, model):
    with read(rt) as session:
        return session.exec(select(func.count()).select_from(model)).one()


def opens(rt, who, sha256):
    with read(rt) as session:
        try:
            return attachments.opened(session, who, sha256).body == PDF
        except NotFound:
            return False


def test_a_file_is_kept_under_its_digest_with_an_entry(rt):
    done = store_file(rt, BANK, "金融许可证.pdf", PDF)
    assert done.id == hashlib.sha256(PDF).hexdigest()
    with read(rt) as session:
        row = session.get(Attachment, done.id)
        entry = session.exec(select(TrailEntry).order_by(TrailEntry.seq.desc())).first()
    assert (row.body, row.media_type, row.name) == (PDF, "application/pdf", "金融许可证.pdf")
    assert entry.kind == "attachment.store" and "金融许可证".encode() not in entry.body


def test_one_file_of_two_owners_is_kept_once_and_neither_learns_of_the_other(rt):
    done = store_file(rt, BANK, "a.pdf", PDF)
    assert not opens(rt, OTHER, done.id)
    assert store_file(rt, OTHER, "b.pdf", PDF).id == done.id
    assert opens(rt, OTHER, done.id) and opens(rt, BANK, f"sha256:{done.id}")
    assert number_of(rt, Attachment) == 1


@pytest.mark.parametrize(
    ("who", "seen"), [(BANK, True), (STAFF, True), (OTHER, False), (LIAISON, False)]
)
def test_a_file_is_seen_by_staff_and_its_owner(rt, who, seen):
    assert opens(rt, who, store_file(rt, BANK, "a.pdf", PDF).id) is seen


def test_a_file_of_staff_is_not_seen_outside(rt):
    sha256 = store_file(rt, STAFF, "a.pdf", PDF).id
    assert not opens(rt, BANK, sha256) and not opens(rt, LIAISON, sha256)


def test_an_unknown_file_is_not_found(rt):
    assert not opens(rt, STAFF, "0" * 64)


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("a.exe", b"MZ", "FILE.KIND"),
        ("a.pdf", b"PK", "FILE.KIND"),
        ("../a.pdf", PDF, "FILE.NAME"),
        ("a.php.pdf", PDF, "FILE.NAME"),
        ("a.xlsx", b"PK\x03\x04", "FILE.ARCHIVE"),
    ],
)
def test_a_refused_file_leaves_nothing(rt, name, body, code):
    before = number_of(rt, TrailEntry)
    with pytest.raises(Invalid) as refused:
        store_file(rt, BANK, name, body)
    assert refused.value.code == code
    assert (number_of(rt, Attachment), number_of(rt, TrailEntry)) == (0, before)


@pytest.mark.parametrize("quota", ["OWNER_QUOTA", "ACCOUNT_QUOTA"])
@pytest.mark.parametrize("spare", [0, -1])
def test_files_together_stay_within_the_quota(rt, monkeypatch, quota, spare):
    store_file(rt, BANK, "a.pdf", PDF)
    monkeypatch.setattr(attachments, quota, 2 * len(PDF) + spare)
    if spare:
        with pytest.raises(Invalid) as refused:
            store_file(rt, BANK, "b.pdf", PDF)
        assert refused.value.code == "FILE.QUOTA"
    else:
        store_file(rt, BANK, "b.pdf", PDF)
    store_file(rt, OTHER, "b.pdf", PDF)


@pytest.mark.parametrize("role", ["AUDITOR", "REGULATOR_VIEW", "SYS_ADMIN"])
def test_readers_hand_in_nothing(rt, role):
    with pytest.raises(NotAllowed):
        store_file(rt, caller("x", role), "a.pdf", PDF)


def test_a_program_hands_in_base64(rt):
    assert store(rt, BANK, AttachmentFile(name="a.txt", content="YWJj")).state == "KEPT"
    with pytest.raises(Invalid, match="Base64"):
        store(rt, BANK, AttachmentFile(name="a.txt", content="é"))


def test_an_act_that_fails_keeps_no_file(rt):
    with pytest.raises(ZeroDivisionError), begin(rt, BANK) as act:
        attachments.keep(act, "a.pdf", PDF)
        raise ZeroDivisionError
    assert number_of(rt, Attachment) == 0
