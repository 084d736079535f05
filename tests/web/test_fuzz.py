"""Whatever shape a request has, the API answers without a 5xx: a bounded run of its document.

Every operation of the document is asked with generated bodies and parameters by a person who holds
all staff roles, so that refusals come from the commands and not only from the door.
"""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from app.domain.roles import ADMINISTRATORS, STAFF, Role
from app.web import create_app
from tests import people, zone

EXAMPLES = 4
ROLES = [role.value for role in STAFF
         if role not in (*ADMINISTRATORS, Role.AUDITOR, Role.REGULATOR_VIEW)]


@pytest.mark.slow
def test_I08_no_request_makes_a_5xx(rt):
    zone.tiny(rt)
    app = create_app(rt)
    opened = people.signed_in(rt, people.enrolled(rt, "everybody", *ROLES))
    headers = {"Authorization": f"Bearer {opened.token}", "Host": "localhost"}
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app, headers=headers)
    asked, failures = 0, []
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
                  phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def ask(case):
            nonlocal asked
            answer = case.call(headers=headers)
            asked += 1
            if answer.status_code >= 500:
                failures.append(f"{case.method} {case.path} {case.body!r:.300} {answer.text:.200}")

        ask()
    assert asked > 200 and not failures, "\n".join(failures)
