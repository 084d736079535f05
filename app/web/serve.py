"""Serving the application by uvicorn: one process a worker, decisions on its event loop."""

import ctypes
import logging
import multiprocessing
import os
import signal
import sys
import time

from uvicorn import Config
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from app import logs, runtime
from app.settings import Settings, Unsafe, load

ENDS_WITHIN_S = 10  # whoever has not answered by then is ended without
STARTS_WITHIN_S, FAILURES = 30, 4  # how soon after its start, and how often one after another
PR_SET_PDEATHSIG = 1
# The ledger holds the head of the trail while it talks with the database, and after each answer it
# waits until the loop lets go of the interpreter: by default up to 5 ms, while every other process
# that seals waits behind it.
TURN_S = 0.0005
# Memory of long bodies and answers stays with the process for the next ones: taken anew from the
# system page by page it costs a decision of a batch more than a microsecond. Bytes.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
KEPT, APART = 64 << 20, 16 << 20
log = logging.getLogger("hufu.serve")


def build():
    """The application of this process, from the environment."""
    die_with_parent()
    refuse_signing_key()
    logs.configure()
    settle()
    from app.web import create_app
    from app.web.ending import Ending
    from app.web.front import Front
    from app.web.lane import mount
    from app.web.pulse import Pulse

    rt = runtime.build(load())
    app = mount(create_app(rt), rt)
    gate = app.extensions["gate"]
    pulse = Pulse(rt, gate).start()

    def close() -> None:
        pulse.close()
        gate.close()
        rt.close()

    return Ending(Front(app), close)


def settle() -> None:
    """Set the interpreter and, where the C library is GNU's, its memory up for the lane."""
    sys.setswitchinterval(TURN_S)
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(M_TRIM_THRESHOLD, KEPT)
        library.mallopt(M_MMAP_THRESHOLD, APART)


def refuse_signing_key() -> None:
    """Web must never be told where the signing key lies.

    Raises:
        Unsafe
    Source: GB/T 22239-2019 8.1.10.9.a; OWASP ASVS 5.0 13.3.2.
    """
    if os.environ.get("HUFU_SIGNING_KEY_FILE"):
        raise Unsafe(["`HUFU_SIGNING_KEY_FILE` is for the jobs process alone; unset it for web"])


def serve(settings: Settings) -> None:
    """Run until told to stop. SQLite takes one worker (several writers starve each other)."""
    refuse_signing_key()
    logs.configure()
    os.environ.update(HUFU_DATA=str(settings.data_dir), HUFU_PORT=str(settings.port),
                      HUFU_DATABASE_URL=settings.database_url,
                      HUFU_DEMO="1" if settings.demo else "")
    workers = 1 if settings.is_sqlite else int(os.environ.get("HUFU_WORKERS", os.cpu_count() or 1))
    run("app.web.serve:build", settings, workers)


def run(built: str, settings: Settings, workers: int = 1) -> None:
    """Serve what this factory builds, in so many processes that share one socket; one that died is
    started again."""
    config = Config(built, factory=True, host=settings.host, port=settings.port, workers=workers,
                    http="app.web.connections:Connection", ws="none", interface="asgi3",
                    lifespan="on", log_config=None, log_level="info", access_log=False,
                    proxy_headers=False, server_header=False, backlog=1024,
                    timeout_graceful_shutdown=ENDS_WITHIN_S)
    workers_of_one_socket = Workers(config, [config.bind_socket()])
    workers_of_one_socket.run()
    if workers_of_one_socket.failed >= FAILURES:
        raise SystemExit(1)


def die_with_parent() -> None:
    """End at once when the process that started this one is gone: nobody could end this one any
    more, and it would hold the socket. Where the system knows no such bond, its watch has to."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    parent = multiprocessing.parent_process()
    if parent and not parent.is_alive():  # it went before the bond was made
        os._exit(1)


class Workers(Multiprocess):
    """The processes that serve together."""

    failed = 0  # processes that ended with an error, one soon after another

    def keep_subprocess_alive(self) -> None:
        """Start again what died, unless one after another cannot be started. Nobody is asked for a
        sign of life: a process that was frozen for a while goes on, and one that dies while it is
        asked would be waited for."""
        for at, one in enumerate(self.processes):
            if self.should_exit.is_set() or one.process.is_alive():
                continue
            one.join()
            is_at_start = time.monotonic() < self._started + STARTS_WITHIN_S
            self.failed = self.failed + 1 if one.exitcode > 0 and is_at_start else 0
            if self.failed >= FAILURES:
                log.error("web processes end as soon as they are started; nothing is served")
                self.should_exit.set()
                return
            log.error("web process %s died (%s); another is started", one.pid, one.exitcode)
            self.processes[at] = Process(self.config, self.sockets)
            self.processes[at].start()
            self._started = time.monotonic()

    def init_processes(self) -> None:
        self._started = time.monotonic()
        super().init_processes()

    def terminate_all(self) -> None:
        """End them all; the socket that they were started with must not outlive theirs, or callers
        would find an open door and nobody behind it."""
        for each in self.sockets:
            each.close()
        super().terminate_all()
