"""Callers that ask a zone without pause, and what they were answered."""

import http.client
import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.decision_zone import body
from tests.journeys.test_stop_in_time import _now


@dataclass
class Answers:
    """Decisions by instant of asking and of answer; calls that ended without one, by reason.
    `refused` connects took nothing in; `unheard` calls were sent and got not one byte back."""

    decisions: list[tuple[float, float, str, bool]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    refused: int = 0
    unheard: int = 0
    broken: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def permits(self) -> list[str]:
        return [key for _, _, key, permits in self.decisions if permits]

    def last_permit(self) -> float:
        """When the last call that was permitted was asked."""
        return max((asked for asked, _, _, permits in self.decisions if permits), default=0.0)


def question(chain) -> bytes:
    return json.dumps(body(
        app=chain.app.number, product=chain.product.number, grant=chain.grant.number,
        institution=chain.institution.number, region="110000", business_ref="LN1",
        lookback_from=_now().date().replace(day=1).isoformat(),
        data_subject={"kind": "ENTERPRISE", "id": "91110000"})).encode()


@contextmanager
def asking(port: int, chain, callers: int = 4, keep: bool = True):
    """Callers ask until the block ends; each keeps its connection where it may."""
    answers, ended, told = Answers(), threading.Event(), question(chain)
    threads = [threading.Thread(target=_ask, args=(port, chain.secret, told, keep, answers, ended))
               for _ in range(callers)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        ended.set()
        for thread in threads:
            thread.join(30)


def _ask(port: int, secret: str, told: bytes, keep: bool, answers: Answers,
         ended: threading.Event) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {secret}",
               "Host": "localhost", **({} if keep else {"Connection": "close"})}
    line = None
    while not ended.is_set():
        try:
            if line is None:
                line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                line.connect()
        except OSError:
            line = None
            with answers.lock:
                answers.refused += 1
            ended.wait(0.01)
            continue
        line = _one(line, told, headers, answers)


def _one(line, told: bytes, headers: dict[str, str], answers: Answers):
    """One call; the connection for the next, None where it was closed."""
    asked = time.monotonic()
    try:
        line.request("POST", "/access/v1/evaluation", told, headers)
        answer = line.getresponse()
        text = answer.read()
    except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
        line.close()
        with answers.lock:
            answers.unheard += 1
        return None
    except (OSError, http.client.HTTPException) as error:
        line.close()
        with answers.lock:
            answers.broken.append(repr(error))
        return None
    with answers.lock:
        answers.statuses.append(answer.status)
        if answer.status == 200:
            said = json.loads(text)
            answers.decisions.append((asked, time.monotonic(), said["context"]["decision_id"],
                                      said["decision"]))
    if answer.will_close:
        line.close()
        return None
    return line
