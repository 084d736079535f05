"""The demonstration zone is real: told in order of time by acts, refused to a real database."""

import json

import jsonschema_rs
import pytest
from sqlmodel import func, select

from app import runtime
from app.commands.sign_in import enter_as
from app.demo import consented, load_zone, story
from app.domain.canonical import instant
from app.domain.delegations import counts
from app.domain.refusals import Invalid
from app.engines import categories
from app.queries.contracts import contracts
from app.queries.decisions import holds
from app.queries.product_versions import product_version
from app.queries.query import Filters
from app.queries.tasks import TaskFilters, tasks
from app.settings import load
from app.store.situations_grants import clauses_missing
from app.store.tables import TrailEntry
from app.store.tables_consents import SubjectAuthorization
from app.store.tables_decisions import DecisionIndex
from app.store.tables_evidence import EvidencePack
from app.store.tables_grants import Contract, Grant, GrantCase
from app.store.tables_institutions import Institution, JointNode
from app.store.tables_people import Account, Delegation
from app.store.tables_supply import (
    Dataset,
    DatasetField,
    Hold,
    OnboardingCase,
    Product,
    ProductVersion,
)
from app.store.unit import read
from app.web import create_app
from tests.conftest import caller


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The story with few decisions, on SQLite."""
    folder = tmp_path_factory.mktemp("demo")
    rt = runtime.build(load({}, data_dir=folder, demo=True), durable=False)
    rt.db.create_all()
    story.tell(rt, decisions=300)
    yield rt
    rt.close()


def test_the_zone_is_as_large_as_it_says(told):
    with read(told) as session:
        for model, least in ((Institution, 68), (Grant, 90), (Product, 12), (Dataset, 68),
                             (DatasetField, 1313), (OnboardingCase, 68)):
            assert session.exec(select(func.count()).select_from(model)).one() >= least
        assert session.exec(select(func.count()).select_from(DecisionIndex)).one() == 300
        assert len(set(session.exec(select(Grant.state)).all())) >= 5
        assert len(set(session.exec(select(GrantCase.state)).all())) >= 8
        states = dict(session.exec(select(OnboardingCase.state, func.count()).group_by(
            OnboardingCase.state)).all())
        assert {"DONE", "GRADING", "SUBMITTED", "SUPPLEMENT", "APPROVAL"} <= set(states)


def test_every_decision_is_indexed_as_it_was_sealed(told):
    with read(told) as session:
        found = session.exec(select(DecisionIndex, TrailEntry).where(
            DecisionIndex.seq == TrailEntry.seq)).all()
        assert len({row.codes for row, _ in found}) > 5
        assert [row.id for row, entry in found
                if not holds(row, entry, json.loads(entry.body)["facts"])] == []


def test_what_is_online_has_its_fields_graded_and_confirmed(told):
    """Domain §6.3: no dataset goes online before a person confirmed the grade of every field."""
    with read(told) as session:
        reviewers = {account.person_id for account in session.exec(select(Account)).all()
                     if "SEC_REVIEW" in account.roles}
        online = session.exec(select(Dataset).where(Dataset.state == "ONLINE")).all()
        for dataset in online:
            fields = session.exec(select(DatasetField).where(
                DatasetField.dataset_id == dataset.id)).all()
            assert fields and {field.confirmed_by for field in fields} <= reviewers, dataset.code
            assert dataset.grade == max(field.grade for field in fields)
            assert {dataset.category, *(field.category for field in fields)} <= set(
                categories.published()), dataset.code
    assert len(online) >= 40


def test_contracts_have_titles(told):
    page = contracts(told, caller("auditor", "AUDITOR"), Filters(limit=200))
    assert page.total >= 90 and not [
        line.number for line in page.items if line.name in ("", line.number)]


def test_a_version_is_under_review_and_the_stops_of_the_past_are_on_file(told):
    with read(told) as session:
        version = session.exec(select(ProductVersion).where(
            ProductVersion.state == "REVIEW")).one()
        assert len(version.reviews) == 2 and version.changes
        stops = session.exec(select(Hold)).all()
    lifted, active = ([hold for hold in stops if hold.state == state]
                      for state in ("LIFTED", "ACTIVE"))
    assert [bool(hold.lifted_at) for hold in lifted] == [True]
    assert sorted((hold.automatic, bool(hold.confirm_by)) for hold in active) == [
        (False, False), (True, False), (True, True)]


def test_a_colleague_stands_in_and_evidence_is_asked_for(told):
    with read(told) as session:
        row = session.exec(select(Delegation)).one()
        asked = session.exec(select(EvidencePack)).one()
    assert counts(row.state, row.begins, row.ends, told.clock())
    assert asked.state == "QUEUED" and asked.begins < asked.ends


def test_every_list_and_sheet_is_what_the_document_says(told):
    """The newest three of every noun that some persona may read, held to their schemas."""
    app = create_app(told)
    client, seen = app.test_client(), set()
    document = app.api_doc
    for login in ("auditor", "secadmin", "pricing", "liaison1", "maker1"):
        headers = {"Host": "localhost", "Authorization": f"Bearer {entered(told, login)}"}
        for path in document["paths"]:
            if not path.startswith("/api/v1/") or f"{path}/{{ref}}" not in document["paths"]:
                continue
            page = client.get(f"{path}?limit=3", headers=headers)
            held(document, path, page)
            for item in page.json.get("items", ()):
                ref = item.get("id") or item["number"]
                held(document, f"{path}/{{ref}}", client.get(f"{path}/{ref}", headers=headers))
                seen.add(path)
    assert len(seen) >= 24, seen


def entered(rt, login: str) -> str:
    """The token of a persona's session."""
    with read(rt) as session:
        account = session.exec(select(Account).where(Account.login == login)).one()
    return enter_as(rt, account.id, "127.0.0.1").token


