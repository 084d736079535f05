"""主体授权 from request to end, and taken in from files, on both engines."""

import base64
import json
from datetime import date, timedelta

import pytest
from sqlmodel import select

from app.commands import consent_imports, subject_authorizations
from app.commands.command import Empty, Reasoned
from app.commands.consent_imports import ConsentFile
from app.commands.subject_authorizations import NewRequest, Signed, Successor, Why
from app.domain.callers import SYSTEM
from app.domain.refusals import GuardFailed, IllegalMove, Invalid, NotAllowed, NotFound
from app.queries.subject_authorizations import (
    ConsentFilters,
    subject_authorization,
)
from app.queries.subject_authorizations import (
    subject_authorizations as listed,
)
from app.store.tables import ObjectVersion, TrailEntry
from app.store.tables_consents import SubjectAuthorization
from app.store.unit import begin, read
from tests import consents, zone
from tests.conftest import caller

NOTICE = "sha256:" + "a" * 64


@pytest.fixture
def chain(rt):
    return zone.tiny(rt)


@pytest.fixture
def maker(chain):
    return caller("wang", "INST_MAKER", institution=chain.institution.id)


def asked(rt, chain, maker, **changes):
    return subject_authorizations.request(rt, maker, NewRequest(**{
        "grant": chain.grant.number, "subject_kind": "ENTERPRISE", "subject_id": "91110000",
        "purposes": ["PF.CRD.NEW"], "items": ["ent_name"], "max_uses": 3,
        "last_day": date(2027, 3, 31), "notice_version": "v3", "notice_digest": NOTICE, **changes}))


def signed(rt, **changes) -> Signed:
    return Signed(**{"channel": "APP", "proofing": "LEVEL_3", "certificate": "sha256:cert-1",
                     "signed_at": rt.clock(), "noted": True, **changes})


def stored(rt, key) -> SubjectAuthorization:
    with read(rt) as session:
        return session.get(SubjectAuthorization, key)


def kinds(rt) -> list[str]:
    with read(rt) as session:
        return list(session.exec(select(TrailEntry.kind).where(
            TrailEntry.kind.like("subject_authorization.%")).order_by(TrailEntry.seq)))


def test_it_is_requested_given_and_withdrawn_with_an_entry_each(rt, chain, maker):
    made = asked(rt, chain, maker)
    assert made.state == "REQUESTED" and made.detail["token"].startswith("sa_")
    given = subject_authorizations.give(rt, maker, made.id, signed(rt))
    assert given.state == "ACTIVE"
    assert subject_authorizations.withdraw(rt, maker, made.id, Why()).state == "WITHDRAWN"
    assert kinds(rt) == ["subject_authorization.request", "subject_authorization.give",
                         "subject_authorization.withdraw"]
    row = stored(rt, made.id)
    assert row.ended_at == rt.clock() and row.products == chain.product.number
    assert "91110000" not in json.dumps(row.model_dump(), default=str)


@pytest.mark.parametrize(("changes", "code"), [
    ({"purposes": ["PF.ADM.KYB"]}, "G-SCOPE"), ({"items": ["overdue_tax"]}, "G-SCOPE"),
    ({"purposes": ["X.MKT"]}, "INPUT.INVALID"), ({"purposes": ["PF"]}, "INPUT.INVALID"),
    ({"subject_kind": "GHOST"}, "INPUT.INVALID"), ({"last_day": date(2028, 3, 1)}, "INPUT.INVALID"),
    ({"last_day": date(2026, 11, 22)}, "INPUT.INVALID")])
def test_a_request_stays_within_the_grant_and_the_law(rt, chain, maker, changes, code):
    with pytest.raises((GuardFailed, Invalid)) as refused:
        asked(rt, chain, maker, **changes)
    assert refused.value.code == code


def test_a_subject_who_refused_is_not_asked_again_for_thirty_days(rt, chain, maker, clock):
    made = asked(rt, chain, maker)
    subject_authorizations.refuse_request(rt, maker, made.id, Empty())
    with pytest.raises(GuardFailed) as refused:
        asked(rt, chain, maker)
    assert refused.value.code == "CONSENT.COOLING_OFF"
    clock.forward(days=30)
    assert asked(rt, chain, maker).state == "REQUESTED"


@pytest.mark.parametrize("changes", [{"noted": False}])
def test_nothing_is_given_without_its_evidence(rt, chain, maker, changes):
    made = asked(rt, chain, maker)
    with pytest.raises(GuardFailed) as refused:
        subject_authorizations.give(rt, maker, made.id, signed(rt, **changes))
    assert refused.value.code == "G-EVIDENCE" and stored(rt, made.id).state == "REQUESTED"


