"""Calls at a fixed rate over kept connections, whatever the answers take; one thread, one process.

    python -m tests.bench.open_loop < plan.json

A call that is due is late from then on, whether or not a connection was free for it, so a slow
server is not asked less. Every call leaves one record of `RECORD` in the file of the plan.
"""

import json
import select
import signal
import socket
import struct
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

RECORD = struct.Struct("<dddHB16s")  # due, sent, answered, call, what came, id of the decision
NO_ID, WAIT_S, MOST_LINES, READ = bytes(16), 10.0, 768, 65536
SHORT = (b'"SYS.UNAVAILABLE"', b'"SYS.TIMEOUT"')


class Came(IntEnum):
    """What came back. REFUSED is a refusal for lack of capacity, by status or by reason."""

    PERMIT = 1
    DENIAL = 2
    REFUSED = 3
    STALE = 4
    OTHER = 5
    BROKEN = 6
    UNCONNECTED = 7


@dataclass(slots=True)
class Line:
    """One connection and the call it carries."""

    socket: socket.socket
    port: int
    open: bool = False
    due: float = 0.0
    sent: float = 0.0
    call: int = -1
    heard: bytes = b""


@dataclass
class Loop:
    """The calls of a plan: bodies, the order they are asked in, the ports they go to by turns."""

    calls: list[bytes]
    steady: int
    ports: list[int]
    rate: float
    seconds: float
    out: Path
    idle: dict[int, list[Line]] = field(default_factory=dict)
    lines: dict[int, Line] = field(default_factory=dict)
    waiting: deque = field(default_factory=deque)
    asked: int = 0
    told: bool = False

    def run(self) -> None:
        """Ask until the plan ends or the process is told to end, then hear what is still out."""
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "told", True))
        self.idle = {port: [] for port in self.ports}
        self.poll = select.epoll()
        with self.out.open("wb", buffering=1 << 20) as self.file:
            began = looked = time.monotonic()
            while not self.told and (now := time.monotonic()) < began + self.seconds:
                for _ in range(int((now - began) * self.rate) - self.asked):
                    self.ask(began + self.asked / self.rate)
                self.hear(0.001)
                if now > looked + 1:
                    looked = now
                    self.give_up(now - WAIT_S)
            ends = time.monotonic() + WAIT_S
            while time.monotonic() < ends and (self.waiting or any(
                    line.call >= 0 for line in self.lines.values())):
                self.hear(0.01)
            self.give_up(float("inf"))

    def ask(self, due: float) -> None:
        """Every other call is one of the first `steady`; the rest take turns."""
        turn, odd = divmod(self.asked, 2)
        rest = len(self.calls) - self.steady
        call = self.steady + turn % rest if odd and rest else turn % self.steady
        self.asked += 1
        self.waiting.append((due, call, self.ports[self.asked % len(self.ports)]))
        self.serve()

    def serve(self) -> None:
        """Give waiting calls to free connections, or to new ones while there may be more."""
        while self.waiting:
            due, call, port = self.waiting[0]
            if self.idle[port]:
                line = self.idle[port].pop()
            elif len(self.lines) < MOST_LINES:
                line = self.connect(port)
            else:
                return
            self.waiting.popleft()
            line.due, line.call, line.sent = due, call, time.monotonic()
            if line.open:
                self.send(line)

    def connect(self, port: int) -> Line:
        line = Line(socket.socket(), port)
        line.socket.setblocking(False)
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.socket.connect_ex(("127.0.0.1", port))
        self.lines[line.socket.fileno()] = line
        self.poll.register(line.socket, select.EPOLLOUT)
        return line

    def send(self, line: Line) -> None:
        line.heard, body = b"", self.calls[line.call]
        try:
            if line.socket.send(body) != len(body):
                raise OSError("a call was taken in part")
        except OSError:
            self.drop(line, Came.BROKEN)

    def hear(self, seconds: float) -> None:
        for number, event in self.poll.poll(seconds):
            line = self.lines.get(number)
            if line is None:
                continue
            if line.open:
                self.receive(line)
            elif event & (select.EPOLLERR | select.EPOLLHUP):
                self.drop(line, Came.UNCONNECTED)
            else:
                line.open = True
                self.poll.modify(line.socket, select.EPOLLIN)
                line.sent = time.monotonic()
                self.send(line)
        self.serve()

    def receive(self, line: Line) -> None:
        try:
            block = line.socket.recv(READ)
        except OSError:
            block = b""
        if not block:
            self.drop(line, Came.BROKEN)
            return
        line.heard += block
        head, found, body = line.heard.partition(b"\r\n\r\n")
        if not found or len(body) < length_of(head):
            return
        self.record(line, *understood(head, body))
        if b"connection: close" in head.lower():
            self.drop(line, Came.BROKEN)
        else:
            self.idle[line.port].append(line)

    def record(self, line: Line, came: Came, key: bytes = NO_ID) -> None:
        self.file.write(RECORD.pack(line.due, line.sent, time.monotonic(), line.call, came, key))
        line.call = -1

    def drop(self, line: Line, came: Came) -> None:
        """A connection that ended; the call it carried is recorded as such."""
        del self.lines[line.socket.fileno()]
        line.socket.close()
        if line in self.idle[line.port]:
            self.idle[line.port].remove(line)
        if line.call >= 0:
            self.record(line, came)

    def give_up(self, before: float) -> None:
        for line in [each for each in self.lines.values() if each.call >= 0 and each.sent < before]:
            self.drop(line, Came.BROKEN)


def length_of(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    return int(head[at + 15:].split(b"\r", 1)[0]) if at >= 0 else 0


def understood(head: bytes, body: bytes) -> tuple[Came, bytes]:
    """What an answer says, and the decision's id."""
    if not head.startswith(b"HTTP/1.1 200"):
        return Came.REFUSED if head[9:12] == b"503" else Came.OTHER, NO_ID
    at = body.find(b'"decision_id":"dec_')
    key = bytes.fromhex(body[at + 19:at + 51].decode()) if at >= 0 else NO_ID
    if b'"decision":true' in body:
        return Came.PERMIT, key
    if any(code in body for code in SHORT):
        return Came.REFUSED, key
    return Came.STALE if b'"SYS.STALE"' in body else Came.DENIAL, key


def spoken(secret: str, body: bytes) -> bytes:
    """A call as it goes over the wire."""
    return (f"POST /access/v1/evaluation HTTP/1.1\r\nHost: localhost\r\n"
            f"Content-Type: application/json\r\nAuthorization: Bearer {secret}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


def main() -> None:
    plan = json.load(sys.stdin)
    calls = [spoken(secret, body.encode()) for secret, body in plan["calls"]]
    Loop(calls, plan["steady"], plan["ports"], plan["rate"], plan["seconds"],
         Path(plan["out"])).run()


if __name__ == "__main__":
    main()
