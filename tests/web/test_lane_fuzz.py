"""Whatever stands where a member is expected, the lane answers or refuses; it never breaks."""

import copy
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.web.lane import EVALUATION, EVALUATIONS
from tests.web.test_lane import lane  # noqa: F401 - the fixture

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False,
                                                               allow_infinity=False) | st.text()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
    st.text(max_size=8), inner, max_size=4), max_leaves=8)


def places(value, path=()):
    """Every place of a document, the whole of it included."""
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))


def put(document, path, value):
    if not path:
        return value
    changed = copy.deepcopy(document)
    holder = changed
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return changed


@settings(max_examples=250, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(choice=st.randoms(use_true_random=False), value=VALUES, batch=st.booleans())
def test_any_value_in_any_place_is_answered_or_refused(lane, choice, value, batch):  # noqa: F811
    document = {**lane.body(), "made_up": 1}
    changed = put(document, choice.choice(list(places(document))), value)
    if batch and isinstance(changed, dict):
        changed = {**changed, "evaluations": [{}, {"context": value}], "options": {}}
    status, answer, _ = lane.send(EVALUATIONS if batch else EVALUATION,
                                  json.dumps(changed).encode("utf-8", "surrogatepass"))
    assert status in (200, 400, 403)
    if status == 200 and "decision" in answer:
        assert isinstance(answer["decision"], bool)
