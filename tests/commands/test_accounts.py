"""Accounts: two administrators give, one takes away, nobody combines what is kept apart."""

import re

import pytest
from sqlmodel import select

from app.commands import accounts as verbs
from app.commands import first_administrators as first
from app.commands import links, own_account, sign_in
from app.commands.command import Reasoned, commands
from app.domain.refusals import (
    FactorNeeded,
    GuardFailed,
    IllegalMove,
    Invalid,
    NotAllowed,
    NotFound,
    Unidentified,
)
from app.engines import one_time_codes
from app.queries.accounts import account, accounts, persons, roles
from app.queries.query import Filters
from app.queries.sessions import present
from app.queries.tasks import TaskFilters, tasks
from app.store.tables import ObjectVersion, TrailEntry, TrailHead
from app.store.tables_people import Account, OneTimeLink
from app.store.unit import read
from tests import people
from tests.conftest import caller

SYS, SEC, AUD = caller("sys", "SYS_ADMIN"), caller("sec", "SEC_ADMIN"), caller("aud", "AUD_ADMIN")
WHY = Reasoned(reason="人事变动通知")
GOOD = "Quiet-Harbour-27-Lamp"
FIRST = first.FirstAdministrators(sys_login="li.sys", sys_name="李某", sec_login="wang.sec",
                                  sec_name="王某", aud_login="zhao.aud", aud_name="赵某")


def new(login="qian", *codes, **more) -> verbs.NewAccount:
    return verbs.NewAccount(login=login, name="钱某", roles=list(codes) or ["APPROVER"], **more)


def token_of(link: str) -> str:
    return link.rsplit("/", 1)[1]


def accepted(rt, link: str, password: str = GOOD) -> str:
    """The invitation accepted; the secret the device holds."""
    secret = links.invitation(rt, token_of(link)).secret
    own_account.accept(rt, token_of(link), own_account.Acceptance(
        password, one_time_codes.code_now(secret, rt.clock())), "192.0.2.1")
    return secret


def renew(rt, link: str, code: str) -> None:
    """A new password by a link and a code."""
    own_account.accept(rt, link, own_account.Acceptance(GOOD, code), "::1")


def row(rt, ref) -> Account:
    with read(rt) as session:
        return session.get(Account, ref)


def test_an_account_has_no_role_until_a_second_administrator_agrees(rt):
    made = verbs.create(rt, SYS, new())
    assert made.waiting == ("check",) and row(rt, made.id).roles == []
    assert account(rt, SEC, made.id).proposed == ("APPROVER",)
    agreed = verbs.grant_roles(rt, SEC, made.id, verbs.GrantRoles())
    assert agreed.waiting == () and row(rt, made.id).roles == ["APPROVER"]


def desk_of(rt, who) -> list[tuple[str, str]]:
    return [(task.action, task.object_id) for task in tasks(rt, who, TaskFilters()).items]


def test_proposed_roles_are_a_task_of_the_security_administrator_until_confirmed(rt):
    made = verbs.create(rt, SYS, new(qualified=["PRICE_REVIEW"]))
    assert desk_of(rt, SEC) == [("grant_roles", made.id)] and desk_of(rt, SYS) == []
    shown = account(rt, SEC, made.id)
    assert (shown.proposed, shown.proposed_qualified) == (("APPROVER",), ("PRICE_REVIEW",))
    verbs.grant_roles(rt, SEC, made.id, verbs.GrantRoles())
    assert desk_of(rt, SEC) == [] and account(rt, SEC, made.id).proposed_qualified == ()


def test_a_second_hand_is_a_task_and_a_closed_account_owes_nothing(rt):
    made = verbs.create(rt, SYS, new())
    verbs.grant_roles(rt, SEC, made.id, verbs.GrantRoles())
    verbs.grant_roles(rt, SYS, made.id, verbs.GrantRoles(roles=["DSO"]))
    verbs.close(rt, SYS, made.id, WHY)
    assert sorted(desk_of(rt, SEC)) == [("close", made.id), ("grant_roles", made.id)]
    verbs.close(rt, SEC, made.id, WHY)
    assert desk_of(rt, SEC) == []


