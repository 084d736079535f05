"""A process says which epoch it decides by; its instant stands still while none is confirmed."""

import os
import subprocess
import sys

from sqlalchemy import select

from app.commands.decide import Gate
from app.store.tables_gateways import ProcessBeat
from app.web.pulse import Pulse, is_alive
from tests import zone
from tests.decision_zone import LAW


def kept(rt):
    with rt.db.reading() as connection:
        return connection.execute(select(ProcessBeat.__table__)).one_or_none()


def test_a_beat_names_the_epoch_and_ends_with_its_process(rt):
    gate = Gate(rt, LAW).start()
    pulse = Pulse(rt, gate)
    pulse.say()
    before = kept(rt)
    assert (before.epoch, before.confirmed_at) == (gate.picture.epoch, rt.clock())
    zone.tiny(rt)
    pulse.say()
    assert kept(rt).epoch == gate.picture.epoch > before.epoch
    pulse.start().close()
    assert kept(rt) is None
    gate.close()


def test_a_process_that_confirms_nothing_does_not_say_it_did(rt):
    gate = Gate(rt, LAW)  # never started: it follows nothing
    pulse = Pulse(rt, gate)
    began = pulse.beat.confirmed_at
    rt.clock.forward(minutes=1)
    pulse.say()
    assert kept(rt).confirmed_at == began
    gate.close()


def test_a_process_of_this_machine_is_alive_until_it_ends():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert is_alive(os.getpid()) and is_alive(process.pid)
    process.communicate(b"\n")
    assert not is_alive(process.pid)
