"""Permits used again: never longer than told, and none from before a newer epoch."""

import json
import threading
import time
from typing import Any, Callable, Dict, Mapping, Optional, Tuple

from .answers import Answer


def key_of(question: Mapping[str, Any]) -> str:
    """The whole question less its trace id."""
    context = {name: value for name, value in (question.get("context") or {}).items()
               if name != "trace_id"}
    return json.dumps({**question, "context": context}, sort_keys=True)


class Cache:
    """Permits by question. The clock is this machine's own and only measures how long ago."""

    def __init__(self, most: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._lock = threading.Lock()
        self._epoch = 0
        self._kept: Dict[str, Tuple[float, Answer]] = {}

    def now(self) -> float:
        return self._clock()

    def get(self, key: str) -> Optional[Answer]:
        with self._lock:
            until, answer = self._kept.get(key, (0.0, None))
            if answer is not None and self._clock() >= until:
                del self._kept[key]
                return None
            return answer

    def put(self, key: str, answer: Answer, asked_at: float) -> None:
        """Keep a permit, counted from when it was asked for; a newer epoch empties the cache."""
        with self._lock:
            if answer.epoch > self._epoch:
                self._epoch = answer.epoch
                self._kept.clear()
            if answer.permits and answer.keep_s > 0 and answer.epoch == self._epoch:
                if len(self._kept) >= self._most:
                    self._kept.clear()
                self._kept[key] = (asked_at + answer.keep_s, answer)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()

    def saw(self, epoch: int) -> None:
        """Somebody told of an epoch: permits from before it are dropped."""
        with self._lock:
            if epoch > self._epoch:
                self._epoch = epoch
                self._kept.clear()
