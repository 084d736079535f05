"""Onboarding cases, the department's side: drafted, attached to, submitted, answered, withdrawn."""

from app.commands import datasets
from app.domain.onboarding import State
from app.store.tables_supply import Dataset, Department, OnboardingCase
from app.store.unit import Act


def drafted(act: Act, department: Department, code: str, name: str, **values) -> OnboardingCase:
    """A draft case with its pending dataset, inside an act, recorded.

    `values` are columns of the dataset: `update_cycle`, `category`, `owner`, `reshared_from`.
    """
    dataset = datasets.named(act, department, code, name, **values)
    case = act.create(OnboardingCase, number=act.number("OC"), dataset_id=dataset.id,
                      department_id=department.id, title=name, state=str(State.DRAFT),
                      maker=act.caller.person)
    act.record("onboarding_case.create", f"onboarding_case/{case.id}", number=case.number,
               dataset=dataset.id, dataset_number=dataset.number)
    return case


def dataset_of(act: Act, case: OnboardingCase) -> Dataset:
    """The dataset the case is about, locked."""
    return act.get(Dataset, case.dataset_id)
