"""The import's laws: by key, in one act, for one's own department, and a dry run leaves nothing."""

import base64
import json
from pathlib import Path

import pytest
from sqlmodel import func, select

from app.commands import catalogue as verbs
from app.commands.command import commands, perform
from app.domain.callers import SYSTEM
from app.domain.refusals import Invalid, NotAllowed
from app.store.tables import TrailEntry, TrailHead
from app.store.tables_supply import Dataset, DatasetField, Department, OnboardingCase
from app.store.unit import begin, read
from tests.conftest import caller

ZONE = (Path(__file__).parents[2] / "app" / "demo" / "zone" / "catalogue.json").read_bytes()
OPS = caller("sun", "OPS")
NOUNS = (Department, Dataset, DatasetField, OnboardingCase)


def catalogue(*tables):
    return json.dumps({"schema": "hufu-catalogue/1", "tables": tables}).encode()


def table(code="t", department="市税务局", columns=("a", "b"), **said):
    return {
        "table": code,
        "name_zh": "表",
        "department": department,
        "columns": [{"column": name, "name_zh": f"列{name}", "type": "int"} for name in columns],
        **said,
    }


def take(rt, content, who=OPS, dry_run=False):
    return verbs.import_file(rt, who, "c.json", content, dry_run)


def counts(rt):
    with read(rt) as session:
        found = {
            noun.noun: session.exec(select(func.count()).select_from(noun)).one() for noun in NOUNS
        }
        return found, session.exec(select(TrailHead.size)).one()


def outcomes(report):
    return [
        (found.table, found.outcome, {column.code: column.outcome for column in found.columns})
        for found in report.tables
    ]


def place(rt, state, number=None):
    """The case in another state, as if its command had run."""
    with begin(rt, SYSTEM) as act:
        case = act.first(select(OnboardingCase))
        case.state = state
        act.record("onboarding_case.place", f"onboarding_case/{case.id}")


def test_the_zone_becomes_drafts_of_onboarding_cases(rt):
    report = take(rt, ZONE, SYSTEM)
    assert report.applied and len(report.warnings) == 138
    assert report.table_counts == {"NEW": 68} and report.column_counts == {"NEW": 1313}
    assert counts(rt)[0] == {
        "department": 23,
        "dataset": 68,
        "dataset_field": 1313,
        "onboarding_case": 68,
    }
    with read(rt) as session:
        assert set(session.exec(select(Department.state))) == {"CANDIDATE"}
        assert set(session.exec(select(Dataset.state))) == {"PENDING"}
        assert set(session.exec(select(OnboardingCase.state))) == {"DRAFT"}
        kinds = session.exec(select(TrailEntry.kind)).all()
    assert kinds.count("catalogue.import") == 1 and kinds.count("onboarding_case.create") == 68
    again = take(rt, ZONE, SYSTEM)
    assert again.table_counts == {"UNCHANGED": 68}
    assert again.column_counts == {"UNCHANGED": 1313}
    assert [found.case for found in again.tables] == [found.case for found in report.tables]


def test_a_dry_run_says_the_same_and_leaves_nothing(rt):
    before = counts(rt)
    report = take(rt, ZONE, dry_run=True)
    assert report.dry_run and not report.applied
    assert (len(report.tables), sum(len(found.columns) for found in report.tables)) == (68, 1313)
    assert counts(rt) == before


def test_importing_twice_leaves_one_entry(rt):
    take(rt, catalogue(table()))
    before = counts(rt)
    assert take(rt, catalogue(table())).table_counts == {"UNCHANGED": 1}
    assert counts(rt) == before


def test_a_second_import_updates_by_key(rt):
    take(rt, catalogue(table(update_cycle="每日")))
    changed = table(columns=("a", "b", "c"), name_zh="新名", owner="数据处")
    changed["columns"][1] = {"column": "B", "name_zh": "", "type": "bigint"}
    report = take(rt, catalogue(changed))
    assert outcomes(report) == [("t", "UPDATED", {"a": "UNCHANGED", "B": "UPDATED", "c": "NEW"})]
    with read(rt) as session:
        (row,) = session.exec(select(Dataset)).all()
        (case,) = session.exec(select(OnboardingCase)).all()
        fields = session.exec(select(DatasetField).order_by(DatasetField.position)).all()
    assert (row.name, row.owner, row.update_cycle) == ("新名", "数据处", "DAILY")
    assert (case.title, case.state) == ("新名", "DRAFT")
    assert [(field.code, field.name, field.type) for field in fields] == [
        ("a", "列a", "int"),
        ("b", "列b", "bigint"),
        ("c", "列c", "int"),
    ]


def test_a_column_the_file_does_not_name_is_said_and_stays(rt):
    take(rt, catalogue(table()))
    report = take(rt, catalogue(table(columns=("a",))))
    assert outcomes(report) == [("t", "UNCHANGED", {"a": "UNCHANGED", "b": "ABSENT"})]
    assert counts(rt)[0]["dataset_field"] == 2


