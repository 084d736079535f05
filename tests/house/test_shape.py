"""The laws of the house, read off its own files and tables."""

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from app.commands.command import commands
from app.engines import staff
from app.queries.query import queries
from app.web.noun_pages import noun_pages
from app.web.vocabularies import lifecycles

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for folder in ("app", "audit")
                 for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts)
RULES = staff.load()


def tracked() -> list[Path]:
    """The project's own files; without git, all that lies here but what is made on the spot."""
    if shutil.which("git") and (ROOT / ".git").exists():
        names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True,
                               check=True).stdout.splitlines()
        return [ROOT / name for name in names if (ROOT / name).is_file()]
    made = {".venv", ".git", "var", "__pycache__", ".hypothesis", ".ruff_cache", ".mypy_cache"}
    return [path for path in ROOT.rglob("*")
            if path.is_file() and not made & set(path.relative_to(ROOT).parts)]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_holds_one_noun_and_stays_short(path):
    if path.name == "verify.py":
        return  # the auditor carries it as one file, by ruling
    assert len(path.read_text("utf-8").splitlines()) <= 320


def test_a_state_changes_behind_one_door():
    """`.state =` on registered rows is written by `advance` alone; endorsements are its own."""
    allowed = {"app/commands/advance.py"}
    offenders = []
    for path in SOURCES:
        name = str(path.relative_to(ROOT))
        if name in allowed or not name.startswith(("app/commands", "app/store", "app/jobs")):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            targets = node.targets if isinstance(node, ast.Assign) else []
            offenders += [f"{name}:{node.lineno}" for target in targets
                          if isinstance(target, ast.Attribute) and target.attr == "state"]
    assert not offenders


@pytest.mark.parametrize("words", ["eval(", "exec(", "pickle.", "marshal.", "yaml.load(",
                                   "shell=True", "__import__("])
def test_I04_nothing_turns_data_into_code(words):
    offenders = [str(path.relative_to(ROOT)) for path in SOURCES
                 for line in path.read_text("utf-8").splitlines()
                 if re.search(rf"(?<![\w.]){re.escape(words)}", line)]
    assert not offenders


def test_K03_chance_comes_from_secrets_in_the_runtime_alone():
    for path in SOURCES:
        names = {alias.name for node in ast.walk(ast.parse(path.read_text("utf-8")))
                 if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module for node in ast.walk(ast.parse(path.read_text("utf-8")))
                  if isinstance(node, ast.ImportFrom)}
        assert "random" not in names, path
        if path.name != "runtime.py":
            assert not names & {"secrets", "uuid"}, path


def test_I03_no_sql_is_put_together_from_text():
    pattern = re.compile(r"""(execute|exec_driver_sql|text)\(\s*f["']|"""
                         r"""\.format\(.*SELECT|%\s*\(.*SELECT""")
    # Names of tables, ranges and guards from literal lists; a role's name is quoted.
    allowed = {f"app/store/{name}.py" for name in (
        "db", "guards", "months", "privileges", "ranges")}
    offenders = [str(path.relative_to(ROOT)) for path in SOURCES
                 if str(path.relative_to(ROOT)) not in allowed
                 and "sqlalchemy" in (source := path.read_text("utf-8"))
                 and pattern.search(source)]
    assert not offenders


def test_Z09_trail_rows_are_never_changed_or_removed_by_the_application():
    words = re.compile(r"(update|delete)\((TrailEntry|Transition|ObjectVersion)\b")
    assert not [path for path in SOURCES if words.search(path.read_text("utf-8"))]


def test_every_command_has_a_line_in_the_staff_rules():
    missing = [f"{noun}.{action}" for noun, action in commands()
               if not RULES._any.get((noun, action))]
    assert not missing


def test_every_query_has_a_reader():
    # The desk shows tasks and search shows objects; each asks for the noun it shows.
    shown = {"desk": "task", "hit": "grant"}
    assert not [noun for noun, _ in queries()
                if not RULES.roles_for(shown.get(noun, noun), "read")]