def test_nobody_takes_both_hands_and_nobody_takes_the_others_hand(rt):
    made = verbs.create(rt, SYS, new())
    for who in (SYS, caller("other", "SYS_ADMIN"), AUD):
        with pytest.raises(NotAllowed):
            verbs.grant_roles(rt, who, made.id, verbs.GrantRoles())
    other = verbs.grant_roles(rt, SEC, made.id, verbs.GrantRoles(roles=["APPROVER", "DSO"]))
    assert other.waiting == ("make",) and row(rt, made.id).roles == []
    assert verbs.grant_roles(rt, SYS, made.id, verbs.GrantRoles()).waiting == ()
    assert row(rt, made.id).roles == ["APPROVER", "DSO"]


def test_nobody_administers_an_account_of_their_own_person(rt):
    mine = people.enrolled(rt, "sys", "SYS_ADMIN")
    spare = people.enrolled(rt, "sec", "SEC_ADMIN")
    me = caller(mine.person, "SYS_ADMIN")
    with pytest.raises(GuardFailed) as error:
        verbs.suspend(rt, me, mine.id, WHY)
    assert "account_is_anothers" in error.value.facts["guards"]
    assert verbs.suspend(rt, caller(spare.person, "SEC_ADMIN"),
                         people.enrolled(rt, "xiao", "OPS").id, WHY).state == "SUSPENDED"


@pytest.mark.parametrize("codes", [("SYS_ADMIN", "SEC_ADMIN"), ("SEC_ADMIN", "AUD_ADMIN"),
                                   ("SYS_ADMIN", "APPROVER"), ("AUDITOR", "COMP_REVIEW"),
                                   ("REGULATOR_VIEW", "INTAKE")])
def test_INV_20_incompatible_roles_are_refused_with_every_pair(rt, codes):
    with pytest.raises(Invalid) as error:
        verbs.create(rt, SYS, new("qian", *codes))
    assert error.value.code == "ROLE.INCOMPATIBLE"
    assert [set(pair) for pair in error.value.facts["pairs"]] == [set(codes)]
    with read(rt) as session:
        assert session.exec(select(Account)).all() == []


def test_INV_20_the_roles_of_all_accounts_of_one_person_count_together(rt):
    reviewer = people.enrolled(rt, "zhao", "COMP_REVIEW")
    with pytest.raises(Invalid) as error:
        verbs.create(rt, SYS, new("zhao2", "SEC_ADMIN", person=reviewer.person))
    assert error.value.code == "ROLE.INCOMPATIBLE"


@pytest.mark.parametrize("codes", [["INST_MAKER"], ["DEPT_LIAISON"], ["SYSTEM"], ["INVITEE"],
                                   ["NO_SUCH"]])
def test_roles_of_another_side_and_unknown_ones_are_refused(rt, codes):
    with pytest.raises(Invalid):
        verbs.create(rt, SYS, new("qian", *codes))


def test_the_invitation_sets_password_and_factor_and_works_once(rt):
    made = verbs.create(rt, SYS, new())
    link = made.detail["link"]
    with pytest.raises(GuardFailed):
        accepted(rt, link)
    verbs.grant_roles(rt, SEC, made.id, verbs.GrantRoles())
    secret = accepted(rt, link)
    with pytest.raises(NotFound):
        accepted(rt, link)
    rt.clock.forward(seconds=30)
    opened = sign_in.sign_in(rt, "qian", GOOD, one_time_codes.code_now(secret, rt.clock()), "::1")
    assert present(rt, opened.token, "::1").caller.roles == {"APPROVER"}


def test_A03_an_account_without_a_second_factor_cannot_sign_in(rt):
    made = verbs.create(rt, SYS, new())
    verbs.grant_roles(rt, SEC, made.id, verbs.GrantRoles())
    for code in ("", "000000"):
        with pytest.raises(Unidentified):
            sign_in.sign_in(rt, "qian", GOOD, code, "192.0.2.1")


@pytest.mark.parametrize("password", ["short1A", "password123", "Hufu2026!", "alllowercaseletters"])
def test_A02_a_weak_password_is_refused_with_everything_to_mend(rt, password):
    made = verbs.create(rt, SYS, new())
    verbs.grant_roles(rt, SEC, made.id, verbs.GrantRoles())
    with pytest.raises(Invalid) as error:
        accepted(rt, made.detail["link"], password)
    assert error.value.facts["errors"] and password not in str(error.value.facts)
    assert row(rt, made.id).state == "INVITED"


