"""`./hufu up`, `web`, `jobs`, `text`, `migrate`: starting the processes of a zone."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from app import runtime
from app.domain.refusals import Invalid
from app.engines import text_role
from app.settings import Settings, load
from app.store.migrate import is_current, upgrade


def register(words) -> None:
    """Add the words to the parser."""
    up = words.add_parser("up", help="set up the database and run web and jobs together")
    up.add_argument("--demo", action="store_true", help="load the demonstration zone")
    for word, told in (("web", "run one web process"), ("jobs", "run one jobs process"),
                       ("text", "run the text process of this machine"),
                       ("migrate", "bring the database to this version and found the zone")):
        child = words.add_parser(word, help=told)
        child.set_defaults(run={"web": web, "jobs": jobs, "text": text, "migrate": migrate}[word])
        _common(child)
        if word == "migrate":
            child.add_argument("--grant", default="", metavar="ROLE",
                               help="the PostgreSQL role web and jobs run as")
    _common(up)
    up.set_defaults(run=up_all)


def _common(parser) -> None:
    parser.add_argument("--port", type=int, help="port of the web process (8420)")
    parser.add_argument("--data", dest="data_dir", help="folder of database and keys (var)")


def settings_of(asked) -> Settings:
    """Settings from the environment and the words given."""
    return load(data_dir=asked.data_dir, port=getattr(asked, "port", None),
                demo=True if getattr(asked, "demo", False) else None)


def migrate(asked) -> int:
    """Bring the database to this version and found the zone in it."""
    settings = settings_of(asked)
    if asked.grant and settings.is_sqlite:
        raise Invalid("SQLite 没有角色，请去掉 --grant", "SQLite has no roles; leave out --grant")
    rt = prepare(settings, role=asked.grant)
    make_keys(rt)
    rt.close()
    print("数据库已就绪 / the database is ready")
    return 0


def make_keys(rt: runtime.Runtime) -> None:
    """The keys that every machine of the zone needs alike, so that they can be copied there."""
    from app.engines.field_box import open_box
    from app.web.identity import cookie_key

    open_box(rt.settings.data_dir, rt.token)
    cookie_key(rt)


def prepare(settings: Settings, *, found: bool = True, role: str = "") -> runtime.Runtime:
    """The Runtime of a database that is at this version and founded; the demonstration founds
    its zone itself, in the past."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    for each in upgrade(settings.database_url, settings.range_rows, role):
        print(f"应用角色 / role of the application: {each}")
    rt = runtime.build(settings)
    if found:
        runtime.found(rt)
    return rt


def opened(settings: Settings) -> runtime.Runtime:
    """The Runtime of a database that stands, whoever owns it; one that does not is prepared."""
    is_ready = not settings.is_sqlite and is_current(settings.database_url)
    return runtime.build(settings) if is_ready else prepare(settings)


def web(asked) -> int:
    """Run one web process until it is told to stop."""
    from app.web.serve import serve

    serve(settings_of(asked))
    return 0


def jobs(asked) -> int:
    """Run one jobs process until it is told to stop."""
    from app.jobs.__main__ import main

    return main(settings_of(asked))


def text(asked) -> int:
    """Run the text process of this machine until it is told to stop."""
    from app.text.serve import serve

    serve(settings_of(asked))
    return 0


@dataclass
class Child:
    """A process that is started again when it ends unasked. With `wanted` it starts when that file
    appears."""

    word: str
    env: dict
    wanted: Path | None = None
    process: subprocess.Popen | None = None
    started: float = 0.0

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen([sys.executable, "-m", "app.cli", self.word], env=self.env)

    def open(self) -> None:
        """Start at once, or wait to be wanted."""
        if self.wanted:
            self.wanted.unlink(missing_ok=True)
        else:
            self.start()

    def keep(self) -> None:
        """Start when wanted, and start again, at most once every two seconds."""
        if self.wanted and self.wanted.exists():
            self.wanted.unlink(missing_ok=True)
            if not self.process:
                self.start()
        if self.process and self.process.poll() is not None and \
                time.monotonic() - self.started > 2:
            print(f"{self.word} ended with {self.process.returncode}; starting it again",
                  file=sys.stderr, flush=True)
            self.start()


def up_all(asked) -> int:
    """Set up, then run web and jobs together until interrupted."""
    settings = settings_of(asked)
    rt = prepare(settings, found=not asked.demo)
    welcome = _welcome(rt, asked.demo)
    rt.close()
    env = {**os.environ, "HUFU_DATA": str(settings.data_dir), "HUFU_PORT": str(settings.port),
           "HUFU_DATABASE_URL": settings.database_url, "HUFU_DEMO": "1" if settings.demo else ""}
    # The signing key is told to jobs alone; web refuses to start where it is told.
    open_env = {key: value for key, value in env.items() if key != "HUFU_SIGNING_KEY_FILE"}
    children = [Child("web", open_env),
                Child("jobs", {**env, "HUFU_SIGNING_KEY_FILE": str(settings.signing_key_file)}),
                Child("text", open_env, wanted=text_role.wanted_path(settings))]
    stopping: list[int] = []
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda number, _frame: stopping.append(number))
    for child in children:
        child.open()
    print(f"\n  虎符 Hufu  http://localhost:{settings.port}\n{welcome}", flush=True)
    while not stopping:
        time.sleep(0.2)
        for child in children:
            child.keep()
    started = [child for child in children if child.process]
    for child in started:
        child.process.terminate()
    for child in started:
        try:
            child.process.wait(15)
        except subprocess.TimeoutExpired:
            child.process.kill()
    return 0


def _welcome(rt, demo: bool) -> str:
    """What the newcomer does next: personas in a demo, the first administrator elsewhere."""
    if demo:
        from app.demo import load_zone

        load_zone(rt)
        return f"  演示人员 / personas:  http://localhost:{rt.settings.port}/personas\n"
    from app.commands import first_administrators

    if first_administrators.has_accounts(rt):
        return ""
    return ("  首次使用，请尽快打开以下一次性链接，设置首批管理员 / "
            f"first use, open this one-time link:\n  {first_administrators.first_link(rt)}\n")