def test_every_line_of_the_staff_rules_is_about_something():
    """A line nobody can use is a mistake: its noun and action exist."""
    known = {(noun, action) for noun, action in commands()}
    known |= {(noun, move.action) for noun, lifecycle in lifecycles().items()
              for move in lifecycle.moves}
    known |= {("text", "analyze"), ("text", "mask")}  # what the text process is asked
    known |= {("process", "prove")}  # what every process that decides is asked
    dead = {f"{line.role}, {line.noun}, {line.action}" for line in RULES.lines
            if line.action not in ("read", "open") and (line.noun, line.action) not in known}
    assert not dead


@pytest.mark.parametrize("noun", sorted(lifecycles()))
def test_a_lifecycle_is_reachable_ends_and_can_be_walked_by_someone(noun):
    lifecycle = lifecycles()[noun]
    reached, frontier = {lifecycle.starts}, [lifecycle.starts]
    while frontier:
        state = frontier.pop()
        for move in lifecycle.moves_from(state):
            if move.target not in reached:
                reached.add(move.target)
                frontier.append(move.target)
    extra = {move.target for move in lifecycle.moves} | set(lifecycle.ends)
    assert extra <= reached | set(lifecycle.ends)
    for state in lifecycle.states:
        if state in reached and state not in lifecycle.ends:
            assert lifecycle.moves_from(state), f"{noun} is stuck in {state}"
    for move in lifecycle.moves:
        for seat in move.seats():
            assert RULES.roles_for(noun, move.action, seat), f"nobody may {noun}.{move.action}"


@pytest.mark.parametrize("noun", sorted(lifecycles()))
def test_states_moves_and_guards_are_worded_in_both_languages(noun):
    lifecycle = lifecycles()[noun]
    for thing in (*lifecycle.states, *lifecycle.moves,
                  *(guard for move in lifecycle.moves for guard in move.guards)):
        assert thing.zh and thing.en and thing.zh != thing.en


@pytest.mark.parametrize("noun", sorted(noun_pages()))
def test_a_page_shows_members_its_query_has(noun):
    """Columns name members of the list's lines, facts and tables those of the sheet."""
    import dataclasses
    import typing

    page = noun_pages()[noun]
    if (noun, False) in queries():
        line = typing.get_args(queries()[noun, False].answer)[0]
        members = {field.name for field in dataclasses.fields(line)}
        for column in page.columns:
            assert column.key.split(".")[0] in members, column.key
    if (noun, True) in queries():
        members = {field.name for field in dataclasses.fields(queries()[noun, True].answer)}
        for key in [column.key for column in page.facts] + [table.key for table in page.tables]:
            assert key.split(".")[0] in members, key


def test_the_project_names_no_machine_and_no_registry():
    words = re.compile(r"(^|[^A-Za-z0-9_.])/(work|farm|root|tmp/bash_jobs)/|pypi\.org|"
                       r"files\.pythonhosted|registry\.npmjs|deb\.debian\.org")
    offenders = []
    for path in tracked():
        if path.suffix in (".py", ".md", ".toml", ".yaml", ".yml", ".csv", ".html", ".css", ".js",
                           ".sh", ".typ", ".lock", ".json", "") and "vendor" not in path.parts \
                and path.name != "test_shape.py":
            text = path.read_text("utf-8", errors="replace")
            offenders += [str(path.relative_to(ROOT))] if words.search(text) else []
    assert not offenders


def test_D01_every_lock_carries_hashes_and_no_address():
    for path in (ROOT / "requirements").glob("*.lock"):
        text = path.read_text("utf-8")
        assert "://" not in text
        for block in re.split(r"\n(?=\S)", text.strip()):
            assert "--hash=sha256:" in block, block[:60]


def test_D04_the_static_scan_is_part_of_every_run_and_its_rules_are_ours():
    from app.cli.test import CHECKS

    assert [name for name, _ in CHECKS] == ["ruff", "import floors", "bandit", "mypy"]
    settings = (ROOT / "pyproject.toml").read_text("utf-8")
    assert "[tool.bandit]" in settings and "banned-api" in settings and "://" not in settings


def test_what_is_measured_on_is_what_operators_are_asked_for():
    from tests.postgres import OF_A_LEDGER

    asked = (ROOT / "docs" / "operator.md").read_text("utf-8")
    for name, value in OF_A_LEDGER.items():
        assert f"| `{name}` | `{value}` |" in asked, name
