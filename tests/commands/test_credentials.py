"""The credential's laws: the secret is shown once, another person makes it live, one ends it."""

import hashlib
import re
from datetime import date, timedelta

import pytest
from sqlmodel import select

from app.commands import apps, credentials, institutions
from app.commands.command import Empty, Reasoned
from app.domain.callers import SYSTEM
from app.domain.credentials import SECRET, network
from app.domain.refusals import GuardFailed, IllegalMove, Invalid, NotAllowed, NotFound
from app.queries.apps import client_app, credential, joint_node
from app.store import snapshot_rows
from app.store.tables import ObjectVersion, PolicyChange, TrailEntry, TrailPrivate
from app.store.tables_institutions import Credential, JointNode
from app.store.unit import begin, read
from tests import zone
from tests.commands import applicants as a
from tests.conftest import caller


class Names:
    """Objects known by their own key."""

    def of(self, noun, key):
        return key


NONE, WHY = Empty(), Reasoned(reason="轮换")
LAST = date(2027, 6, 30)


@pytest.fixture
def made(rt):
    return zone.tiny(rt)


def issued(rt, made, who=None, **said):
    body = credentials.NewCredential(**{"app": made.app.number, "last_day": LAST, **said})
    return credentials.issue(rt, who or a.maker(made.institution.id), body)


def row(rt, done):
    with read(rt) as session:
        return session.get(Credential, done.id)


def test_the_secret_is_in_the_answer_and_nowhere_else(rt, made):
    done = issued(rt, made)
    secret = done.detail["secret"]
    found = row(rt, done)
    assert SECRET.fullmatch(secret).group(1) == found.prefix
    assert found.secret_hash == "sha256:" + hashlib.sha256(secret.encode()).hexdigest()
    with read(rt) as session:
        kept = [entry.body.decode() for entry in session.exec(select(TrailEntry))]
        kept += [repr(version.body) for version in session.exec(select(ObjectVersion))]
        kept += [private.value for private in session.exec(select(TrailPrivate))]
    kept.append(repr(credential(rt, a.SEC, done.id)))
    tail = secret.rpartition(f"{found.prefix}_")[2]
    assert not any(tail in text for text in kept)


def test_secrets_and_prefixes_never_repeat(rt, made):
    found = [issued(rt, made).detail["secret"] for _ in range(5)]
    assert len({re.split("_", secret, maxsplit=2)[1] for secret in found}) == 5
    assert len(set(found)) == 5 and all(len(secret) == 57 for secret in found)


def test_INV_04_another_person_makes_it_live(rt, made):
    done = issued(rt, made, a.OPS)
    assert done.state == "ISSUED"
    with pytest.raises(GuardFailed) as refused:
        credentials.activate(rt, caller("ou", "SEC_REVIEW"), done.id, NONE)
    assert refused.value.code == "G-SOD"
    assert credentials.activate(rt, a.SEC, done.id, NONE).state == "ACTIVE"
    with read(rt) as session:
        change = session.exec(select(PolicyChange).where(
            PolicyChange.object_id == done.id).order_by(PolicyChange.epoch.desc())).first()
    assert not change.stops


@pytest.mark.parametrize("who", [a.OPS, a.SEC, a.COMP, a.DSO])
def test_INV_04_one_person_revokes_and_decisions_follow(rt, made, who):
    done = issued(rt, made)
    credentials.activate(rt, a.SEC, done.id, NONE)
    assert credentials.revoke(rt, who, done.id, WHY).state == "REVOKED"
    assert row(rt, done).revoked_at is not None
    with read(rt) as session:
        assert session.exec(select(PolicyChange.stops).where(
            PolicyChange.object_id == done.id).order_by(PolicyChange.epoch.desc())).first()
    with pytest.raises(IllegalMove):
        credentials.activate(rt, a.SEC, done.id, NONE)


@pytest.mark.parametrize(
    ("last", "lawful"),
    [(date(2026, 11, 22), False), (date(2026, 11, 23), True), (date(2027, 11, 24), True),
     (date(2027, 11, 25), False)],
)
def test_a_credential_lives_from_today_for_at_most_a_year(rt, made, last, lawful):
    if lawful:
        assert row(rt, issued(rt, made, last_day=last)).expires_at.date() == last
    else:
        with pytest.raises(Invalid):
            issued(rt, made, last_day=last)


def test_a_credential_expires_after_its_last_day_in_shanghai(rt, made, clock):
    done = issued(rt, made, last_day=date(2026, 11, 24))
    clock.at = row(rt, done).expires_at - timedelta(microseconds=1)
    assert credentials.expire_overdue(rt) == 0
    clock.forward(microseconds=1)
    assert credentials.expire_overdue(rt) == 1
    assert row(rt, done).state == "EXPIRED"
    with pytest.raises(IllegalMove):
        credentials.activate(rt, a.SEC, done.id, NONE)


def test_an_expired_credential_is_not_made_live(rt, made, clock):
    done = issued(rt, made, last_day=date(2026, 11, 23))
    clock.forward(days=1)
    with pytest.raises(GuardFailed):
        credentials.activate(rt, a.SEC, done.id, NONE)


def test_a_credential_is_bound_to_a_grant_of_its_institution(rt, made):
    assert row(rt, issued(rt, made, grant=made.grant.number)).grant_id == made.grant.id
    other = zone.tiny(rt)
    with pytest.raises(NotFound):
        issued(rt, made, grant=other.grant.number)
    with pytest.raises(Invalid):
        issued(rt, made, a.OPS, grant=other.grant.number)
    zone.set_state(rt, made.grant, "REVOKED")
    with pytest.raises(Invalid):
        issued(rt, made, grant=made.grant.number)


