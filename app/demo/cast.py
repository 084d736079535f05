"""The people of the demonstration: one persona for every role, at the zone, at banks, in offices."""

from app.commands.links import place
from app.demo import names
from app.demo.simulation import Simulation, placed
from app.engines import one_time_codes
from app.engines.field_box import open_box
from app.store.tables_people import Account, AccountSecret, Person

# login, roles; the staff of the zone. Everybody is a different natural person.
STAFF = (
    ("intake", ("INTAKE",)), ("intake2", ("INTAKE",)), ("business", ("BIZ_REVIEW",)),
    ("business2", ("BIZ_REVIEW",)), ("compliance", ("COMP_REVIEW",)),
    ("compliance2", ("COMP_REVIEW",)), ("security", ("SEC_REVIEW",)),
    ("security2", ("SEC_REVIEW",)), ("pricing", ("PRICE_REVIEW",)),
    ("privacy", ("PI_OFFICER",)), ("approver", ("APPROVER",)), ("approver2", ("APPROVER",)),
    ("dso", ("DSO",)), ("signer", ("OPERATOR_SIGNER",)), ("ops", ("OPS",)), ("ops2", ("OPS",)),
    ("auditor", ("AUDITOR",)), ("regulator", ("REGULATOR_VIEW",)), ("sysadmin", ("SYS_ADMIN",)),
    ("secadmin", ("SEC_ADMIN",)), ("audadmin", ("AUD_ADMIN",)),
)


def staff(story: Simulation) -> None:
    """The zone's own people."""
    with story.act() as act:
        for at, (login, roles) in enumerate(STAFF):
            _account(story, act, login, names.person(at), roles)


def users(story: Simulation, body: str, login: str, roles: tuple[str, ...], at: int, **scope):
    """One user of an institution or a department."""
    with story.act() as act:
        return _account(story, act, login, names.person(at), roles, employer=body, **scope)


def _account(story: Simulation, act, login: str, name: str, roles: tuple[str, ...],
             employer: str = "", **scope) -> Account:
    person = placed(act, Person, name=name, employer=employer)
    account = placed(act, Account, login=login, person_id=person.id, name=name, state="ACTIVE",
                     roles=list(roles), **scope)
    act.add(AccountSecret(account_id=account.id, password_set_at=story.today,
                          totp_secret=_second_factor(story.rt, account)))
    story.rows[f"account:{login}"] = account
    return account


def _second_factor(rt, account: Account) -> str:
    """A sealed secret of the persona's own: the page that asks for its code shows the code."""
    secret = one_time_codes.new_secret(rt.token)
    return open_box(rt.settings.data_dir, rt.token).seal(secret, place(account.id), rt.token)
