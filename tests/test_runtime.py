"""Numbers the product draws: of their form, in their order, and never twice."""

import re
import threading
import time

from app.runtime import numbers7, uuid7


def test_a_number_is_a_uuid_of_version_7():
    assert re.fullmatch("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
                        uuid7())
    assert all(re.fullmatch("[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}", number)
               for number in numbers7(5))


def test_numbers_come_in_order_however_many_are_drawn_at_once():
    drawn = [number for count in (1, 3, 5000, 1, 700) for number in numbers7(count)]
    assert len(drawn) == 5705 and drawn == sorted(set(drawn))
    assert all(re.fullmatch("[0-9a-f]{32}", number) for number in drawn)


def test_a_number_says_when_it_was_drawn():
    before = time.time_ns() // 1_000_000
    number = numbers7(1)[0]
    assert before - 5000 <= int(number[:12], 16) <= time.time_ns() // 1_000_000 + 5000


def test_threads_never_draw_the_same():
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.extend(
        number for count in (1, 7) * 200 for number in numbers7(count))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == len(found) == 6400


def test_no_number_is_drawn_for_nobody():
    assert numbers7(0) == []