def test_nothing_is_issued_for_a_closed_system_or_a_stopped_institution(rt, made):
    institutions.suspend(rt, a.SEC, made.institution.id, institutions.Suspension(
        ground="HOLD.EMERGENCY", reason="异常"))
    with pytest.raises(GuardFailed):
        issued(rt, made)
    other = zone.tiny(rt)
    done = issued(rt, other)
    apps.close(rt, a.OPS, other.app.number, WHY)
    with pytest.raises(GuardFailed):
        issued(rt, other)
    with pytest.raises(GuardFailed):
        credentials.activate(rt, a.SEC, done.id, NONE)


def test_an_institution_issues_for_its_own_systems_only(rt, made):
    other = zone.tiny(rt)
    for act in (lambda: issued(rt, made, a.maker(other.institution.id)),
                lambda: client_app(rt, a.maker(other.institution.id), made.app.number),
                lambda: credential(rt, a.maker(other.institution.id), made.credential.id),
                lambda: credentials.revoke(rt, a.maker(other.institution.id),
                                           made.credential.id, WHY)):
        with pytest.raises(NotFound):
            act()


@pytest.mark.parametrize("who", [a.AUDITOR, a.BOSS, a.BIZ, caller("s", "SYS_ADMIN")])
def test_others_issue_nothing(rt, made, who):
    with pytest.raises(NotAllowed):
        issued(rt, made, who)


@pytest.mark.parametrize(
    ("text", "block"),
    [("203.0.113.0/24", "203.0.113.0/24"), (" 203.0.113.7 ", "203.0.113.7/32"),
     ("10.1.0.0/16", "10.1.0.0/16"), ("2001:DB8::/32", "2001:db8::/32")],
)
def test_a_network_is_kept_in_one_form(text, block):
    assert network(text) == block


@pytest.mark.parametrize("text", ["0.0.0.0/0", "10.0.0.0/15", "::/0", "2001::/31", "10.0.0.1/24",
                                  "example", "", "10.0.0.0/33"])
def test_a_network_too_wide_or_none_is_refused(rt, made, text):
    with pytest.raises(ValueError):
        network(text)
    with pytest.raises(Invalid) as refused:
        apps.set_networks(rt, a.OPS, made.app.number,
                          apps.Networks(networks=["203.0.113.0/24", text]))
    assert refused.value.facts["errors"][0]["at"] == "networks.1"


def test_an_institution_registers_its_own_system(rt, made):
    body = apps.NewApp(name="风控系统", networks=["198.51.100.0/24", "198.51.100.0/24"])
    done = apps.create(rt, a.maker(made.institution.id), body)
    seen = client_app(rt, a.maker(made.institution.id), done.id)
    assert seen.institution == made.institution.name
    assert seen.networks == ("198.51.100.0/24",)
    with pytest.raises(Invalid):
        apps.create(rt, a.OPS, body)
    named = body.model_copy(update={"institution": made.institution.number})
    assert apps.create(rt, a.OPS, named).state == "ACTIVE"


@pytest.mark.parametrize("passed", [True, False])
def test_a_nodes_newest_attestation_stands(rt, made, passed):
    done = apps.create_node(rt, a.OPS, apps.NewNode(
        institution=made.institution.number, name="联合建模节点一"))
    digest = "sha256:" + "a" * 64
    apps.attest(rt, a.SEC, done.id, apps.Attestation(
        image=digest, network=digest, verifier="市测评中心", passed=passed))
    assert joint_node(rt, a.OPS, done.id).attestation["result"] == (
        "PASS" if passed else "FAIL")
    with read(rt) as session:
        picture = snapshot_rows.joint_node(session.get(JointNode, done.id), Names())
        assert bool(picture.attested_at) is passed
        stops = session.exec(select(PolicyChange.stops).where(
            PolicyChange.object_id == done.id).order_by(PolicyChange.epoch.desc())).first()
    assert stops is not passed
    assert apps.close_node(rt, a.SEC, done.id, WHY).state == "CLOSED"


def test_the_system_marks_nothing_that_was_revoked(rt, made, clock):
    done = issued(rt, made, last_day=date(2026, 11, 23))
    credentials.revoke(rt, a.OPS, done.id, WHY)
    clock.forward(days=2)
    assert credentials.expire_overdue(rt) == 0
    with begin(rt, SYSTEM) as act:
        assert act.find(Credential, done.id).state == "REVOKED"


def test_what_an_enforcement_point_can_do_is_registered_once_and_replaced(rt, made):
    done = issued(rt, made, a.OPS, supported_kinds=["receipt", "mask_fields", "receipt"])
    assert row(rt, done).supported_kinds == ["mask_fields", "receipt"]
    with pytest.raises(IllegalMove):
        credentials.set_kinds(rt, a.OPS, done.id, credentials.Kinds())
    credentials.activate(rt, a.SEC, done.id, NONE)
    with pytest.raises(NotAllowed):
        credentials.set_kinds(rt, a.maker(made.institution.id), done.id, credentials.Kinds())
    credentials.set_kinds(rt, a.OPS, done.id, credentials.Kinds(supported_kinds=["receipt"]))
    assert credential(rt, a.SEC, done.id).supported_kinds == ("receipt",)
    assert snapshot_rows.credential(row(rt, done), Names()).supported_kinds == ("receipt",)
    credentials.set_kinds(rt, a.OPS, done.id, credentials.Kinds())
    assert row(rt, done).supported_kinds is None
    assert snapshot_rows.credential(row(rt, done), Names()).supported_kinds is None
    with read(rt) as session:
        changes = session.exec(select(PolicyChange).where(PolicyChange.object_id == done.id)).all()
    assert len(changes) >= 4
