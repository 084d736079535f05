"""What the decisions of one batch look up and set aside, read and written in bulk.

It lives inside the transaction that seals the batch, after the head was locked: nobody else counts
meanwhile, in this process or another, so a bound on use is never passed (Z06).
"""

import json
from collections.abc import Iterable, Mapping

from app.domain.reservations import Counter, Need, OnRecord
from app.store.batch import Batch

Key = tuple[str, str, str]
TAKEN = """SELECT key, period, "window", reserved, used FROM use_counter
WHERE (key, period, "window") IN ({marks})"""
SAVE_TAKEN = """INSERT INTO use_counter (key, period, "window", reserved, used)
VALUES (?, ?, ?, ?, ?) ON CONFLICT (key, period, "window")
DO UPDATE SET reserved = excluded.reserved, used = excluded.used"""
RESERVE = """INSERT INTO reservation (decision, institution_id, credential, amount, counters,
consent, due, state) VALUES (?, ?, ?, ?, ?, ?, ?, 'RESERVED')"""


class Shelf:
    """Counters as this transaction sees them, with what its own permits took."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._taken: dict[Key, list[int]] = {}
        self._changed: set[Key] = set()
        self._reserved: list[tuple] = []

    def load(self, needs: Iterable[Need]) -> None:
        """Read what these needs name and is not here yet, at once."""
        missing = {key_of(counter) for need in needs for counter in need.counters}
        missing -= self._taken.keys()
        if not missing:
            return
        self._taken.update((key, [0, 0]) for key in missing)
        for key, period, window, reserved, used in self._batch.rows_of(TAKEN, sorted(missing)):
            self._taken[key, period, window] = [reserved, used]

    def on_record(self, need: Need) -> OnRecord:
        """What is on record for a need, the permits before it in this batch counted."""
        self.load((need,))
        return OnRecord({each: sum(self._taken[key_of(each)]) for each in need.counters})

    def take(self, need: Need, decision: str, due: str, of: Mapping[str, str]) -> None:
        """Set aside what a permit uses: until its receipt where one is ``due``, else for good.

        Args:
            of: whose it is: `institution_id`, `credential`, and `consent`, "" for none.
        """
        keys = [key_of(each) for each in need.counters]
        for key in keys:
            self._taken[key][0 if due else 1] += need.amount
        self._changed.update(keys)
        if due:
            self._reserved.append((decision, of["institution_id"], of["credential"], need.amount,
                                   json.dumps(keys), of["consent"], due))

    def save(self) -> None:
        """Write what was taken."""
        if self._changed:
            self._batch.each(SAVE_TAKEN, [(*key, *self._taken[key])
                                          for key in sorted(self._changed)])
        if self._reserved:
            self._batch.each(RESERVE, self._reserved)


def key_of(counter: Counter) -> Key:
    return counter.key, counter.period, counter.window

