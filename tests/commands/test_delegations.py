"""A delegate acts in another's name, for named roles and a time, and is never two of three."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from app.commands import delegations as verbs
from app.commands import departments
from app.commands.accounts import RevokeRoles, revoke_roles
from app.commands.command import Empty, Reasoned
from app.domain.callers import Caller
from app.domain.refusals import GuardFailed, Invalid, NotAllowed, NotFound
from app.queries.delegations import delegation, delegations, usable
from app.queries.query import Filters
from app.queries.sessions import present
from app.store.tables import Transition
from app.store.tables_people import Delegation
from app.store.unit import read
from app.web.vocabularies import options
from tests import people
from tests.conftest import caller

HOME = "192.0.2.10"
WHY = Reasoned(reason="按季度计划办理")
DAYS = {"begins": date(2026, 11, 23), "ends": date(2026, 11, 24), "reason": "年休假"}


@pytest.fixture
def pair(rt):
    """Qian approves; Sun is qualified to stand in."""
    return (people.enrolled(rt, "qian", "APPROVER"),
            people.enrolled(rt, "sun", "PRICE_REVIEW", qualified=("APPROVER",)))


def who(rt, account) -> Caller:
    return present(rt, people.signed_in(rt, account).token, HOME).caller


def offered(rt, pair, **changes):
    body = verbs.NewDelegation(delegate=pair[1].login, roles=["APPROVER"], **{**DAYS, **changes})
    return verbs.create(rt, who(rt, pair[0]), body)


def acting(rt, pair) -> tuple[str, Caller]:
    """Sun's session token and Sun as acting for Qian."""
    made = offered(rt, pair)
    opened = people.signed_in(rt, pair[1])
    sun = present(rt, opened.token, HOME).caller
    verbs.accept(rt, sun, made.id, Empty())
    token = verbs.act_under(rt, sun, made.number).token
    return token, present(rt, token, HOME).caller


def test_A09_acting_for_somebody_gives_the_session_a_new_id(rt, pair):
    token, sun = acting(rt, pair)
    own = verbs.act_under(rt, sun, "")
    assert present(rt, token, HOME) is None
    assert present(rt, own.token, HOME).caller.capacity == "SELF"


def test_an_offer_counts_only_when_the_delegate_accepts(rt, pair):
    made = offered(rt, pair)
    sun = who(rt, pair[1])
    with pytest.raises(GuardFailed):
        verbs.act_under(rt, sun, made.id)
    with pytest.raises(GuardFailed):
        verbs.accept(rt, who(rt, pair[0]), made.id, Empty())
    assert verbs.accept(rt, sun, made.id, Empty()).state == "ACTIVE"
    assert [line.number for line in usable(rt, sun)] == [made.number]


def test_a_delegate_has_the_delegated_roles_and_says_so(rt, pair):
    _, sun = acting(rt, pair)
    assert (sun.capacity, sun.roles) == ("DELEGATE", {"APPROVER"})
    assert (sun.person, sun.on_behalf_of) == (pair[1].person, pair[0].person)
    assert sun.name == "人员sun（代 人员qian）"


def test_it_ends_by_itself_at_the_end_of_its_last_day(rt, pair):
    acting(rt, pair)
    rt.clock.at = rt.clock.at.replace(hour=15, minute=50)  # 23:50 in Shanghai, last day tomorrow
    rt.clock.forward(days=1)
    opened = people.signed_in(rt, pair[1])
    sun = present(rt, opened.token, HOME).caller
    token = verbs.act_under(rt, sun, usable(rt, sun)[0].number).token
    assert present(rt, token, HOME).caller.capacity == "DELEGATE"
    rt.clock.forward(minutes=10)
    assert present(rt, token, HOME).caller.capacity == "SELF"
    assert usable(rt, sun) == ()
    assert verbs.end_overdue(rt) == 1 and verbs.end_overdue(rt) == 0
    with read(rt) as session:
        assert session.exec(select(Delegation.state)).all() == ["ENDED"]


def test_either_party_and_the_security_administrator_end_it_nobody_else(rt, pair):
    token, _ = acting(rt, pair)
    ref = usable(rt, present(rt, token, HOME).caller)[0].number
    with pytest.raises(GuardFailed):
        verbs.end(rt, caller("zhou", "OPS"), ref, WHY)
    assert verbs.end(rt, caller("sec", "SEC_ADMIN"), ref, WHY).state == "ENDED"
    assert present(rt, token, HOME).caller.capacity == "SELF"


