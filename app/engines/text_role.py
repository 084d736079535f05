"""The text process as its neighbours see it: where it listens, its token, and one question to it.

Both ends are processes of one machine and one account: the socket lies in the data folder, only
its owner may open it, and it still asks for the token.
"""

import http.client
import json
import os
import socket
import time
from pathlib import Path
from typing import Any

from app.domain.texts import LONGEST
from app.engines.key_files import kept
from app.settings import Settings

LONGEST_PATH = 100  # bytes; a socket's address is bounded by the system
BODY_LIMIT = 8 * LONGEST  # a text of which every character is escaped, and its orders
ANSWER_LIMIT = 8_000_000
ANSWER_S, START_S, NOTICED_S = 25.0, 12.0, 0.8


class Silent(Exception):
    """Nothing listens: the process is not running, or not yet."""


class Overdue(Exception):
    """It runs and does not answer in time."""


def socket_path(settings: Settings) -> Path:
    return settings.data_dir / "text.sock"


def wanted_path(settings: Settings) -> Path:
    """The file that asks `./hufu up` for the process; it is removed when that is noticed."""
    return settings.data_dir / "text.wanted"


def token(settings: Settings) -> str:
    """What the web shows at every question."""
    return kept(settings.data_dir / "keys" / "text.key", os.urandom(32).hex())


def ask(settings: Settings, path: str, body: dict) -> tuple[int, Any]:
    """The status and the JSON of an answer; a process that is not running is asked for first.

    Raises:
        Silent, Overdue
    """
    raw = json.dumps(body).encode("ascii")
    try:
        return _ask(settings, path, raw)
    except Silent:
        _call(settings)
    return _ask(settings, path, raw)


def listens(settings: Settings) -> bool:
    """Whether somebody takes calls at the socket."""
    try:
        _opened(settings, 1.0).close()
    except (Silent, Overdue):
        return False
    return True


def _opened(settings: Settings, patience: float) -> socket.socket:
    path = str(socket_path(settings))
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise Silent
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    found.settimeout(patience)
    try:
        found.connect(path)
    except TimeoutError as error:
        found.close()
        raise Overdue from error
    except OSError as error:
        found.close()
        raise Silent from error
    return found


def _ask(settings: Settings, path: str, raw: bytes) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("localhost", timeout=ANSWER_S)
    connection.sock = _opened(settings, ANSWER_S)
    try:
        connection.request("POST", path, raw, {
            "Content-Type": "application/json", "Authorization": f"Bearer {token(settings)}"})
        answer = connection.getresponse()
        text = answer.read(ANSWER_LIMIT)
        return answer.status, json.loads(text)
    except TimeoutError as error:
        raise Overdue from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Silent from error
    finally:
        connection.close()


def _call(settings: Settings) -> None:
    """Ask for the process and wait until it listens, as long as somebody seems to start it.

    Raises:
        Silent
    """
    asked, began = wanted_path(settings), time.monotonic()
    try:
        asked.touch(0o600)
    except OSError as error:  # there is no such folder, or it is not ours
        raise Silent from error
    while time.monotonic() - began < START_S:
        time.sleep(0.1)
        if listens(settings):
            return
        starts = not asked.exists() or socket_path(settings).exists()
        if not starts and time.monotonic() - began > NOTICED_S:
            asked.unlink(missing_ok=True)
            break
    raise Silent
