"""How browser tests see the pages: a real Chromium that knows only our own fonts."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "tests" / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """The browser to use: HUFU_CHROMIUM, else the one on the path, else none."""
    return os.environ.get("HUFU_CHROMIUM") or shutil.which("chromium") or shutil.which("chrome")


def fonts_conf(folder: str | Path) -> str:
    """A font configuration whose only fonts are ours, so that pictures are the same everywhere."""
    folder = Path(folder)
    conf = folder / "fonts.conf"
    conf.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{ROOT / 'app' / 'engines' / 'fonts'}</dir><cachedir>{folder / 'cache'}</cachedir>"
        "</fontconfig>",
        "utf-8",
    )
    return str(conf)


@contextmanager
def open_browser(folder: str | Path):
    """A running Chromium; it ends with the block."""
    from playwright.sync_api import sync_playwright

    env = {**os.environ, "FONTCONFIG_FILE": fonts_conf(folder)}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=FLAGS, env=env)
        try:
            yield browser
        finally:
            browser.close()


def complaints(page) -> list[str]:
    """What axe finds on the page, one line each: rule, element, words."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [
        f"{rule['id']}: {' '.join(node['target'][0:1])} {node['failureSummary'][:300]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def watch(page) -> list[str]:
    """A list that grows with every console error and uncaught error of the page."""
    seen: list[str] = []
    page.on("console", lambda line: seen.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: seen.append(str(error)))
    return seen
