"""`./hufu certify`: the AuthZEN certification scenario on the loopback, for any conformance run.

Nothing of a zone is here: a temporary database holds one credential and the decisions asked for,
and is removed at the end. Whoever sends no credential is heard all the same, here and nowhere else.
"""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app import runtime
from app.cli.processes import prepare
from app.domain.asks import Presented
from app.domain.callers import SYSTEM
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
    certify.add_argument("--tls", action="store_true", help="HTTPS, by a certificate made for it")
    certify.set_defaults(run=run)


def run(asked) -> int:
    """Serve until interrupted; nothing is left behind."""
    with tempfile.TemporaryDirectory(prefix="hufu-certify-") as folder:
        settings = settings_in(folder, asked.port)
        token = founded(settings)
        tls = self_signed(settings.data_dir, runtime.utc_now()) if asked.tls else None
        scheme = "https" if tls else "http"
        print(f"\n  AuthZEN 认证场景 / certification scenario:  {scheme}://localhost:{asked.port}\n"
              f"  凭证（可不带）/ credential (may be left out):  {token}\n"
              + (f"  服务器证书 / certificate of the server:  {tls[0]}\n" if tls else "")
              + "  Ctrl-C 结束并清除 / ends it and removes everything\n", flush=True)
        serve(settings, tls)
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


def self_signed(folder: Path, at: datetime) -> tuple[Path, Path]:
    """A certificate of `localhost` for one day and its key, as files.

    Metadata must name HTTPS addresses. Source: AuthZEN 1.0 certification scenario 6.5.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(IPv4Address(HOST))]
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(at).not_valid_after(at + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256()))
    certificate, secret = folder / "certificate.pem", folder / "certificate.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM,
                                         serialization.PrivateFormat.PKCS8,
                                         serialization.NoEncryption()))
    return certificate, secret


def serve(settings: Settings, tls: tuple[Path, Path] | None) -> None:
    """Run the server of the product with one worker until told to stop."""
    from granian import Granian
    from granian.constants import Interfaces

    os.environ.update({FOLDER: str(settings.data_dir), PORT_OF: str(settings.port)})
    certificate, key = tls or (None, None)
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
