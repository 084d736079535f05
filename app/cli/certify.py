"""`./hufu certify`: the AuthZEN certification scenario on the loopback, for any conformance run.

Nothing of a zone is here: a temporary database holds one credential and the decisions asked for,
and is removed at the end. Whoever sends no credential is heard all the same, here and nowhere else.
"""

import hashlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from app import runtime
from app.cli.processes import prepare
from app.domain.asks import Presented
from app.domain.callers import SYSTEM
from app.domain.refusals import Invalid
from app.engines import certification
from app.settings import Settings, load
from app.store.tables_institutions import ClientApp, Credential, Institution
from app.store.unit import begin

PORT = 8421
HOST = "127.0.0.1"
FOLDER, PORT_OF = "HUFU_CERTIFY_DATA", "HUFU_CERTIFY_PORT"


def register(words) -> None:
    """Add the word to the parser."""
    certify = words.add_parser("certify", help="serve the AuthZEN certification scenario")
    certify.add_argument("--port", type=int, default=PORT, help=f"port on the loopback ({PORT})")
    certify.add_argument("--tls", nargs=2, type=Path, metavar=("CERTIFICATE", "KEY"),
                         help="serve HTTPS, as discovery asks for, with these PEM files")
    certify.set_defaults(run=run)


def run(asked) -> int:
    """Serve until interrupted; nothing is left behind.

    Raises:
        Invalid: a file of the certificate is not there.
    """
    for file in asked.tls or ():
        if not file.is_file():
            raise Invalid(f"没有此文件：{file}", f"there is no file {file}")
    with tempfile.TemporaryDirectory(prefix="hufu-certify-") as folder:
        settings = settings_in(folder, asked.port)
        token = founded(settings)
        scheme = "https" if asked.tls else "http"
        print(f"\n  AuthZEN 认证场景 / certification scenario:  {scheme}://localhost:{asked.port}\n"
              f"  凭证（可不带）/ credential (may be left out):  {token}\n"
              "  Ctrl-C 结束并清除 / ends it and removes everything\n", flush=True)
        serve(settings, asked.tls or (None, None))
    return 0


def settings_in(folder: str, port: int) -> Settings:
    """Settings that no variable of the environment reaches."""
    return load({}, data_dir=folder, port=port,
                database_url=f"sqlite:///{Path(folder) / 'hufu.db'}")


def founded(settings: Settings) -> str:
    """The secret of the one credential of a new database."""
    rt = prepare(settings)
    try:
        return with_credential(rt)
    finally:
        rt.close()


def with_credential(rt) -> str:
    """A credential of a made-up institution, for those who send one; its secret."""
    token = "hufu_certify0_" + rt.token(32)
    with begin(rt, SYSTEM) as act:
        owner = act.create(Institution, institution_id="", number="INST-0000", kind="BANK",
                           name="认证场景 Certification", uscc="9111", state="ADMITTED")
        owner.institution_id = owner.id
        app = act.create(ClientApp, number="APP-000000", institution_id=owner.id, name="harness")
        key = act.create(Credential, number="CRED-000000", institution_id=owner.id, app_id=app.id,
                         prefix="certify0", issued_at=act.at,
                         expires_at=act.at + timedelta(days=1),
                         secret_hash="sha256:" + hashlib.sha256(token.encode()).hexdigest())
        act.record("zone.seed", "zone/1")
        act.affects("credential", key.id)
    return token


def serve(settings: Settings, tls: Sequence[Path | None]) -> None:
    """Run the server of the product with one worker until told to stop."""
    from granian import Granian
    from granian.constants import Interfaces

    os.environ.update({FOLDER: str(settings.data_dir), PORT_OF: str(settings.port)})
    certificate, key = tls
    Granian("app.cli.certify:build", address=HOST, port=settings.port, factory=True, workers=1,
            interface=Interfaces.WSGI, blocking_threads=16, log_enabled=False,
            ssl_cert=certificate, ssl_key=key).serve()


def build():
    """The WSGI application of the worker."""
    return scenario(runtime.build(settings_in(os.environ[FOLDER], int(os.environ[PORT_OF]))))


def scenario(rt):
    """The lane deciding by the scenario; every other path is not found."""
    from app.commands.decide import Gate
    from app.web.lane import Lane

    class Open(Lane):
        """Hears those who send no credential; one that is sent must be true."""

        def presented(self, environ: Mapping[str, Any]) -> Presented:
            if environ.get("HTTP_AUTHORIZATION"):
                return super().presented(environ)
            return Presented("", environ.get("REMOTE_ADDR", ""))

    rt.law = certification.load()
    return Open(nothing, Gate(rt).start())


def nothing(environ: Mapping[str, Any], start_response) -> list[bytes]:
    """What is behind the lane here."""
    start_response("404 Not Found", [("Content-Length", "0")])
    return []
