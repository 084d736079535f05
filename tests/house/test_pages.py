"""Laws of the templates: nothing inline, nothing unescaped, every POST form carries its token."""

import re
from pathlib import Path

import pytest

from app.web import look

WEB = Path(look.__file__).parent
TEMPLATES = sorted((WEB / "pages" / "templates").rglob("*.html"))
SCRIPTS = sorted((WEB / "static" / "js").glob("*.js"))
SHEETS = sorted((WEB / "static" / "css").glob("*.css"))
FORBIDDEN = {
    "an inline style": r"\sstyle\s*=",
    "an inline handler": r"\son[a-z]+\s*=",
    "unescaped output": r"\|\s*safe\b|autoescape\s+false|\bMarkup\b",
    "an evaluated htmx attribute": r"hx-on|hx-(vals|headers)\s*=\s*['\"]js:|javascript:",
    "a foreign address": r"(src|href|action)\s*=\s*[\"'](https?:)?//",
}


def name(path: Path) -> str:
    return path.relative_to(WEB).as_posix()


def bare(path: Path) -> str:
    """The template without its comments."""
    return re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.S)


@pytest.mark.parametrize("law", FORBIDDEN)
@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_templates_hold_nothing_inline_and_nothing_unescaped(path, law):
    assert not re.findall(FORBIDDEN[law], bare(path), flags=re.I), law


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_scripts_and_styles_carry_the_nonce_and_no_body(path):
    for tag, body in re.findall(
        r"<script([^>]*(?:\{\{.*?\}\}[^>]*)*)>(.*?)</script>", bare(path), re.S
    ):
        assert "nonce()" in tag and "src=" in tag and not body.strip()
    assert "<style" not in bare(path)


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_every_post_form_carries_the_token(path):
    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", bare(path), flags=re.S | re.I)
    assert all("csrf()" in form for form in forms)


def test_only_our_own_icon_files_are_marked_safe():
    users = [name(path) for path in WEB.rglob("*.py") if "Markup" in path.read_text("utf-8")]
    assert users == ["look.py"]


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_scripts_build_no_html_from_strings(path):
    text = path.read_text("utf-8")
    assert not re.findall(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", text
    )


@pytest.mark.parametrize("path", [*TEMPLATES, *SCRIPTS, *SHEETS], ids=name)
def test_files_stay_small(path):
    assert len(path.read_text("utf-8").splitlines()) <= 300


def test_every_named_icon_exists_and_every_icon_is_used_or_offered():
    known = {path.stem for path in (WEB / "static" / "icons").glob("*.svg")}
    named = {
        icon for path in TEMPLATES for icon in re.findall(r"\bicon\(\"([a-z-]+)\"", bare(path))
    }
    assert named <= known


def test_vendored_files_have_their_licence_beside_them():
    for folder, stem in (("vendor", "htmx"), ("vendor", "echarts")):
        assert list((WEB / "static" / folder).glob(f"{stem}*LICENSE*"))
    assert (WEB / "static" / "icons" / "LICENSE.txt").exists()
    assert (WEB.parent / "engines" / "fonts" / "OFL.txt").exists()