def test_what_nobody_answers_lapses_and_what_is_over_ends(rt, chain, maker, clock):
    waiting, over = asked(rt, chain, maker), consents.given(
        rt, chain, valid_to=rt.clock() + timedelta(days=7))
    spent = consents.given(rt, chain, max_uses=1)
    with rt.db.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO use_counter (key, period, \"window\", reserved, used) "
            f"VALUES ('consent/{spent.id}', 'TOTAL', '', 0, 1)")
    assert subject_authorizations.end_due(rt) == 1
    assert stored(rt, spent.id).state == "EXHAUSTED"
    clock.forward(days=7)
    assert subject_authorizations.end_due(rt) == 2
    assert (stored(rt, waiting.id).state, stored(rt, over.id).state) == ("LAPSED", "EXPIRED")
    with pytest.raises(IllegalMove):
        subject_authorizations.give(rt, maker, waiting.id, signed(rt))


def test_a_fresh_one_of_the_same_subject_replaces(rt, chain, maker):
    old, fresh = consents.given(rt, chain), consents.given(rt, chain)
    other = consents.given(rt, chain, subject="hmac-sha256:other")
    with pytest.raises(GuardFailed):
        subject_authorizations.replace(rt, maker, old.id, Successor(by=other.id))
    done = subject_authorizations.replace(rt, maker, old.id, Successor(by=fresh.id))
    assert done.state == "SUPERSEDED" and stored(rt, old.id).replaced_by == fresh.id


def test_it_takes_two_persons_to_find_one_invalid(rt, chain):
    row = consents.given(rt, chain)
    first, second = caller("li", "COMP_REVIEW"), caller("zhao", "DSO")
    step = subject_authorizations.invalidate(rt, first, row.id, Reasoned(reason="签名不符"))
    assert step.waiting == ("check",) and stored(rt, row.id).state == "ACTIVE"
    with pytest.raises(NotAllowed):
        subject_authorizations.invalidate(rt, first, row.id, Reasoned(reason="签名不符"))
    assert subject_authorizations.invalidate(
        rt, second, row.id, Reasoned(reason="同意")).state == "INVALID"


def test_another_institution_neither_sees_nor_ends_it(rt, chain):
    row = consents.given(rt, chain)
    stranger = caller("qian", "INST_MAKER", institution="another")
    with pytest.raises(NotFound):
        subject_authorizations.withdraw(rt, stranger, row.id, Why())
    with pytest.raises(NotFound):
        subject_authorization(rt, stranger, row.id)
    assert listed(rt, stranger, ConsentFilters()).total == 0


def test_it_is_found_by_the_number_of_its_subject(rt, chain, maker):
    row = consents.given(rt, chain, max_uses=3)
    consents.given(rt, chain, subject="hmac-sha256:other")
    found = listed(rt, maker, ConsentFilters(subject="91110000"))
    assert [each.id for each in found.items] == [row.id]
    sheet = subject_authorization(rt, maker, row.id)
    assert (sheet.max_uses, sheet.reserved, sheet.used) == (3, 0, 0)
    assert "withdraw" in {each.action for each in sheet.choices if each.allowed}


def line(chain, token="sa_file00001", **changes) -> dict:
    return {"token": token, "institution": chain.institution.number, "subject_kind": "ENTERPRISE",
            "subject_id": "91110000", "purposes": ["PF.CRD.NEW"],
            "products": [chain.product.number], "valid_from": "2026-11-01",
            "last_day": "2027-10-31", "channel": "APP", "proofing": "LEVEL_3",
            "certificate": "sha256:cert", "signed_at": "2026-11-01T09:00:00+08:00", "noted": True,
            **changes}


def taken_in(rt, who, *rows, dry_run=False, name="consents.jsonl"):
    text = "\n".join(json.dumps(row) if isinstance(row, dict) else row for row in rows)
    content = base64.b64encode(text.encode()).decode()
    return consent_imports.take_in(rt, who, ConsentFile(name=name, content=content,
                                                        dry_run=dry_run))


def count(rt) -> int:
    with read(rt) as session:
        return len(session.exec(select(SubjectAuthorization.id)).all())


