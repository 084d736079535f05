"""The story of the demonstration zone, from its founding to this morning."""

from app.commands.decide import Gate
from app.demo import calls, cast, institutions, supply
from app.demo.simulation import simulation


def tell(rt, decisions: int = calls.TOTAL) -> None:
    """Everything, in the order it happened."""
    with simulation(rt) as story:
        story.at(story.day(-734))
        cast.staff(story)
        supply.catalogue(story)
        story.later(days=2)
        supply.departments(story)
        supply.datasets(story)
        story.later(days=3)
        supply.products(story)
        supply.head_agreement(story)
        story.later(days=2)
        institutions.institutions(story)
        institutions.people(story)
        institutions.grants(story)
        gate = Gate(rt).start()
        try:
            calls.history(story, gate, decisions, lambda day: institutions.ended(story, day))
        finally:
            gate.close()
