"""Who asks: a natural person behind an account, with roles and a scope, or the system itself."""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Caller:
    """One caller of a command or query.

    `person` is the natural person, who may hold several accounts; duties are separated by person.
    `institution` or `department` is the scope; both empty means staff of the zone.
    `expects` is the object version the caller saw (If-Match), None when not stated.
    """

    account: str
    person: str
    name: str
    roles: frozenset[str]
    institution: str | None = None
    department: str | None = None
    capacity: str = "SELF"
    on_behalf_of: str | None = None
    source_ip: str | None = None
    session: str | None = None
    factor_fresh: bool = False
    language: str = "zh"
    expects: int | None = field(default=None, compare=False)

    @property
    def is_staff(self) -> bool:
        return self.institution is None and self.department is None

    def expecting(self, version: int | None) -> "Caller":
        return replace(self, expects=version)


SYSTEM = Caller(account="system", person="system", name="系统", roles=frozenset({"SYSTEM"}),
                capacity="SYSTEM", factor_fresh=True)
