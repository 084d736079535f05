"""What people call an object that the trail names by noun and id: its number and its name."""

from collections.abc import Iterable
from functools import cache

from sqlalchemy import select
from sqlmodel import Session

from app.store.tables import Registered


@cache
def registered() -> dict[str, type[Registered]]:
    """Every registered table, by noun."""
    found, waiting = {}, [Registered]
    while waiting:
        for model in waiting.pop().__subclasses__():
            waiting.append(model)
            if model.noun:
                found[model.noun] = model
    return found


def names_of(session: Session, refs: Iterable[str]) -> dict[str, str]:
    """Number, else name, of the objects of these `noun/id` references; unknown ones are left out.

    One query a noun.
    """
    wanted: dict[str, set[str]] = {}
    for ref in refs:
        noun, _, key = ref.partition("/")
        if noun in registered():
            wanted.setdefault(noun, set()).add(key)
    found = {}
    for noun, keys in wanted.items():
        model = registered()[noun]
        shown = _called(model)
        if shown is not None:
            found |= {f"{noun}/{key}": text for key, text in session.execute(
                select(model.id, shown).where(model.id.in_(keys)))}
    return found


def refs_of(session: Session, number: str) -> tuple[str, ...]:
    """The `noun/id` references of whatever bears this number."""
    return tuple(f"{noun}/{key}" for noun, model in registered().items()
                 if (shown := _called(model)) is not None
                 for key in session.scalars(select(model.id).where(shown == number).limit(5)))


def _called(model: type[Registered]):
    """The column people know the object by."""
    return next((getattr(model, name) for name in ("number", "login", "name")
                 if name in model.__table__.columns), None)
