"""Real nginx and real Envoy, as docs/gateways configures them, before a zone's real processes."""

import http.client
import json
import time
from base64 import urlsafe_b64decode

import pytest

from app import runtime
from app.domain.callers import SYSTEM
from app.store.tables_supply import Hold
from app.store.unit import begin
from tests import zone as rows
from tests.commands.test_decide import sealed
from tests.gateway_zone import HOST, PATH, QUERY, gated
from tests.gateways.running import KEY, echoing, envoy, nginx, saying
from tests.journeys.processes import zone

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("gateways")]
START = {"nginx": nginx, "envoy": envoy}
FORGED = {"X-Decision-Id": "dec_forged", "X-Policy-Epoch": "999999", "X-Obligations": "Zm9yZ2Vk",
          "X-Client-App": "APP-999999", "X-Hufu-Gateway": "hufu_forged_x",
          "X-Original-URI": "/products/risk/rows?forged", "X-Client-Address": "198.51.100.7",
          "X-Forwarded-Method": "DELETE", "X-Forwarded-For": "198.51.100.7"}
NONSENSE = {"no HTTP": b"yes, of course\r\n\r\n", "nothing": b"",
            "a redirect": b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
            "not found": b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            "too many": b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n",
            "a failure": b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
            "half an answer": b"HTTP/1.1 200 OK\r\nX-Deci"}


class House:
    """A running zone with both gateways before it."""

    def __init__(self, running, made, gateways) -> None:
        self.running, self.made, self.gateways = running, made, gateways
        self.rt = runtime.build(running.settings, durable=False)

    @property
    def headers(self) -> dict[str, str]:
        told = {name: value for name, value in self.made.headers.items()
                if name != "X-Client-App"}
        return {"Host": HOST, "X-Api-Key": KEY, **told}

    def get(self, name: str, path: str = f"{PATH}?{QUERY}", *, without=(), method="GET",
            **changes):
        headers = {**self.headers, **{key.replace("_", "-"): value
                                      for key, value in changes.items()}}
        return self.gateways[name].get(path, {key: value for key, value in headers.items()
                                              if key not in without}, method)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    folder, kept = tmp_path_factory.mktemp("gateways"), {}

    def fill(rt):
        kept["made"] = gated(rt, networks=["127.0.0.0/8"])
        z = kept["made"].zone
        rows.set_state(rt, z.app, "ACTIVE", networks=["127.0.0.1/32"])

    with zone(folder / "zone", fill=fill) as running, echoing() as service:
        made = kept["made"]
        told = (running.port, service, made.zone.app.number, made.secret)
        with nginx(folder / "nginx", *told) as first, envoy(folder / "envoy", *told) as second:
            found = House(running, made, {"nginx": first, "envoy": second})
            yield found
            found.rt.close()


each = pytest.mark.parametrize("name", list(START))


@each
def test_a_permit_reaches_the_service_with_what_it_must_carry_out(house, name):
    reply = house.get(name)
    assert reply.status == 200, reply.text
    [entry] = [item for item in sealed(house.rt)
               if item["facts"]["decision"] == reply.seen["x-decision-id"]]
    assert entry["facts"]["permits"] is True
    assert reply.seen["x-policy-epoch"].isdecimal()
    packed = reply.seen["x-obligations"]
    assert isinstance(json.loads(urlsafe_b64decode(packed + "=" * (-len(packed) % 4))), list)


@each
def test_what_a_client_sends_under_our_names_does_not_reach_the_service(house, name):
    reply = house.get(name, **{key.replace("-", "_"): value for key, value in FORGED.items()})
    assert reply.status == 200
    assert reply.seen["x-client-app"] == house.made.zone.app.number
    assert reply.seen["x-decision-id"].startswith("dec_") and "x-hufu-gateway" not in reply.seen
    ours = ("x-decision-id", "x-policy-epoch", "x-obligations")
    assert not {reply.seen[key] for key in ours} & set(FORGED.values())