def test_a_link_lives_three_days_and_a_new_one_voids_it(rt):
    made = verbs.create(rt, SYS, new())
    verbs.grant_roles(rt, SEC, made.id, verbs.GrantRoles())
    again = verbs.invite(rt, SYS, made.id, WHY).detail["link"]
    with pytest.raises(NotFound):
        links.invitation(rt, token_of(made.detail["link"]))
    rt.clock.forward(hours=72, seconds=-1)
    assert links.invitation(rt, token_of(again)).login == "qian"
    rt.clock.forward(seconds=1)
    with pytest.raises(NotFound):
        links.invitation(rt, token_of(again))


def test_links_are_stored_hashed_and_no_version_holds_a_secret(rt):
    made = verbs.create(rt, SYS, new())
    verbs.grant_roles(rt, SEC, made.id, verbs.GrantRoles())
    secret = accepted(rt, made.detail["link"])
    with read(rt) as session:
        texts = [str(link) for link in session.exec(select(OneTimeLink)).all()]
        texts += [str(version.body) for version in session.exec(select(ObjectVersion)).all()]
        texts += [entry.body.decode() for entry in session.exec(select(TrailEntry)).all()]
    for hidden in (token_of(made.detail["link"]), secret, GOOD, "$argon2"):
        assert not any(hidden in text for text in texts)


def test_A07_a_lost_factor_needs_two_persons_and_is_enrolled_anew(rt):
    someone = people.enrolled(rt, "zhou", "OPS")
    half = verbs.reset_factor(rt, SYS, someone.id, WHY)
    assert half.waiting == ("check",) and half.detail is None
    assert people.signed_in(rt, someone)
    with pytest.raises(NotAllowed):
        verbs.reset_factor(rt, SYS, someone.id, WHY)
    whole = verbs.reset_factor(rt, AUD, someone.id, WHY)
    assert whole.state == "INVITED"
    rt.clock.forward(seconds=30)
    with pytest.raises(Unidentified):
        sign_in.sign_in(rt, "zhou", someone.password, people.code(rt, someone), "::1")
    assert accepted(rt, whole.detail["link"]) != someone.secret


def test_A07_a_lost_password_is_renewed_only_with_the_second_factor(rt):
    someone = people.enrolled(rt, "zhou", "OPS")
    link = token_of(verbs.reset_password(rt, SYS, someone.id, WHY).detail["link"])
    assert links.invitation(rt, link).secret == ""
    with pytest.raises(Unidentified):
        renew(rt, link, people.wrong(people.code(rt, someone)))
    renew(rt, link, people.code(rt, someone))
    rt.clock.forward(seconds=30)
    assert sign_in.sign_in(rt, "zhou", GOOD, people.code(rt, someone), "::1")


def test_A07_guesses_at_the_password_link_lock_it(rt):
    someone = people.enrolled(rt, "zhou", "OPS")
    link = token_of(verbs.reset_password(rt, SYS, someone.id, WHY).detail["link"])
    for _ in range(5):
        with pytest.raises(Unidentified):
            renew(rt, link, people.wrong(people.code(rt, someone)))
    with pytest.raises(Unidentified):
        renew(rt, link, people.code(rt, someone))


def test_A08_the_first_administrators_are_named_once(rt):
    link = first.first_link(rt)
    named = first.create_first(rt, FIRST, token_of(link))
    assert [one.role for one in named] == ["SYS_ADMIN", "SEC_ADMIN", "AUD_ADMIN"]
    for again in (lambda: first.create_first(rt, FIRST, token_of(link)),
                  lambda: first.create_first(rt, FIRST), lambda: first.first_link(rt)):
        with pytest.raises(NotAllowed):
            again()
    for one in named:
        assert accepted(rt, one.link)


def test_A08_a_newer_first_link_voids_the_older_and_a_guess_names_nobody(rt):
    old = first.first_link(rt)
    first.first_link(rt)
    for token in (token_of(old), "guess"):
        with pytest.raises(NotFound):
            first.create_first(rt, FIRST, token)
    with read(rt) as session:
        assert session.exec(select(Account)).all() == []


def test_the_three_first_administrators_are_three_persons(rt):
    with pytest.raises(Invalid):
        first.create_first(rt, FIRST.model_copy(update={"sec_name": FIRST.sys_name}))


