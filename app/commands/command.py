"""What a command is: one noun, one action, one body, one function. Pages and API read this table.

A module of this folder declares its commands with `@command`; nothing is registered twice.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from app.domain.callers import Caller
from app.domain.refusals import FactorNeeded, NotAllowed
from app.domain.wire import clean_text, in_calendar


class Body(BaseModel):
    """What a command is told; unknown members are refused, and so are texts that hide something."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @field_validator("*")
    @classmethod
    def _hides_nothing(cls, value):
        """A text may have lines; control and direction characters it may not (I07)."""
        if type(value) is not str or (value.isascii() and value.isprintable()):
            return value
        return clean_text(value.replace("\r\n", "\n"), lines=True)

    @field_validator("*")
    @classmethod
    def _lies_in_the_calendar(cls, value):
        return in_calendar(value)


# A name or a line: one line only. A member that may have lines is a plain `str`.
Text = Annotated[str, AfterValidator(clean_text)]


def entry(zh: str, en: str, *, default: Any = ..., widget: str = "", options: str = "",
          help_zh: str = "", help_en: str = "", **bounds):
    """A member of a body with its two labels. `widget` is how a page asks for it, `options` names
    a vocabulary the page offers; bounds are pydantic's (`min_length`, `ge`, ...)."""
    extra = {"en": en, "widget": widget, "options": options, "help_zh": help_zh,
             "help_en": help_en}
    return Field(default, title=zh, json_schema_extra=extra, **bounds)


class Empty(Body):
    """A command that needs to be told nothing."""


class Reasoned(Body):
    """A command that needs to be told why."""

    reason: str = entry("理由", "Reason", widget="textarea", min_length=2, max_length=2000)


@dataclass(frozen=True)
class Done:
    """What a command did. `waiting` are the seats other persons must still fill; while there are
    any, the state has not changed."""

    noun: str
    id: str
    number: str
    state: str
    version: int
    waiting: tuple[str, ...] = ()
    detail: dict | None = None


@dataclass(frozen=True)
class Command:
    """One action of one noun. `creates` takes no object; `factor` asks for the second factor
    again (ASVS 7.5.3). `run` is `(rt, caller, body)` or `(rt, caller, ref, body)`."""

    noun: str
    action: str
    body: type[Body]
    run: Callable
    zh: str
    en: str
    creates: bool = False
    factor: bool = False


_declared: dict[tuple[str, str], Command] = {}


def command(name: str, zh: str, en: str, *, creates: bool = False,
            factor: bool = False) -> Callable[[Callable], Callable]:
    """Declare the function below as `noun.action`, with the label of its button."""
    noun, action = name.split(".")

    def declare(run: Callable) -> Callable:
        if (noun, action) in _declared:
            raise ValueError(f"`{name}` is declared twice")
        body = run.__annotations__["body"]
        _declared[noun, action] = Command(noun, action, body, run, zh, en, creates, factor)
        return run

    return declare


@cache
def commands() -> dict[tuple[str, str], Command]:
    """Every command of the product, by (noun, action)."""
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        importlib.import_module(f"app.commands.{module.name}")
    return dict(_declared)


def perform(rt, caller: Caller, command: Command, ref: str | None, body: Body) -> Done:
    """Run a command for a caller: the one entrance for pages, API and command line.

    Raises:
        NotAllowed: no line of the staff rules gives any of the caller's roles a seat of it.
        FactorNeeded: a high act needs the second factor again.
        Refusal: whatever the command itself refuses.
    """
    if not rt.staff.covers(caller.roles, command.noun, command.action):
        raise NotAllowed(f"您的岗位不能办理「{command.zh}」",
                         f"your roles do not cover `{command.noun}.{command.action}`",
                         noun=command.noun, action=command.action)
    if command.factor and not caller.factor_fresh:
        raise FactorNeeded("此操作须在 5 分钟内再次验证身份",
                           "confirm with your second factor within the last 5 minutes")
    return command.run(rt, caller, body) if command.creates else command.run(rt, caller, ref, body)
