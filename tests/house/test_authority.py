"""Laws of the staff rules: administrators do no business, auditors change nothing (INV-20, Z09)."""

import ast
import re
from pathlib import Path

import pytest

from app.domain.roles import ADMINISTRATORS, ASSIGNABLE, INSTITUTION, Role
from app.engines import staff
from app.web.vocabularies import lifecycles

ROOT = Path(__file__).resolve().parents[2]
RULES = staff.load()
# What administrators administer; every other noun is the business of others.
ADMINISTERED = {"account", "person", "role", "delegation", "session", "setting", "policy_bundle",
                "trail_entry", "trail_checkpoint", "evidence_pack", "witness", "job", "export"}
AUDITORS_OWN = {"finding", "audit_run", "audit_plan", "evidence_pack", "exit_case", "export"}
ADMINS = {str(role) for role in ADMINISTRATORS}


def test_INV_20_no_administrator_has_a_line_on_any_move_of_a_business_noun():
    business = set(lifecycles()) - ADMINISTERED
    assert {"department", "grant_case"} <= business
    assert not [line for line in RULES.lines if line.role in ADMINS and line.action != "read"
                and (line.noun in business or line.noun not in ADMINISTERED)]


def test_INV_20_no_business_role_has_a_line_on_accounts():
    allowed = ADMINS | {"INVITEE"}
    assert not [line for line in RULES.lines if line.noun in ("account", "person", "role")
                and line.action != "read" and line.role not in allowed]


def test_INV_20_no_administrator_fills_both_seats_of_granting_a_role():
    make, check = (RULES.roles_for("account", "grant_roles", seat) for seat in ("make", "check"))
    assert make == {"SYS_ADMIN"} and check == {"SEC_ADMIN"}


def test_Z09_an_auditors_lines_read_or_write_findings_runs_conclusions_and_exports():
    assert not [line for line in RULES.lines if line.role == "AUDITOR" and line.action != "read"
                and line.noun not in AUDITORS_OWN]


def test_Z09_the_regulators_view_has_reading_lines_only():
    assert not [line for line in RULES.lines
                if line.role == "REGULATOR_VIEW" and line.action != "read"]


def test_the_lines_name_known_roles_only():
    assert {line.role for line in RULES.lines} <= {str(role) for role in Role}


def test_every_role_that_can_be_held_may_do_something():
    assert {str(role) for role in ASSIGNABLE} <= {line.role for line in RULES.lines}


def test_institutions_never_administer():
    held = {str(role) for role in INSTITUTION} | {"DEPT_LIAISON"}
    assert not [line for line in RULES.lines if line.role in held and line.noun in
                ("account", "person", "role", "delegation")]


SECRET = re.compile(r"(?:^|_)(password|secret|token|csrf|password_hash|token_hash)$")
GUARDED = sorted((ROOT / "app").rglob("*.py"))


def name_of(node: ast.AST) -> str:
    return getattr(node, "id", None) or getattr(node, "attr", None) or ""


def bare_comparisons(source: str) -> list[str]:
    """Where Python itself compares a value named as a secret with `==` or `!=`; what stands in
    `where(...)` is compared by the database."""
    tree = ast.parse(source)
    queried = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Call)
               and name_of(node.func) in ("where", "join") for part in ast.walk(node)}
    return [f"line {node.lineno}" for node in ast.walk(tree)
            if isinstance(node, ast.Compare) and id(node) not in queried
            and isinstance(node.ops[0], (ast.Eq, ast.NotEq))
            and not any(isinstance(part, ast.Constant) for part in (node.left, *node.comparators))
            and any(SECRET.search(name_of(part)) for part in (node.left, *node.comparators))]


def test_K05_the_law_on_comparisons_can_fail():
    assert bare_comparisons("if password == other: pass") == ["line 1"]
    assert bare_comparisons("x = row.totp_secret != y") == ["line 1"]
    assert not bare_comparisons("select(a).where(a.token_hash == b)\nif kind == PASSWORD: pass")


@pytest.mark.parametrize("path", GUARDED, ids=lambda path: str(path.relative_to(ROOT)))
def test_K05_secrets_are_compared_in_constant_time(path):
    assert not bare_comparisons(path.read_text("utf-8"))


def test_K04_only_the_listed_algorithms_are_imported():
    words = re.compile(r"\b(md5|sha1|blake2|RC4|DES3?|Blowfish|ECB|CBC|PKCS1v15|AESCCM|"
                       r"ChaCha20)\b")
    assert not [path for path in GUARDED if words.search(path.read_text("utf-8"))]
