"""Whatever shape a request has, the whole stack answers without a 5xx and as its document says.

Every operation of the document is asked with generated bodies and parameters: those of people by
one who holds all staff roles, so that refusals come from the commands and not only from the door;
those of the decision lane by a gateway with a valid credential, more than ten times as often.
`HUFU_FUZZ_CASES` says how many cases are asked in all (10,000 for requirement I08 in full).
"""

import os
import re
from collections import Counter
from dataclasses import dataclass, field, replace

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.domain.roles import ADMINISTRATORS, STAFF, Role
from app.settings import RATES
from app.web import create_app
from app.web.lane import EVALUATION, EVALUATIONS, mount
from tests import people
from tests.text.process import lay_beside, running, short_folder
from tests.web.test_openapi import example_zone

CASES = int(os.environ.get("HUFU_FUZZ_CASES", "2400"))
ASKED_MORE = {EVALUATION: 10, EVALUATIONS: 10}  # shares; they also take what others leave
ROLES = [role.value for role in STAFF
         if role not in (*ADMINISTRATORS, Role.AUDITOR, Role.REGULATOR_VIEW)]
CHECKS = (status_code_conformance, content_type_conformance, response_schema_conformance)


class Stack:
    """The WSGI stack as it is served, called from inside the institution's network."""

    def __init__(self, rt) -> None:
        rates = dict.fromkeys(RATES, 10 * CASES)  # all cases are asked by one person in one minute
        rt.settings = replace(rt.settings, **rates)
        self.rt, self.zone = rt, example_zone(rt)
        self.app = mount(create_app(rt), rt)
        self.gate = self.app.extensions["gate"]
        self.staff = self.person("everybody")

    def __call__(self, environ, start_response):
        return self.app(environ | {"REMOTE_ADDR": "203.0.113.8"}, start_response)

    def person(self, login: str) -> dict[str, str]:
        opened = people.signed_in(self.rt, people.enrolled(self.rt, login, *ROLES))
        return {"Authorization": f"Bearer {opened.token}", "Host": "localhost",
                "Accept": "application/json"}

    def headers(self, method: str, path: str) -> dict[str, str]:
        """Who asks here; what may end the asker's own session is asked by somebody else."""
        if path in ASKED_MORE:
            return self.staff | {"Authorization": f"Bearer {self.zone.secret}"}
        if method != "get" and path.startswith("/api/v1/session"):
            return self.person(re.sub(r"[^a-z0-9]+", ".", f"{method}{path}").strip("."))
        return self.staff


@pytest.fixture
def stack(rt):
    with short_folder() as folder, running(folder) as (process, _):
        lay_beside(rt.settings, process)
        found = Stack(rt)
        yield found
        found.gate.close()


@dataclass
class Run:
    """What was asked so far, by path, and what was answered wrongly."""

    asked: Counter = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def ask(self, operation, headers: dict[str, str], most: int) -> None:
        """Ask one operation at most so often."""

        @settings(max_examples=most, deadline=None, database=None, derandomize=True,
                  phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def each(case):
            self.asked[case.path] += 1
            if wrong := self.judged(case, case.call(headers=headers)):
                self.failures.append(f"{case.method} {case.path} {case.body!r:.300} {wrong}")

        each()

    def judged(self, case, answer) -> str:
        """What is wrong with an answer, "" when nothing is."""
        if answer.status_code >= 500:
            return answer.text[:200]
        try:
            case.validate_response(answer, checks=CHECKS)
        except BaseException as error:  # a group of failed checks is no plain Exception
            return str(error)
        return ""


@pytest.mark.slow
def test_I08_no_request_makes_a_5xx_and_every_answer_is_documented(stack):
    schema = schemathesis.openapi.from_wsgi("/openapi.json", stack, headers=stack.staff)
    operations = [result.ok() for result in schema.get_all_operations()]
    operations.sort(key=lambda operation: operation.path in ASKED_MORE)
    share = CASES / (len(operations) + sum(ASKED_MORE.values()))
    run = Run()
    for operation in operations:
        # What others have too few different cases for is asked of the lane, which comes last.
        rest = (CASES - run.asked.total()) / (2 if operation.path == EVALUATION else 1)
        most = max(1, int(rest if operation.path in ASKED_MORE else share))
        run.ask(operation, stack.headers(operation.method, operation.path), most)
    lane = run.asked[EVALUATION] + run.asked[EVALUATIONS]
    print(f"{run.asked.total()} cases, {lane} of them to the lane")
    assert not run.failures, "\n".join(run.failures[:20])
    assert run.asked.total() >= CASES * 0.95 and lane > share * 10
    assert stack.app.test_client().get("/api/v1/session", headers=stack.staff).status_code == 200
