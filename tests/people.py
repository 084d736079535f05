"""People for tests: accounts that can sign in, their codes, and browsers that are signed in.

    boss = people.enrolled(rt, "qian", "APPROVER")
    opened = people.signed_in(rt, boss)          # a session, `opened.token`
    client = people.browser(app, opened)         # a Flask client that sends what a browser sends
"""

from dataclasses import dataclass

from app.commands import links, sign_in
from app.commands.accounts import NewAccount, invited
from app.commands.advance import cascade
from app.domain.accounts import ACCOUNT
from app.domain.callers import SYSTEM
from app.engines import one_time_codes, password_hashes
from app.engines.field_box import open_box
from app.store.tables_people import AccountSecret, Person
from app.store.unit import begin

PASSWORD = "Tally-Halves-2026-Meet"
HOST = "https://localhost"
_hashes: dict[str, str] = {}


@dataclass(frozen=True)
class Enrolled:
    """An account with its password and the secret of its second factor."""

    id: str
    person: str
    login: str
    secret: str
    password: str = PASSWORD


def enrolled(rt, login: str, *roles: str, person: str = "", institution: str = "",
             department: str = "", qualified: tuple[str, ...] = (), password: str = PASSWORD,
             interests: tuple[str, ...] = ()) -> Enrolled:
    """An active account with password and second factor, as after its invitation."""
    if password not in _hashes:
        _hashes[password] = password_hashes.hashed(password)
    secret = one_time_codes.new_secret(rt.token)
    with begin(rt, SYSTEM) as act:
        row, _ = invited(act, NewAccount(login=login, name=f"人员{login}", person=person,
                                         institution=institution, department=department,
                                         roles=list(roles) or ["OPS"]))
        row.roles, row.qualified = list(roles), list(qualified)
        cascade(act, ACCOUNT, row, "accept", because="test")
        proof = act.find(AccountSecret, row.id)
        proof.password_hash, proof.password_set_at = _hashes[password], act.at
        proof.totp_secret = open_box(rt.settings.data_dir, rt.token).seal(
            secret, links.place(row.id), rt.token)
        if interests:
            act.find(Person, row.person_id).interests = list(interests)
    return Enrolled(row.id, row.person_id, login, secret, password)


def code(rt, account: Enrolled) -> str:
    """What the device shows now."""
    return one_time_codes.code_now(account.secret, rt.clock())


def wrong(right: str) -> str:
    """A code that is not this one."""
    return f"{(int(right) + 1) % 1_000_000:06d}"


def signed_in(rt, account: Enrolled, source: str = "192.0.2.10") -> sign_in.Opened:
    """A session; the clock moves one step so that each code is new."""
    rt.clock.forward(seconds=30)
    return sign_in.sign_in(rt, account.login, account.password, code(rt, account), source)


def browser(app, opened: sign_in.Opened | None = None):
    """A client that sends Origin and Sec-Fetch-Site, and the session's cookie when there is one."""
    from app.web import identity

    client = app.test_client()
    client.environ_base.update({"HTTP_ORIGIN": HOST, "HTTP_SEC_FETCH_SITE": "same-origin",
                                "HTTP_ACCEPT": "text/html"})
    if opened:
        client.set_cookie(identity.COOKIE, opened.token, domain="localhost", secure=True)
    return client


def token(opened: sign_in.Opened) -> dict:
    """The form member that carries the session's token."""
    from app.web import identity

    return {"csrf_token": identity.csrf_of(opened.token)}


class Follows:
    """Stands for the Runtime given last, so that one built application serves many tests."""

    def __init__(self):
        self.rt = None

    def __getattr__(self, name):
        return getattr(self.rt, name)


_follows = Follows()
_app = []


def application(rt):
    """The application over this Runtime. It is built once a process, since that takes a second."""
    from app.web import create_app

    _follows.rt = rt
    if not _app:
        _app.append(create_app(_follows))
    return _app[0]