def held(document, path, answer):
    """The answer is the documented one of its status."""
    described = document["paths"][path]["get"]["responses"][str(answer.status_code)]
    if "$ref" in described:
        described = document["components"]["responses"][described["$ref"].rpartition("/")[2]]
    [media] = described["content"].values()
    jsonschema_rs.Draft202012Validator(
        {**media["schema"], "components": document["components"]}).validate(answer.json)
    assert answer.status_code in (200, 403), (path, answer.json)


def test_time_only_goes_forward_and_never_beyond_today(told):
    with read(told) as session:
        at = session.exec(select(TrailEntry.at).order_by(TrailEntry.seq)).all()
    assert at == sorted(at) and at[-1] <= instant(told.clock())
    assert at[0][:4] < at[-1][:4]


def test_most_calls_are_permitted_and_every_refusal_has_a_reason(told):
    with read(told) as session:
        rows = session.exec(select(DecisionIndex)).all()
    permitted = sum(row.permits for row in rows)
    assert 0.8 < permitted / len(rows) < 0.97
    assert all(row.codes for row in rows if not row.permits)


def test_a_real_zone_refuses_the_demonstration(rt):
    with pytest.raises(Invalid):
        load_zone(rt)
    with read(rt) as session:
        body = session.exec(select(TrailEntry.body)).one()
    assert json.loads(body)["facts"]["demo"] is False


def test_no_contract_is_signed_after_today(told):
    with read(told) as session:
        days = session.exec(select(Contract.signed_on).where(Contract.signed_on.is_not(None))).all()
    assert len(days) >= 90 and max(days) <= told.clock().date()


def test_who_is_named_by_an_institution_is_nobody_of_the_zone(told):
    with read(told) as session:
        staff = {account.name for account in session.exec(select(Account))
                 if not account.institution_id and not account.department_id}
        named = {name for row in session.exec(select(Institution))
                 for name in (row.contact, row.security_officer) if name}
    assert len(named) > 100 and not staff & named


@pytest.mark.parametrize("login", ["dso", "signer", "approver", "compliance", "security"])
def test_a_persona_who_decides_finds_work_on_the_desk(told, login):
    with read(told) as session:
        row = session.exec(select(Account).where(Account.login == login)).one()
    assert tasks(told, caller(row.id, *row.roles), TaskFilters()).total >= 2


def test_what_the_story_places_is_stored_as_the_commands_store_it(told):
    """Ids stand where commands keep ids, so a version with a field fewer is no wider one."""
    everyone = caller("biz", "BIZ_REVIEW", "COMP_REVIEW")
    with read(told) as session:
        known = {row.id for row in session.exec(select(Dataset)).all()}
        versions = session.exec(select(ProductVersion)).all()
        assert all(set(row.datasets) <= known and {item["dataset"] for item in row.fields} <= known
                   for row in versions)
        drafts = [row.id for row in versions if row.state in ("DRAFT", "REVIEW", "APPROVAL")]
        signed = session.exec(select(Contract).where(Contract.state == "SIGNED")).all()
        assert len(signed) >= 90 and all(clauses_missing(told, row) == () for row in signed)
        nodes = session.exec(select(JointNode)).all()
        people = set(session.exec(select(Account.name)).all())
        assert nodes and {node.attestation["verifier"] for node in nodes} <= people
    assert drafts and all(product_version(told, everyone, ref).wider == () for ref in drafts)


def test_some_calls_rest_on_what_their_subjects_agreed_to(told):
    """The product that needs an authorization is permitted with one and refused without."""
    with read(told) as session:
        calls = session.exec(select(DecisionIndex).where(
            DecisionIndex.product == consented.NUMBER)).all()
        states = dict(session.exec(select(SubjectAuthorization.state, func.count()).group_by(
            SubjectAuthorization.state)).all())
    assert len(calls) == consented.share(300)
    reasons = {code for call in calls for code in call.codes.split()}
    assert any(call.permits for call in calls), reasons
    assert "CONSENT.MISSING" in reasons and all(
        code.startswith("CONSENT.") for code in reasons), reasons
    assert {"ACTIVE", "WITHDRAWN", "REFUSED", "REQUESTED"} <= set(states)