def test_a_file_is_tried_then_taken_in_once_however_often_it_comes(rt, chain, maker):
    rows = [line(chain, f"sa_file{at:05d}", subject_id=f"9111{at}") for at in range(3)]
    assert taken_in(rt, maker, *rows, dry_run=True).state == "DRY_RUN" and count(rt) == 0
    done = taken_in(rt, maker, *rows)
    assert done.state == "APPLIED" and done.detail["outcomes"] == {"NEW": 3} and count(rt) == 3
    assert taken_in(rt, maker, *rows).detail["outcomes"] == {"UNCHANGED": 3}
    rows[1]["state"] = "WITHDRAWN"
    assert taken_in(rt, maker, *rows).detail["outcomes"] == {"UNCHANGED": 2, "WITHDRAWN": 1}
    assert kinds(rt) == ["subject_authorization.import", "subject_authorization.withdraw"]
    with read(rt) as session:
        kept = session.exec(select(ObjectVersion.version).where(
            ObjectVersion.noun == "subject_authorization")).all()
    assert sorted(kept) == [1, 1, 1, 2]


def test_csv_says_the_same(rt, chain, maker):
    row = line(chain)
    row["purposes"], row["products"], row["noted"] = "PF.CRD.NEW", chain.product.number, "true"
    row["max_uses"] = "5"
    text = ",".join(row) + "\n" + ",".join(row.values())
    assert taken_in(rt, maker, text, name="consents.csv").detail["outcomes"] == {"NEW": 1}
    with read(rt) as session:
        assert session.exec(select(SubjectAuthorization.max_uses)).one() == 5


WRONG = [
    ({"token": "x"}, "token"), ({"subject_kind": "GHOST"}, "subject_kind"),
    ({"subject_id": ""}, "subject_id"), ({"institution": "INST-9999"}, "institution"),
    ({"purposes": []}, "purposes"), ({"purposes": ["PF"]}, "purposes"),
    ({"products": ["PRD-0"]}, "products"), ({"max_uses": 0}, "max_uses"),
    ({"max_uses": True}, "max_uses"), ({"mode": "COPY"}, "mode"), ({"noted": "yes"}, "noted"),
    ({"valid_from": "2026-13-01"}, "valid_from"), ({"last_day": "2025-01-01"}, "last_day"),
    ({"last_day": "2028-01-01"}, "last_day"), ({"state": "ACTIVE "}, "state"),
    ({"signed_at": "2026-11-01T09:00:00"}, "signed_at"), ({"signed_at": 5}, "signed_at"),
    ({"colour": "red"}, "colour"), ({"notice_digest": "md5:1"}, "notice_digest"),
]


@pytest.mark.parametrize(("changes", "member"), WRONG)
def test_every_wrong_member_is_told_and_nothing_is_taken_in(rt, chain, maker, changes, member):
    with pytest.raises(Invalid) as refused:
        taken_in(rt, maker, line(chain, "sa_right0001"), line(chain, **changes))
    assert [each["at"] for each in refused.value.facts["errors"]] == [f"2.{member}"]
    assert count(rt) == 0


@pytest.mark.parametrize("row", ["[]", "{", '{"a":1,"a":2}', '"text"', "null"])
def test_a_line_that_is_no_row_is_told(rt, chain, maker, row):
    with pytest.raises(Invalid) as refused:
        taken_in(rt, maker, row)
    assert refused.value.facts["errors"][0]["at"] == "1."


def test_what_a_subject_agreed_to_is_not_changed_by_a_file(rt, chain, maker):
    taken_in(rt, maker, line(chain))
    for changes in ({"purposes": ["PF.CRD.REN"]}, {"last_day": "2027-09-30"}, {"max_uses": 9}):
        with pytest.raises(Invalid):
            taken_in(rt, maker, line(chain, **changes))
    taken_in(rt, maker, line(chain, state="WITHDRAWN"))
    with pytest.raises(Invalid):
        taken_in(rt, maker, line(chain))


def test_an_institution_takes_in_its_own_only(rt, chain):
    with begin(rt, SYSTEM) as act:
        other = zone.institution(act)
    stranger = caller("qian", "INST_MAKER", institution=other.id)
    with pytest.raises(Invalid):
        taken_in(rt, stranger, line(chain))
    taken_in(rt, stranger, line(chain, institution=other.number))
    with pytest.raises(Invalid):  # the token is taken, and nothing is said of whose it is
        taken_in(rt, caller("wang", "INST_MAKER", institution=chain.institution.id), line(chain))


def test_a_token_stands_in_a_file_once(rt, chain, maker):
    with pytest.raises(Invalid) as refused:
        taken_in(rt, maker, line(chain), line(chain))
    assert refused.value.facts["errors"][0]["at"] == "2.token"