def test_what_the_delegator_loses_the_delegate_loses(rt, pair):
    token, _ = acting(rt, pair)
    revoke_roles(rt, caller("sec", "SEC_ADMIN"), pair[0].id,
                 RevokeRoles(roles=["APPROVER"], reason="转岗"))
    assert present(rt, token, HOME).caller.roles == frozenset()


def test_it_is_not_passed_on(rt, pair):
    _, sun = acting(rt, pair)
    people.enrolled(rt, "zhou", "APPROVER")
    with pytest.raises(NotAllowed) as error:
        verbs.create(rt, sun, verbs.NewDelegation(delegate="zhou", roles=["APPROVER"], **DAYS))
    assert error.value.code == "DELEGATION.NOT_TRANSITIVE"


def test_nobody_acts_under_anothers_delegation(rt, pair):
    made = offered(rt, pair)
    verbs.accept(rt, who(rt, pair[1]), made.id, Empty())
    stranger = people.enrolled(rt, "zhou", "OPS")
    with pytest.raises(NotFound):
        verbs.act_under(rt, who(rt, stranger), made.id)


@pytest.mark.parametrize(("login", "roles", "qualified", "wanted"), [
    ("nobody", (), (), ["APPROVER"]),
    ("plain", ("OPS",), (), ["APPROVER"]),
    ("audit", ("AUDITOR",), ("APPROVER",), ["APPROVER"]),
    ("admin", ("SEC_ADMIN",), ("APPROVER",), ["APPROVER"]),
    ("ready", ("OPS",), ("DSO",), ["DSO"]),
])
def test_who_is_not_qualified_or_holds_incompatible_roles_cannot_be_delegate(
        rt, pair, login, roles, qualified, wanted):
    if roles:
        people.enrolled(rt, login, *roles, qualified=qualified)
    with pytest.raises(Invalid):
        verbs.create(rt, who(rt, pair[0]), verbs.NewDelegation(
            delegate=login, roles=wanted, **DAYS))


@pytest.mark.parametrize(("roles", "wanted", "fits"), [
    (("OPS", "APPROVER"), ["APPROVER"], True), (("OPS", "APPROVER"), ["OPS", "APPROVER"], True),
    (("OPS",), ["APPROVER"], False), (("OPS", "APPROVER"), ["APPROVER", "DSO"], False),
    (("SYS_ADMIN",), ["SYS_ADMIN"], False), (("AUDITOR",), ["AUDITOR"], False),
    (("REGULATOR_VIEW",), ["REGULATOR_VIEW"], False), (("OPS",), ["INVITEE"], False)])
def test_only_roles_one_holds_and_may_hand_on_are_offered_and_taken(rt, roles, wanted, fits):
    giver = people.enrolled(rt, "qian", *roles)
    people.enrolled(rt, "sun", "OPS", qualified=("APPROVER", "DSO"))
    qian = who(rt, giver)
    codes = {code for code, _ in options(rt, qian, "own:delegations.HANDED_ON")}
    assert codes == ({*roles} & {"OPS", "APPROVER"})
    body = verbs.NewDelegation(delegate="sun", roles=wanted, **DAYS)
    if fits:
        assert verbs.create(rt, qian, body).state == "PROPOSED"
        return
    with pytest.raises(Invalid) as refused:
        verbs.create(rt, qian, body)
    assert refused.value.facts["errors"][0]["at"] == "roles"


def test_a_second_account_of_the_same_person_is_no_delegate(rt, pair):
    people.enrolled(rt, "qian2", "APPROVER", person=pair[0].person)
    with pytest.raises(Invalid):
        verbs.create(rt, who(rt, pair[0]), verbs.NewDelegation(
            delegate="qian2", roles=["APPROVER"], **DAYS))


@pytest.mark.parametrize("days", [{"ends": date(2026, 11, 22)}, {"ends": date(2027, 11, 23)}])
def test_the_period_is_forward_and_bounded(rt, pair, days):
    with pytest.raises(Invalid):
        offered(rt, pair, **days)


