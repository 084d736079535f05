"""Which second factor counts for whom, for which pages keys answer, and what a counter tells."""

import pytest

from app.domain.relying_party import relying_party
from app.domain.roles import ADMINISTRATORS, ASSIGNABLE, Role
from app.domain.second_factors import codes_count, count_went_back, key_is_due, may_go

KEY_FIRST = {*ADMINISTRATORS, Role.APPROVER}


@pytest.mark.parametrize("role", ASSIGNABLE)
def test_A03_administrators_and_approvers_who_hold_a_key_prove_themselves_by_it_alone(role):
    assert codes_count({role}, 0, demo=False)
    assert codes_count({role}, 1, demo=False) is (role not in KEY_FIRST)
    assert codes_count({role}, 1, demo=True)


@pytest.mark.parametrize(("roles", "keys", "offered", "demo", "due"), [
    ({"SYS_ADMIN"}, 0, True, False, True), ({"APPROVER", "DSO"}, 0, True, False, True),
    ({"SYS_ADMIN"}, 1, True, False, False), ({"SYS_ADMIN"}, 0, False, False, False),
    ({"SYS_ADMIN"}, 0, True, True, False), ({"OPS", "DSO"}, 0, True, False, False),
    (set(), 0, True, False, False)])
def test_A03_a_key_is_due_where_the_roles_ask_and_the_browser_has_it(roles, keys, offered, demo,
                                                                      due):
    assert key_is_due(roles, keys, offered, demo) is due


@pytest.mark.parametrize(("stored", "shown", "back"), [
    (0, 0, False), (0, 1, False), (7, 8, False), (7, 7, True), (7, 6, True), (7, 0, True),
    (2**32 - 2, 2**32 - 1, False)])
def test_A03_a_counter_only_grows_unless_the_key_keeps_none(stored, shown, back):
    assert count_went_back(stored, shown) is back


@pytest.mark.parametrize(("keys", "codes", "goes"), [
    (0, False, False), (0, True, False), (1, False, False), (1, True, True), (2, False, True)])
def test_A07_the_last_second_factor_stays(keys, codes, goes):
    assert may_go(keys, codes) is goes


@pytest.mark.parametrize(("base_url", "hosts", "origins"), [
    ("https://zone.example", ("zone.example",), ("https://zone.example",)),
    ("https://zone.example:443/", (), ("https://zone.example",)),
    ("https://zone.example:8443", ("desk.zone.example", "badzone.example", "10.1.2.3"),
     ("https://zone.example:8443", "https://desk.zone.example:8443")),
    ("https://localhost:8420", ("localhost", "127.0.0.1"),
     ("https://localhost:8420", "http://localhost:8420")),
])
def test_keys_answer_the_public_name_and_hosts_below_it_only(base_url, hosts, origins):
    assert relying_party(base_url, hosts, 8420).origins == origins


def test_plain_http_counts_on_localhost_alone():
    assert not [origin for origin in relying_party("https://zone.example", ("a.zone.example",),
                                                   8420).origins if origin.startswith("http:")]


@pytest.mark.parametrize("base_url", ["https://192.0.2.7", "https://[2001:db8::1]:8420", "https://"])
def test_an_address_that_is_no_name_has_no_keys(base_url):
    assert relying_party(base_url, ("localhost",), 8420) is None
