"""What every body refuses by itself."""

from datetime import date

import pytest
from pydantic import ValidationError

from app.commands.command import Body, Reasoned
from app.commands.delegations import NewDelegation


class Dated(Body):
    day: date | None = None


@pytest.mark.parametrize(("day", "fits"), [
    ("1899-12-31", False), ("1900-01-01", True), ("2199-12-31", True), ("2200-01-01", False),
    ("0001-01-01", False), ("9999-12-31", False), (None, True)])
def test_I08_a_day_no_period_can_be_counted_from_is_refused(day, fits):
    if fits:
        Dated(day=day)
    else:
        with pytest.raises(ValidationError, match="1900"):
            Dated(day=day)


def test_I08_days_of_every_command_are_bounded():
    with pytest.raises(ValidationError, match="begins"):
        NewDelegation(delegate="someone", roles=["OPS"], begins="0001-01-01", ends="0001-01-02",
                      reason="休假")


def test_Z04_unknown_members_are_refused():
    with pytest.raises(ValidationError, match="state"):
        Reasoned(reason="按规定", state="ACTIVE")
