"""The text process: one worker behind a socket that only its own account may open."""

import os
import stat
import threading
import time

import structlog

from app import logs
from app.engines import text_role
from app.engines.key_files import kept
from app.settings import Settings, Unsafe, load

log = structlog.get_logger("hufu.text")
OVERDUE = 70  # exit code of a worker that hangs in a text; another takes its place
STOP_S = 8  # a worker still loading does not hear that it shall end
THREADS = 16  # those beyond the ones that read wait for their turn


def build():
    """The WSGI application of this process, from the environment, with everything loaded."""
    from app.text.answers import Application
    from app.text.reading import warm
    from kit.hufu_mask import Key

    logs.configure()
    settings = load()
    warm()
    secret = kept(settings.data_dir / "keys" / "tokenize.key", os.urandom(32).hex())
    found = Application(text_role.token(settings), Key("t1", bytes.fromhex(secret)))
    threading.Thread(target=watch, args=(found.seats.overdue,), daemon=True).start()
    return found


def watch(is_overdue, leave=os._exit, every_s: float = 1.0) -> None:
    """End the worker when a text takes longer than any bounded one can: a thread cannot be."""
    while not is_overdue():
        time.sleep(every_s)
    log.error("a text took too long; the worker ends and another takes its place")
    leave(OVERDUE)


def free_socket(settings: Settings) -> None:
    """Remove a socket nobody listens at any more.

    Raises:
        Unsafe: its path is too long, somebody listens, or something else lies there.
    """
    path = text_role.socket_path(settings)
    if len(os.fsencode(path)) > text_role.LONGEST_PATH:
        raise Unsafe([f"`{path}` is too long for a socket; put `HUFU_DATA` in a shorter folder"])
    if text_role.listens(settings):
        raise Unsafe(["a text process already runs for this data folder"])
    if path.exists():
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise Unsafe([f"`{path}` is not a socket; move it away"])
        path.unlink()


def serve(settings: Settings) -> None:
    """Run until told to stop."""
    from granian import Granian
    from granian.constants import Interfaces

    logs.configure()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    free_socket(settings)
    path = text_role.socket_path(settings)
    os.environ.update(HUFU_DATA=str(settings.data_dir))
    try:
        Granian("app.text.serve:build", uds=path, uds_permissions=0o600, factory=True,
                interface=Interfaces.WSGI, workers=1, blocking_threads=THREADS, backlog=128,
                log_enabled=True, log_access=False, log_dictconfig=logs.SERVER_LOGS,
                respawn_failed_workers=True, workers_kill_timeout=STOP_S).serve()
    finally:
        path.unlink(missing_ok=True)