@each
def test_a_refusal_says_its_decision_and_nothing_passes(house, name):
    reply = house.get(name, X_Purpose="X.MKT")
    assert (reply.status, reply.seen) == (403, None)
    assert reply.headers["x-decision-id"] in [
        item["facts"]["decision"] for item in sealed(house.rt)
        if not item["facts"]["permits"]]


@each
@pytest.mark.parametrize(("path", "more", "statuses"), [
    ("/products/other", {}, {403}), (f"{PATH}?{QUERY}", {"method": "DELETE"}, {403}),
    ("/products%2Frisk/rows?" + QUERY, {}, {400, 403, 404}),
    ("/products/risk%2Frows?" + QUERY, {}, {400, 403}),
    ("/products/risk/rows%00?" + QUERY, {}, {400, 403}),
    ("/products/risk;a=b/rows?" + QUERY, {}, {403}),
    (f"{PATH}?{QUERY}", {"without": ("X-Api-Key",)}, {401}),
    (f"{PATH}?{QUERY}", {"X_Api_Key": "guessed"}, {401}),
    (f"{PATH}?{QUERY}", {"X_Purpose": "PF.CRD.NEW, X.MKT"}, {403})])
def test_what_is_no_question_is_refused(house, name, path, more, statuses):
    reply = house.get(name, path, **more)
    assert reply.status in statuses and reply.seen is None


@each
def test_an_emergency_stop_bites_within_a_second(house, name):
    assert house.get(name).status == 200
    with begin(house.rt, SYSTEM) as act:
        hold = act.create(Hold, number=f"HD-{name}", link="product",
                          object_id=house.made.zone.product.id, reason_code="TEST")
        act.record("hold.place", f"hold/{hold.id}")
        act.affects("hold", hold.id, stops=True)
    time.sleep(1)
    assert house.get(name).status == 403
    rows.set_state(house.rt, hold, "LIFTED")
    time.sleep(1)
    assert house.get(name).status == 200


def asked_directly(house, **changes) -> int:
    """The status of a question as a gateway of the other kind would send it."""
    told = {"X-Forwarded-Method": "GET", "X-Forwarded-Uri": f"{PATH}?{QUERY}",
            "X-Forwarded-Host": HOST, "X-Forwarded-For": "127.0.0.1",
            "X-Hufu-Gateway": house.made.secret, **house.made.headers, **changes}
    connection = http.client.HTTPConnection("localhost", house.running.port, timeout=20)
    try:
        connection.request("GET", "/gw/forward", headers={
            name: value for name, value in told.items() if value})
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_name_with_underscores_is_not_heard(house):
    app = house.made.zone.app.number
    assert asked_directly(house) == 200
    assert asked_directly(house, **{"X-Client-App": "", "X_Client_App": app}) == 401
    assert asked_directly(house, X_Client_App="APP-999999") == 200


@each
@pytest.mark.parametrize("kind", list(NONSENSE))
def test_an_answer_that_is_no_decision_opens_nothing(tmp_path, name, kind):
    with saying(NONSENSE[kind]) as pdp, echoing() as service, START[name](
            tmp_path / name, pdp, service, "APP-000001", "hufu_x_y", "1s") as gateway:
        reply = gateway.get(PATH, {"Host": HOST, "X-Api-Key": KEY})
        assert reply.status >= 300 and reply.seen is None


@each
def test_a_decision_point_that_is_late_opens_nothing(tmp_path, name):
    yes = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    with saying(yes, after_s=4) as pdp, echoing() as service, START[name](
            tmp_path / name, pdp, service, "APP-000001", "hufu_x_y", "1s") as gateway:
        began = time.monotonic()
        assert gateway.get(PATH, {"Host": HOST, "X-Api-Key": KEY}).status == 503
        assert time.monotonic() - began < 3.5


def test_with_the_decision_point_killed_nothing_passes(house):
    house.running.kill("web")
    for name in START:
        assert house.get(name).status == 503
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection("127.0.0.1", house.running.port, timeout=2).connect()
