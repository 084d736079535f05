"""Laws of secrets, cryptography and rows, read off the code (K, W01, Z04, I04)."""

import ast
import re
from pathlib import Path

import pytest

from app import runtime
from app.commands.command import Body, commands
from app.queries.query import Filters, queries
from app.settings import load
from app.store.tables import Registered
from app.web import create_app
from app.web.routes import action_of
from tests.house.test_shape import ROOT, SOURCES, tracked

PARSED = {path: ast.parse(path.read_text("utf-8")) for path in SOURCES}
# Keys and tokens as they look when somebody pastes one.
SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|"
    r"\bhufu_[a-z0-9]{8}_[A-Za-z0-9_-]{43}\b|PRIVATE\+KEY\+\S+\+[0-9a-f]{8}\+|\bxox[abp]-[0-9A-Za-z-]{10,}|"
    r"(?i:(?:password|secret|api_key|token)\s*=\s*[\"'][A-Za-z0-9+/_-]{24,}[\"'])")
SPOKEN = (".py", ".md", ".toml", ".yaml", ".yml", ".csv", ".html", ".js", ".json", ".typ", "")
HASHES = {"sha256", "sha512"}
# What may be taken from `cryptography`, and where.
CIPHERS = {
    "cryptography.exceptions.InvalidSignature": None,
    "cryptography.exceptions.InvalidTag": None,
    "cryptography.hazmat.primitives.ciphers.aead.AESGCM": {"app/engines/field_box.py"},
    "cryptography.hazmat.primitives.asymmetric.ed25519.Ed25519PrivateKey": None,
    "cryptography.hazmat.primitives.asymmetric.ed25519.Ed25519PublicKey": None,
    "cryptography.hazmat.primitives.serialization": None,
}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(tree: ast.AST) -> set[str]:
    """Every dotted name a file imports."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_K01_the_law_on_pasted_secrets_can_fail():
    assert SECRETS.search('token = "' + "aB3" * 10 + '"')
    assert SECRETS.search("-----BEGIN PRIV" "ATE KEY-----")


def test_K01_no_file_of_the_project_holds_a_secret():
    found = [name(path) for path in tracked() if path.suffix in SPOKEN
             and "tests" not in path.relative_to(ROOT).parts and "vendor" not in path.parts
             and SECRETS.search(path.read_text("utf-8", errors="replace"))]
    assert not found


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_K04_only_listed_ciphers_are_imported_and_only_sha_2_is_hashed_with(path):
    for taken in imported(PARSED[path]):
        if taken.startswith("cryptography."):
            assert taken in CIPHERS, taken
            assert CIPHERS[taken] is None or name(path) in CIPHERS[taken], taken
        assert taken.split(".")[0] not in ("Crypto", "nacl", "OpenSSL", "gmssl", "rsa", "ecdsa")
    used = {node.attr for node in ast.walk(PARSED[path]) if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name) and node.value.id == "hashlib"}
    assert used <= HASHES


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_I04_nothing_is_imported_by_a_name_from_data(path):
    """`import_module` takes modules of the folder it reads, and nothing compiles or unpickles."""
    calls = [node for node in ast.walk(PARSED[path]) if isinstance(node, ast.Call)]
    for call in calls:
        assert getattr(call.func, "id", "") not in {"eval", "exec", "__import__"}, call.lineno
        called = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if called == "import_module":
            (wanted,) = call.args
            assert isinstance(wanted, (ast.JoinedStr, ast.Constant)), call.lineno
            first = wanted.values[0] if isinstance(wanted, ast.JoinedStr) else wanted
            assert first.value.startswith(("app.", "audit.")), call.lineno
    assert not {taken for taken in imported(PARSED[path]) if taken.split(".")[0] in (
        "pickle", "marshal", "shelve", "dill")}


def test_K07_the_key_of_subjects_is_known_to_no_code_that_stores():
    """The database's floor never sees it: what is stored is the hash."""
    users = {name(path) for path in SOURCES if "subject_key" in path.read_text("utf-8")}
    # Packs derive a key of their own from it, so that no two packs share pseudonyms.
    assert users == {"app/runtime.py", "app/settings.py", "app/queries/pack_input.py"}


def test_Z04_every_body_and_filter_refuses_members_it_does_not_name():
    models = [command.body for command in commands().values()]
    models += [query.filters for query in queries().values() if query.filters]
    left, seen = [*models, *Body.__subclasses__(), *Filters.__subclasses__()], set()
    while left:
        model = left.pop()
        if model in seen:
            continue
        seen.add(model)
        assert model.model_config.get("extra") == "forbid", model
        left += model.__subclasses__()
    assert len(seen) > 60


def test_Z04_no_row_reaches_an_answer():
    """What queries answer is made of their own dataclasses; no table is among their types."""
    import typing

    def types_in(hint, seen: set) -> set:
        if hint in seen or not isinstance(hint, (type, typing._GenericAlias)) and not getattr(
                hint, "__args__", None):
            return seen
        seen.add(hint)
        for part in getattr(hint, "__args__", ()):
            types_in(part, seen)
        for field in getattr(hint, "__dataclass_fields__", {}).values():
            types_in(field.type, seen)
        return seen

    for (noun, _), query in queries().items():
        rows = [held for held in types_in(query.answer, set())
                if isinstance(held, type) and issubclass(held, Registered)]
        assert not rows, (noun, rows)


def test_W01_no_view_that_is_only_read_is_a_command(tmp_path):
    """Views under GET name reading actions; what they leave behind is counted over HTTP."""
    app = create_app(runtime.build(load({}, data_dir=tmp_path)))
    reads = {action_of(app, rule.endpoint) for rule in app.url_map.iter_rules()
             if rule.methods <= {"GET", "HEAD", "OPTIONS"}}
    assert "department.read" in reads
    # The one address leads to the form of an application, filled in from a denial.
    assert {action for action in reads if tuple(action.split(".", 1)) in commands()} <= {
        "grant_case.create"}


def test_K09_no_code_leaves_a_certificate_or_a_name_unchecked():
    words = re.compile(r"verify\s*=\s*False|CERT_NONE|check_hostname\s*=\s*False|"
                       r"_create_unverified_context|TLSv1(_1)?(?![.\w])|PROTOCOL_SSL")
    assert words.search("httpx.get(url, verify=False)")
    assert not [name(path) for path in SOURCES if words.search(path.read_text("utf-8"))]