def test_INV_04_stopping_takes_one_starting_and_ending_take_two(rt):
    someone = people.enrolled(rt, "zhou", "OPS")
    assert verbs.suspend(rt, SYS, someone.id, WHY).state == "SUSPENDED"
    assert verbs.resume(rt, SYS, someone.id, WHY).waiting == ("check",)
    assert verbs.resume(rt, SEC, someone.id, WHY).state == "ACTIVE"
    assert verbs.close(rt, SYS, someone.id, WHY).waiting == ("check",)
    assert verbs.close(rt, SEC, someone.id, WHY).state == "CLOSED"
    with pytest.raises(IllegalMove):
        verbs.resume(rt, SYS, someone.id, WHY)


def test_the_last_administrator_of_a_kind_stays(rt):
    sole = people.enrolled(rt, "sec1", "SEC_ADMIN")
    for act in (lambda: verbs.suspend(rt, SYS, sole.id, WHY),
                lambda: verbs.revoke_roles(rt, SEC, sole.id, verbs.RevokeRoles(
                    roles=["SEC_ADMIN"], reason="转岗"))):
        with pytest.raises(GuardFailed) as error:
            act()
        assert error.value.code == "ROLE.LAST_ADMINISTRATOR"
    people.enrolled(rt, "sec2", "SEC_ADMIN")
    assert verbs.suspend(rt, SYS, sole.id, WHY).state == "SUSPENDED"


def test_a_new_administrator_must_first_take_a_longer_password(rt):
    someone = people.enrolled(rt, "zhou", password="Lamp-27-Sea")
    verbs.grant_roles(rt, SYS, someone.id, verbs.GrantRoles(roles=["AUD_ADMIN"]))
    verbs.grant_roles(rt, SEC, someone.id, verbs.GrantRoles())
    here = present(rt, people.signed_in(rt, someone).token, "::1")
    assert here.password_is_due
    with pytest.raises(Invalid):
        own_account.change_password(rt, here.caller, someone.password, "Lamp-28-Sea")


def test_a_password_is_due_after_ninety_days_in_the_mlps_profile(rt):
    someone = people.enrolled(rt, "zhou", "OPS")
    rt.clock.forward(days=89, hours=23)
    assert not present(rt, people.signed_in(rt, someone).token, "::1").password_is_due
    rt.clock.forward(hours=2)
    here = present(rt, people.signed_in(rt, someone).token, "::1")
    assert here.password_is_due
    opened = own_account.change_password(rt, here.caller, someone.password, GOOD)
    assert not present(rt, opened.token, "::1").password_is_due


def test_A09_a_changed_password_ends_every_other_session(rt):
    someone = people.enrolled(rt, "zhou", "OPS")
    other, mine = people.signed_in(rt, someone), people.signed_in(rt, someone)
    opened = own_account.change_password(rt, present(rt, mine.token, "::1").caller,
                                         someone.password, GOOD)
    assert present(rt, opened.token, "::1")
    assert not present(rt, mine.token, "::1") and not present(rt, other.token, "::1")


def test_a_password_change_asks_for_the_present_one_a_new_one_and_a_fresh_factor(rt):
    someone = people.enrolled(rt, "zhou", "OPS")
    here = present(rt, people.signed_in(rt, someone).token, "::1").caller
    with pytest.raises(Unidentified):
        own_account.change_password(rt, here, "not it", GOOD)
    with pytest.raises(Invalid):
        own_account.change_password(rt, here, someone.password, someone.password)
    opened = people.signed_in(rt, someone)
    rt.clock.forward(minutes=5)
    with pytest.raises(FactorNeeded):
        own_account.change_password(rt, present(rt, opened.token, "::1").caller,
                                    someone.password, GOOD)


def test_A12_every_act_on_accounts_asks_for_the_factor_again():
    assert all(command.factor for (noun, _), command in commands().items() if noun == "account")


def test_a_refused_act_leaves_nothing_behind(rt):
    made = verbs.create(rt, SYS, new())
    with read(rt) as session:
        size = session.exec(select(TrailHead.size)).one()
    with pytest.raises(Invalid):
        verbs.create(rt, SYS, new())
    with pytest.raises(NotAllowed):
        verbs.close(rt, caller("x", "APPROVER"), made.id, WHY)
    with read(rt) as session:
        assert session.exec(select(TrailHead.size)).one() == size