def test_the_calendar_and_the_sheet_show_both_sides(rt, pair):
    token, sun = acting(rt, pair)
    line = delegations(rt, sun, Filters()).items[0]
    assert (line.delegator, line.delegate, line.counts) == ("人员qian", "人员sun", True)
    sheet = delegation(rt, caller("aud", "AUDITOR"), line.number)
    assert sheet.roles == ("APPROVER",) and not sheet.choices[0].allowed


def candidate(rt, maker: Caller) -> str:
    """A department that waits for its second hand, made by this caller."""
    made = departments.create(rt, maker, departments.NewDepartment(name="市税务局"))
    departments.file_agreement(rt, maker, made.id, departments.ProvisionAgreement(
        signed_on="2026-11-01", clauses=["1"], liaison="周某"))
    departments.activate(rt, maker, made.id, WHY)
    return made.id


def deputy(person: str, behind: str, *roles: str) -> Caller:
    return Caller(account=f"acc-{person}", person=person, name=person, roles=frozenset(roles),
                  capacity="DELEGATE", on_behalf_of=behind, factor_fresh=True)


def test_Z05_the_makers_delegate_is_no_second_person(rt):
    ref = candidate(rt, caller("wu", "BIZ_REVIEW"))
    with pytest.raises(NotAllowed) as error:
        departments.activate(rt, deputy("qian", "wu", "APPROVER"), ref, WHY)
    assert error.value.code == "G-SOD"
    assert departments.activate(rt, deputy("qian", "sun", "APPROVER"), ref, WHY).state == "ACTIVE"


def test_Z05_a_maker_is_no_second_person_as_somebodys_delegate(rt):
    ref = candidate(rt, caller("wu", "BIZ_REVIEW"))
    with pytest.raises(NotAllowed):
        departments.activate(rt, deputy("wu", "qian", "APPROVER"), ref, WHY)


def test_Z05_two_deputies_of_one_person_are_one_person(rt):
    ref = candidate(rt, deputy("wu", "sun", "BIZ_REVIEW"))
    with pytest.raises(NotAllowed):
        departments.activate(rt, deputy("qian", "sun", "APPROVER"), ref, WHY)


PEOPLE = ["wu", "qian", "sun"]
BEHIND = st.lists(st.sampled_from([None, "zhou", *PEOPLE]), min_size=3, max_size=3)
HANDS = st.one_of(st.permutations(PEOPLE), st.lists(st.sampled_from(PEOPLE), min_size=3,
                                                    max_size=3))


@settings(max_examples=60, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hands=HANDS, behind=BEHIND)
def test_Z05_no_graph_of_delegations_makes_one_person_two(rt, hands, behind):
    """Whoever acts for whom: a withdrawal executes only when three persons are apart."""
    maker, reviewer, approver = zip(hands, behind, strict=True)

    def as_caller(side, role):
        person, behind = side
        return deputy(person, behind, role) if behind and behind != person else caller(
            person, role)

    made = departments.create(rt, caller("li", "BIZ_REVIEW"), departments.NewDepartment(
        name=f"部门{rt.new_id()}"))
    departments.file_agreement(rt, caller("li", "BIZ_REVIEW"), made.id,
                               departments.ProvisionAgreement(
                                   signed_on="2026-11-01", clauses=["1"], liaison="周某"))
    departments.activate(rt, caller("m0", "BIZ_REVIEW"), made.id, WHY)
    departments.activate(rt, caller("c0", "APPROVER"), made.id, WHY)
    sides = [(maker, "BIZ_REVIEW"), (reviewer, "COMP_REVIEW"), (approver, "APPROVER")]
    done = None
    for side, role in sides:
        try:
            done = departments.withdraw(rt, as_caller(side, role), made.id, WHY)
        except NotAllowed:
            return
    groups = [{person for person in side if person} for side, _ in sides]
    assert done.state == "WITHDRAWN"
    assert not (groups[0] & groups[1] or groups[0] & groups[2] or groups[1] & groups[2])
    with read(rt) as session:
        hands = session.exec(select(Transition).where(
            Transition.object_id == made.id, Transition.action == "withdraw")).all()
    assert sorted({hand.person for hand in hands}) == sorted({side[0] for side, _ in sides})
