"""Evidence over HTTP: asked for on a page, built by jobs, handed over, fetched, verified."""

import re

import pytest

from app.jobs import checkpoints, packs
from app.web import create_app
from app.web.identity import COOKIE, csrf_of
from audit import verify
from tests import people, zone


@pytest.fixture
def z(rt):
    return zone.tiny(rt)


def browser_of(rt, login: str, *roles: str, **scope):
    opened = people.signed_in(rt, people.enrolled(rt, login, *roles, **scope))
    client = people.browser(create_app(rt), opened)
    client.token = {"csrf_token": csrf_of(client.get_cookie(COOKIE, domain="localhost").value)}
    return client


@pytest.fixture
def auditor(rt, z):
    return browser_of(rt, "auditor", "AUDITOR")


def asked(client, z, **changes):
    return client.post("/evidence-packs/new", base_url=people.HOST, data={
        "kind": "institution", "subject": z.institution.number, "level": "commitments-only",
        "recipient": "市数据局", "legal_basis": "依法", "purpose": "年度审计",
        "expires": "2027-01-01", "reason": "监管调取", **client.token, **changes})


def test_a_pack_goes_from_the_form_to_a_trusted_verdict(rt, z, auditor):
    answer = asked(auditor, z)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    where = answer.headers["Location"]
    assert "作业进程正在制作" in auditor.get(where).get_data(as_text=True)
    assert packs.build_due(rt) == 1
    assert auditor.get(f"{where}/file").status_code == 404
    handed = auditor.post(f"{where}/hand-over", base_url=people.HOST, data=auditor.token)
    assert handed.status_code == 303
    sheet = auditor.get(where).get_data(as_text=True)
    assert f"{where}/file" in sheet and "/trail-verifier.vkey" in sheet
    file = auditor.get(f"{where}/file")
    assert file.mimetype == "application/zip"
    keys = verify.read_keys(auditor.get("/trail-verifier.vkey").get_data(as_text=True),
                            verify.PLAIN)
    held = auditor.get("/trail-checkpoint.txt").data
    assert verify.verify(file.data, keys, {"held": held}).verdict == verify.TRUSTED


def test_a_form_with_a_mistake_says_what_to_mend(z, auditor):
    answer = asked(auditor, z, expires="2020-01-01")
    assert answer.status_code == 422
    assert "使用期限不得早于今日" in answer.get_data(as_text=True)


def test_a_number_nobody_has_is_answered_at_its_field(z, auditor):
    page = asked(auditor, z, subject="INST-999999").get_data(as_text=True)
    [field] = re.findall(r'<label for="subject">.*?</div>', page, re.S)
    assert 'aria-invalid="true"' in field and "没有这个机构编号" in field


def test_the_trail_is_browsed_and_each_entry_shows_its_proof(rt, z, auditor):
    checkpoints.run_due(rt)
    listed = auditor.get("/trail-entries").get_data(as_text=True)
    assert "trail.streams" in listed and "/trail-entries/0" in listed
    sheet = auditor.get("/trail-entries/8").get_data(as_text=True)
    assert rt.settings.origin in sheet and "包含证明" in sheet
    assert auditor.get("/trail-entries/99999").status_code == 404
    size = auditor.get("/api/v1/trail-checkpoints").json["items"][0]["size"]
    assert rt.settings.origin in auditor.get(f"/trail-checkpoints/{size}").get_data(as_text=True)


def test_an_institution_sees_neither_packs_nor_other_streams(rt, z, auditor):
    asked(auditor, z)
    signer = browser_of(rt, "signer", "INST_SIGNER", institution=z.institution.id)
    assert signer.get("/evidence-packs").status_code in (403, 404)
    assert signer.get("/evidence-packs/EP-2026-000001/file").status_code in (403, 404)
    streams = {item["stream"] for item in signer.get("/api/v1/trail-entries").json["items"]}
    assert streams <= {f"inst/{z.institution.id}"}
    assert signer.get("/api/v1/trail-entries/0").status_code == 404


def test_what_is_not_published_yet_is_not_found(rt):
    stranger = people.browser(create_app(rt))
    assert stranger.get("/trail-checkpoint.txt").status_code == 404
    checkpoints.run_due(rt)
    assert stranger.get("/trail-checkpoint.txt").status_code == 200