def test_departments_keep_tables_of_one_code_apart(rt):
    take(rt, catalogue(table(), table(department="市公安局")))
    assert counts(rt)[0]["dataset"] == 2
    assert take(rt, catalogue(table(department="市公安局", name_zh="新"))).table_counts == {
        "UPDATED": 1,
    }


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("DRAFT", "UPDATED"),
        ("SUPPLEMENT", "UPDATED"),
        ("SUBMITTED", "LOCKED"),
        ("GRADING", "LOCKED"),
        ("APPROVAL", "LOCKED"),
        ("TRIAL", "LOCKED"),
        ("WITHDRAWN", "UPDATED"),
        ("REJECTED", "UPDATED"),
    ],
)
def test_only_a_case_nobody_handles_is_changed(rt, state, outcome):
    take(rt, catalogue(table()))
    place(rt, state)
    (found,) = take(rt, catalogue(table(name_zh="新名"))).tables
    assert found.outcome == outcome
    assert bool(found.advice_zh and found.advice_en) is (outcome == "LOCKED")
    with read(rt) as session:
        assert (session.exec(select(Dataset.name)).one() == "新名") is (outcome == "UPDATED")
        states = session.exec(select(OnboardingCase.state).order_by(OnboardingCase.number)).all()
    assert states == ([state, "DRAFT"] if state in ("WITHDRAWN", "REJECTED") else [state])


def test_a_dataset_that_is_online_is_left_alone(rt):
    take(rt, catalogue(table()))
    place(rt, "DONE")
    with begin(rt, SYSTEM) as act:
        act.first(select(Dataset)).state = "ONLINE"
        act.record("dataset.place", "dataset/x")
    assert take(rt, catalogue(table(columns=("a", "b", "c")))).table_counts == {"LOCKED": 1}
    assert take(rt, catalogue(table())).table_counts == {"UNCHANGED": 1}


def test_a_locked_table_does_not_hold_up_the_others(rt):
    take(rt, catalogue(table()))
    place(rt, "SUBMITTED")
    report = take(rt, catalogue(table(name_zh="新"), table("u")))
    assert report.table_counts == {"LOCKED": 1, "NEW": 1}
    assert counts(rt)[0]["dataset"] == 2


def test_one_error_stops_the_whole_file(rt):
    before = counts(rt)
    report = take(rt, catalogue(table(), table("../etc")))
    assert not report.applied and [found.code for found in report.errors] == ["CAT.CODE_NAME"]
    assert counts(rt) == before


def test_a_liaison_imports_for_the_own_department_only(rt):
    take(rt, catalogue(table()))
    with read(rt) as session:
        own = session.exec(select(Department.id)).one()
    liaison = caller("he", "DEPT_LIAISON", department=own)
    assert take(rt, catalogue(table("u")), liaison).applied
    before = counts(rt)
    for dry_run in (True, False):
        with pytest.raises(NotAllowed, match="1 other"):
            take(rt, catalogue(table("v"), table(department="市公安局")), liaison, dry_run)
    with pytest.raises(NotAllowed):
        take(rt, catalogue(table("v")), caller("x", "DEPT_LIAISON", institution="i"))
    assert counts(rt) == before


@pytest.mark.parametrize("role", ["AUDITOR", "INST_MAKER", "APPROVER", "SYS_ADMIN"])
def test_other_roles_import_nothing(rt, role):
    for dry_run in (True, False):
        with pytest.raises(NotAllowed):
            take(rt, catalogue(table()), caller("x", role), dry_run)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("c.json", b"{", "INPUT.NOT_JSON"),
        ("c.json", b"[]", "INPUT.NOT_JSON"),
        ("c.xlsx", b"PK", "FILE.ARCHIVE"),
        ("c.exe", b"MZ", "FILE.KIND"),
        ("../c.json", b"{}", "FILE.NAME"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_code(rt, name, content, code):
    before = counts(rt)
    with pytest.raises(Invalid) as refused:
        verbs.import_file(rt, OPS, name, content, False)
    assert refused.value.code == code
    assert counts(rt) == before


def run(rt, content, **said):
    command = commands()["catalogue", "import"]
    body = verbs.CatalogueFile(name="c.json", content=content, **said)
    return perform(rt, OPS, command, None, body)


def test_a_program_imports_with_one_command(rt):
    content = base64.b64encode(catalogue(table())).decode()
    assert run(rt, content).state == "DRY_RUN"
    done = run(rt, content, dry_run=False)
    assert done.state == "APPLIED" and done.detail["tables"][0]["outcome"] == "NEW"
    bad = base64.b64encode(catalogue(table("1"))).decode()
    with pytest.raises(Invalid) as refused:
        run(rt, bad)
    assert refused.value.facts["errors"][0]["at"] == "tables[0].table"
    with pytest.raises(Invalid, match="Base64"):
        run(rt, "%%%")