def test_the_list_the_persons_and_the_matrix_are_for_administrators_and_auditors(rt):
    people.enrolled(rt, "zhou", "OPS")
    for who in (SYS, SEC, AUD, caller("a", "AUDITOR")):
        assert [line.login for line in accounts(rt, who, verbs_filters()).items] == ["zhou"]
        assert persons(rt, who, Filters()).items[0].accounts == ("zhou",)
        matrix = {line.id: line for line in roles(rt, who, Filters()).items}
        assert matrix["OPS"].holders == 1 and "APPROVER" in matrix["SYS_ADMIN"].apart
        assert "SYSTEM" not in matrix and matrix["INST_MAKER"].side == "institution"
    with pytest.raises(NotAllowed):
        accounts(rt, caller("b", "APPROVER"), verbs_filters())


def verbs_filters():
    from app.queries.accounts import AccountFilters

    return AccountFilters()


def test_an_accounts_sheet_never_shows_what_it_proves_itself_by(rt):
    someone = people.enrolled(rt, "zhou", "OPS")
    shown = str(account(rt, SYS, someone.id))
    assert someone.secret not in shown and not re.search(r"argon2|aes-256|sha256:", shown)


def test_Z06_of_eight_administrators_confirming_at_once_one_does(rt):
    from concurrent.futures import ThreadPoolExecutor

    from app.domain.refusals import Refusal

    made = verbs.create(rt, SYS, new())

    def confirm(at):
        try:
            return verbs.grant_roles(rt, caller(f"sec{at}", "SEC_ADMIN"), made.id,
                                     verbs.GrantRoles()).waiting == ()
        except Refusal:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(confirm, range(8))) == 1
    with read(rt) as session:
        kinds = session.exec(select(TrailEntry.kind)).all()
    assert kinds.count("account.grant_roles") == 1 and row(rt, made.id).roles == ["APPROVER"]


def test_INV_20_two_accounts_of_one_person_granted_at_once_do_not_slip_through(rt):
    from concurrent.futures import ThreadPoolExecutor

    from app.domain.refusals import Refusal

    one = people.enrolled(rt, "zhao")
    two = people.enrolled(rt, "zhao2", person=one.person)
    for ref, role in ((one.id, "APPROVER"), (two.id, "AUDITOR")):
        verbs.grant_roles(rt, SYS, ref, verbs.GrantRoles(roles=[role]))

    def confirm(ref):
        try:
            verbs.grant_roles(rt, SEC, ref, verbs.GrantRoles())
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(confirm, (one.id, two.id))) == 1


def test_INV_05_a_declared_interest_reaches_the_guards(rt):
    from app.commands import own_account as own
    from app.queries.sessions import interests_of
    from app.store.situations_people import account_situation
    from tests import zone as rows

    zone = rows.tiny(rt)
    someone = people.enrolled(rt, "zhou", "APPROVER")
    me = present(rt, people.signed_in(rt, someone).token, "::1").caller
    with pytest.raises(Invalid) as error:
        own.declare_interests(rt, me, [zone.institution.number, "nowhere"])
    assert [item["en"] for item in error.value.facts["errors"]] == ["line 2 is unknown"]
    assert own.declare_interests(rt, me, [zone.institution.number]) == (zone.institution.id,)
    assert interests_of(rt, me) == (zone.institution.number,)
    with read(rt) as session:
        situation = account_situation(rt, session, me, session.get(Account, someone.id))
    assert zone.institution.id in situation.interests
    assert own.declare_interests(rt, me, []) == ()


def test_old_attempts_and_sessions_are_swept_and_living_ones_stay(rt):
    from app.store.tables_people import SignInAttempt, SignInSession

    someone = people.enrolled(rt, "zhou", "OPS")
    people.signed_in(rt, someone)
    with pytest.raises(Unidentified):
        sign_in.sign_in(rt, "zhou", "x", "000000", "::1")
    rt.clock.forward(days=2)
    opened = people.signed_in(rt, someone)
    rt.clock.forward(seconds=1)
    sign_in.sweep(rt)
    with read(rt) as session:
        assert session.exec(select(SignInAttempt)).all() == []
        assert len(session.exec(select(SignInSession)).all()) == 1
    assert present(rt, opened.token, "::1")
