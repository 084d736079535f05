"""What the decisions of one batch look up and set aside, read and written in bulk.

It lives inside the transaction that seals the batch, after the head was locked: nobody else counts
meanwhile, in this process or another, so a bound on use is never passed (Z06). Subject
authorizations are only read here: whoever withdraws one holds its row before the head, and the
ledger must never wait for a row while it holds the head.
"""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache

from app.domain.reservations import ConsentKey, ConsentPicture, Counter, Need, OnRecord
from app.store.batch import Batch

Key = tuple[str, str, str]
TAKEN = """SELECT key, period, "window", reserved, used FROM ({keys}) AS asked
CROSS JOIN use_counter WHERE key = column1 AND period = column2 AND "window" = column3"""
SAVE_TAKEN = """INSERT INTO use_counter (key, period, "window", reserved, used)
VALUES (?, ?, ?, ?, ?) ON CONFLICT (key, period, "window")
DO UPDATE SET reserved = excluded.reserved, used = excluded.used"""
BY_TOKEN = """SELECT token, id, version, state, subject, institution_id, purposes, products,
valid_from, valid_to, items, max_uses, earliest, separate, evidence_holds, noted, mode
FROM ({keys}) AS asked CROSS JOIN subject_authorization WHERE token = column1"""
BY_SUBJECT = """SELECT token, id, version, state, subject, institution_id, purposes, products,
valid_from, valid_to, items, max_uses, earliest, separate, evidence_holds, noted, mode
FROM ({keys}) AS asked CROSS JOIN subject_authorization
WHERE subject = column1 AND institution_id = column2"""


class Shelf:
    """Counters and subject authorizations as this transaction sees them, with what its own permits
    took."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._taken: dict[Key, list[int]] = {}
        self._changed: set[Key] = set()
        self._reserved: list[tuple] = []
        self._consents: dict[tuple[str, ...], list[ConsentPicture]] = {}
        self._bounded: dict[str, Key] = {}

    def load(self, needs: Iterable[Need]) -> None:
        """Read what these needs name and is not here yet, at once."""
        needs = tuple(needs)
        found = self._load_consents({place_of(need.consent) for need in needs if need.consent})
        missing = {key_of(counter) for need in needs for counter in need.counters}
        missing |= {("consent/" + each.id, "TOTAL", "") for each in found
                    if each.max_uses is not None}
        missing -= self._taken.keys()
        if not missing:
            return
        self._taken.update((key, [0, 0]) for key in missing)
        for key, period, window, reserved, used in self._batch.rows_of(TAKEN, sorted(missing)):
            self._taken[key, period, window] = [reserved, used]

    def _load_consents(self, places: set[tuple[str, ...]]) -> list[ConsentPicture]:
        """The subject authorizations at these places, each a token or a subject and institution."""
        found: list[ConsentPicture] = []
        places -= self._consents.keys()
        self._consents.update((place, []) for place in places)
        for size, statement, columns in ((1, BY_TOKEN, (0,)), (2, BY_SUBJECT, (4, 5))):
            keys = sorted(place for place in places if len(place) == size)
            for row in self._batch.rows_of(statement, keys):
                each = picture(row)
                found.append(each)
                self._consents[tuple(row[at] for at in columns)].append(each)
                if each.max_uses is not None:
                    self._bounded[each.id] = ("consent/" + each.id, "TOTAL", "")
        return found

    def on_record(self, need: Need) -> OnRecord:
        """What is on record for a need, the permits before it in this batch counted."""
        place = place_of(need.consent) if need.consent else None
        if (place and place not in self._consents) or (need.counters and any(
                key_of(each) not in self._taken for each in need.counters)):
            self.load((need,))
        found = self._consents[place] if place else ()
        if not need.counters and not self._bounded:
            return OnRecord(consents=tuple(found))
        return OnRecord({each: sum(self._taken[key_of(each)]) for each in need.counters},
                        tuple(found), {each.id: sum(self._taken[self._bounded[each.id]])
                                       for each in found if each.id in self._bounded})

    def take(self, need: Need, decision: str, due: str, of: Mapping[str, str]) -> None:
        """Set aside what a permit uses: until its receipt where one is ``due``, else for good.

        Args:
            of: whose it is: `institution_id`, `credential`, and `consent`, "" for none.
        """
        if not (need.counters or self._bounded or due):
            return
        keys = [key_of(each) for each in need.counters]
        if of["consent"] in self._bounded:
            keys.append(self._bounded[of["consent"]])
        for key in keys:
            self._taken[key][0 if due else 1] += need.amount
        self._changed.update(keys)
        if due:
            self._reserved.append((decision, of["institution_id"], of["credential"], need.amount,
                                   json.dumps(keys), of["consent"], due, "RESERVED"))

    def save(self) -> None:
        """Write what was taken."""
        if self._changed:
            self._batch.each(SAVE_TAKEN, [(*key, *self._taken[key])
                                          for key in sorted(self._changed)])
        if self._reserved:
            self._batch.insert_reservations(self._reserved)


def key_of(counter: Counter) -> Key:
    return counter.key, counter.period, counter.window


def place_of(key: ConsentKey) -> tuple[str, ...]:
    """Where a subject authorization is looked for: under its token, else under subject and
    institution; which purposes it serves is read in the row and told when it is not the one."""
    return (key.token,) if key.token else (key.subject, key.institution)


def picture(row: tuple) -> ConsentPicture:
    (_, key, version, state, subject, institution, purposes, products, begins, ends, items,
     max_uses, earliest, separate, evidence_holds, noted, mode) = row
    return ConsentPicture(
        key, version, state, subject, institution, words(purposes), words(products), begins, ends,
        words(items), max_uses, earliest, words(separate), bool(evidence_holds), bool(noted), mode)


@lru_cache(4096)
def words(text: str) -> frozenset[str]:
    """The words of a column; authorizations that are alike say the same."""
    return frozenset(text.split())
