"""`./hufu certify` as a process: at its address, heard without a credential, leaving nothing."""

import contextlib
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.cli.__main__ import main
from app.engines import certification, rulebooks
from app.runtime import utc_now
from tests.web.test_certification import ALICE, BOB, BODY, USERS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("processes")]
ROOT = Path(__file__).resolve().parents[2]
PORT = 20000 + os.getpid() % 20000


@contextlib.contextmanager
def serving(folder: Path, *words: str):
    """The process and what it has printed, once it answers; interrupted at the end."""
    hostile = {"HUFU_DATABASE_URL": "sqlite:////nowhere/at.all", "HUFU_HOSTS": "other.example",
               "HUFU_BASE_URL": "http://unsafe.example", "HUFU_DATA": "/nowhere"}
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "certify", "--port", str(PORT), *words], cwd=ROOT,
        env={**os.environ, **hostile, "TMPDIR": str(folder)}, stdout=subprocess.PIPE, text=True)
    printed = [process.stdout.readline() for _ in range(5)]
    try:
        yield process, "".join(printed)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert list(folder.iterdir()) == []


def asked(address: str, body: dict | None = None, token: str = "", trust=None) -> tuple[int, dict]:
    """The answer, waited for while the process is starting."""
    headers = {"Content-Type": "application/json"} | (
        {"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(address, json.dumps(body).encode() if body else None, headers)
    ends = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(request, timeout=10, context=trust) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
        except urllib.error.URLError:
            assert time.monotonic() < ends, "it does not answer"
            time.sleep(0.2)


def test_the_scenario_is_served_and_nothing_of_it_stays(tmp_path):
    with serving(tmp_path) as (_, printed):
        address = re.search(r"http://localhost:\d+", printed)[0]
        token = re.search(r"hufu_certify0_\S+", printed)[0]
        told = asked(address + "/.well-known/authzen-configuration")[1]
        assert told["policy_decision_point"] == address
        for credential in ("", token):
            status, answer = asked(told["access_evaluation_endpoint"], BODY, credential)
            assert status == 200 and answer["decision"] is True
            assert asked(told["search_subject_endpoint"], USERS, credential)[1]["results"] == [
                ALICE, BOB]
        assert asked(told["access_evaluation_endpoint"], BODY, token + "x")[0] == 401
        assert len(list(tmp_path.iterdir())) == 1


def self_signed(folder: Path) -> list[str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    at = utc_now()
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name)
            .public_key(key.public_key()).serial_number(7).not_valid_before(at)
            .not_valid_after(at + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([
                x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))]),
                critical=False).sign(key, hashes.SHA256()))
    files = [folder / "certificate.pem", folder / "key.pem"]
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()))
    return [str(file) for file in files]


def test_6_5_discovery_over_https_names_https_addresses(tmp_path):
    (tmp_path / "run").mkdir()
    files = self_signed(tmp_path)
    with serving(tmp_path / "run", "--tls", *files) as (_, printed):
        address = re.search(r"https://localhost:\d+", printed)[0]
        told = asked(address + "/.well-known/authzen-configuration",
                     trust=ssl.create_default_context(cafile=files[0]))[1]
        told.pop("supported_obligations")
        assert told.pop("policy_decision_point") == address
        assert len(told) == 5 and all(each.startswith(address + "/") for each in told.values())


def test_a_certificate_that_is_not_there_is_told(tmp_path, capsys):
    assert main(["certify", "--tls", str(tmp_path / "none.pem"), str(tmp_path / "none.key")]) == 1
    assert "没有此文件" in capsys.readouterr().err


def test_no_zone_decides_by_the_fixture():
    assert rulebooks.load().attributes.policies == ()
    assert certification.load().digest != rulebooks.load().digest
