"""A stop is proved over HTTP by those who may, and the proof names who pressed."""

import json
from datetime import timedelta

import pytest
from sqlmodel import select

from app.commands import holds, proofs
from app.store import beats
from app.store.tables import TrailEntry
from app.store.unit import read
from app.web import create_app
from tests import people, zone
from tests.commands.zone_people import SEC


@pytest.fixture
def stopped(rt):
    z = zone.tiny(rt)
    return holds.place(rt, SEC, holds.Placed(
        link="institution", object=z.institution.number, reason="接监管电话，立即停用"))


def beat(rt, process: str, epoch: int, ago: float = 0) -> None:
    at = rt.clock() - timedelta(seconds=ago)
    with rt.db.writing() as connection:
        beats.put(connection, beats.Beat(process, f"host-{process}", 7, epoch, at, at))


def enter(rt, *roles):
    opened = people.signed_in(rt, people.enrolled(rt, "reader", *roles))
    return people.browser(create_app(rt), opened), people.token(opened)


def entries(rt) -> list[dict]:
    with read(rt) as session:
        return [json.loads(row.body) for row in session.exec(select(TrailEntry).where(
            TrailEntry.kind == "hold.proved")).all()]


def test_every_process_is_shown_with_how_it_stands_and_the_proof_is_written(rt, stopped):
    client, token = enter(rt, "SEC_REVIEW")
    page = client.get("/processes").text
    assert f'<option value="{stopped.number}">' in page and "验证停用" in page
    beat(rt, "a", 10**6)
    beat(rt, "b", 1, ago=30)
    shown = client.post("/processes/prove", data={"hold": stopped.number} | token)
    assert shown.status_code == 200 and "停用在每个判定进程中都已生效" in shown.text
    assert "host-a" in shown.text and "失联，自行拒绝" in shown.text
    [entry] = entries(rt)
    assert entry["actor"]["capacity"] == "SELF", "who pressed stands in the proof"
    assert [each["how"] for each in entry["facts"]["processes"]] == ["CONFIRMED", "FENCED"]


def test_what_is_not_proved_is_said_and_not_written(rt, stopped, monkeypatch):
    monkeypatch.setattr(proofs, "PATIENCE_S", 0.1 - rt.settings.stale_after_s)
    client, token = enter(rt, "OPS")
    beat(rt, "a", 1)
    shown = client.post("/processes/prove", data={"hold": stopped.number} | token).text
    assert "没有写入证明" in shown and not entries(rt)
    unknown = client.post("/processes/prove", data={"hold": "HOLD-2026-999999"} | token)
    assert unknown.status_code == 404 and "没有这个停用" in unknown.text


def test_who_only_reads_has_no_button_and_proves_nothing(rt, stopped):
    client, token = enter(rt, "AUDITOR")
    assert "/processes/prove" not in client.get("/processes").text
    assert client.post("/processes/prove", data=token).status_code == 403
    assert not entries(rt)


def test_programs_prove_a_stop(rt, stopped):
    beat(rt, "a", 10**6)
    opened = people.signed_in(rt, people.enrolled(rt, "program", "DSO"))
    api = create_app(rt).test_client()
    sent = {"Authorization": f"Bearer {opened.token}", "Host": "localhost"}
    said = api.post("/api/v1/processes/prove", json={"hold": stopped.number}, headers=sent)
    assert said.status_code == 200 and said.json["proved"] is True
    assert [each["how"] for each in said.json["processes"]] == ["CONFIRMED"]
    assert api.post("/api/v1/processes/prove", json={"hold": "HOLD-1"},
                    headers=sent).status_code == 404
