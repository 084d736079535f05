"""What every guard may look at, read from rows; `situations_*.py` add each noun's own values.

Commands judge by these situations under their lock, pages show by them what is possible.
"""

from sqlmodel import Session, select

from app.domain.callers import Caller
from app.store.tables import Registered, Transition
from app.store.tables_people import Person


def owner(row: Registered) -> str | None:
    """The institution whose stream this object's entries belong to."""
    return row.id if row.noun == "institution" else getattr(row, "institution_id", None)


def took(session: Session, noun: str, object_id: str) -> dict[str, frozenset[str]]:
    """Who took which duty in this case so far, delegates and delegators both counted."""
    found: dict[str, set[str]] = {}
    statement = select(Transition.duty, Transition.person, Transition.on_behalf_of).where(
        Transition.noun == noun, Transition.object_id == object_id)
    for duty, person, on_behalf_of in session.exec(statement):
        people = found.setdefault(duty, set())
        people.add(person)
        if on_behalf_of:
            people.add(on_behalf_of)
    return {duty: frozenset(people) for duty, people in found.items()}


def basics(rt, session: Session, caller: Caller, row: Registered, reason: str = "") -> dict:
    """The members every `Situation` has, for this caller and this object."""
    at = rt.clock()
    parties = {value for name in ("institution_id", "department_id")
               if (value := getattr(row, name, None))}
    behind = [session.get(Person, key) for key in (caller.person, caller.on_behalf_of) if key]
    declared = {interest for person in behind if person
                for interest in (*person.interests, person.employer)}
    return {"person": caller.person, "at": at, "day": at.astimezone(rt.settings.zone).date(),
            "on_behalf_of": caller.on_behalf_of, "reason": reason,
            "took": took(session, row.noun, row.id),
            "parties": frozenset(parties), "interests": frozenset(declared)}
