"""What an enforcement point returns: what was ordered, the way it was ordered, or nothing."""

import ast
import base64
import json
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.decisions import decide
from app.domain.obligations import Obligation as Kind
from kit.hufu_mask import TREATMENTS, Key
from kit.hufu_pep import Point, Receipt, Refused, enforce, read_answer, read_headers
from kit.hufu_pep.cache import Cache, key_of
from kit.hufu_pep.passing import passed
from tests.decision_zone import AT, LAW, ask, granting

FOLDER = Path(__file__).resolve().parents[2] / "kit" / "hufu_pep"
KEY = Key("k1", bytes(range(32)))
COLUMNS = {"region": "xzqh", "industry": "hy", "day": "rq", "group_size": "n",
           "subject_kind": lambda row: "ENTERPRISE", "OWN_CUSTOMERS": lambda row: row.get("own")}
EVERYTHING = Point(COLUMNS, key=KEY, disputed=lambda row: row.get("objected", ()),
                   acts={"notify_subject": lambda answer, order: None,
                         "step-up": lambda answer, order: None})


def document(*orders, fields=None, permits=True, **context) -> dict:
    """An answer ordering these kinds, as it travels."""
    told = {"decision_id": "dec_1", "decided_at": "2026-11-23T02:00:00.000000Z",
            "valid_until": "2026-11-23T02:00:05.000000Z", "epoch": 9,
            "fields_effective": fields or {"name": "CLEAR", "tax": "PARTIAL"}, "reasons": [],
            "obligations": [
                {"id": f"o{at}", "type": "step-up" if kind == "step-up" else "custom",
                 "properties": {"kind": kind, **said}}
                for at, (kind, said) in enumerate(orders, start=1)], **context}
    return {"decision": permits, "context": told}


def answer(*orders, **said):
    return read_answer(document(*orders, **said))


def enforced(rows, *orders, point=EVERYTHING, **said):
    return enforce(answer(*orders, **said), rows, point)


def names(found) -> list:
    return [row["name"] for row in found.rows]


def test_a_field_that_is_not_named_stays_behind():
    found = enforced([{"name": "甲", "tax": "secret", "other": 1}])
    assert found.rows == ({"name": "甲", "tax": "s****t"},) and not found.refused


def test_a_field_is_masked_as_what_the_decision_says_it_is():
    masked = ("mask_fields", {"fields": {"tax": {"treatment": "PARTIAL", "kind": "mobile_cn"}}})
    assert enforced([{"tax": "13812341234"}], masked).rows == ({"tax": "138****1234"},)


@pytest.mark.parametrize(("expr", "left"), [
    ({"region_in": ["110000"]}, ["a"]), ({"region_in": ["110105", "310000"]}, ["a", "b"]),
    ({"industry_in": ["J"]}, ["a"]), ({"since": "2026-01-01"}, ["b"]),
    ({"subject_kind_in": ["ENTERPRISE"]}, ["a", "b", "c"]),
    ({"population": "OWN_CUSTOMERS"}, ["b"]),
    ({"all": [{"industry_in": ["J", "K"]}, {"since": "2025-01-01"}]}, ["a", "b"]),
    ({"any": [{"industry_in": ["J"]}, {"since": "2026-01-01"}]}, ["a", "b"]),
])
def test_rows_outside_the_filter_stay_behind(expr, left):
    rows = [{"name": "a", "xzqh": "110105", "hy": "J", "rq": "2025-06-01"},
            {"name": "b", "xzqh": "310000", "hy": "K", "rq": "2026-06-01", "own": True},
            {"name": "c", "xzqh": None, "rq": "soon", "own": "yes"}]
    assert names(enforced(rows, ("filter_rows", {"expr": expr}))) == left


@pytest.mark.parametrize("said", [
    {}, {"expr": {}}, {"expr": {"all": []}}, {"expr": {"sql": "1=1"}}, {"expr": "1=1"},
    {"expr": {"region_in": []}}, {"expr": {"since": "yesterday"}}, {"expr": {"population": "ALL"}},
    {"expr": {"region_in": ["11"], "any": []}}, {"expr": {"all": [{"region_in": ["11"]}, {}]}}])
def test_a_filter_nobody_can_read_refuses(said):
    found = enforced([{"name": "a", "xzqh": "11"}], ("filter_rows", said))
    assert found.rows == () and found.refused == "PEP.OBLIGATION_FAILED"


def test_a_filter_over_a_column_nobody_configured_refuses():
    found = enforced([{"name": "a", "hy": "J"}], ("filter_rows", {"expr": {"industry_in": ["J"]}}),
                     point=Point({"region": "xzqh"}))
    assert found.rows == () and found.results == {"o1": "FAILED"}


def test_groups_too_small_stay_behind():
    rows = [{"name": "a", "n": 5}, {"name": "b", "n": 4}, {"name": "c"}, {"name": "d", "n": "9"},
            {"name": "e", "n": True}]
    assert names(enforced(rows, ("min_group", {"k": 5}))) == ["a"]
    assert enforced(rows, ("min_group", {"k": "5"})).refused


@pytest.mark.parametrize(("end", "shown"), [
    ("2021-11-23", False), ("2021-11-24", True), (None, True), ("unknown", False),
    (date(2020, 2, 29), False), ("2021-11-22T17:00:00Z", False)])
def test_a_negative_record_goes_five_years_after_its_event(end, shown):
    order = ("suppress_aged_negative", {"years": 5, "fields": {"tax": "ended"}})
    found = enforced([{"name": "a", "tax": "fined", "ended": end}], order, fields={
        "name": "CLEAR", "tax": "CLEAR"})
    assert ("tax" in found.rows[0]) is shown
    assert enforced([{"name": "a", "tax": "fined"}], order).refused


def test_disputed_items_are_marked_beside_the_row():
    rows = [{"name": "a", "objected": ["tax", "other"]}, {"name": "b"}]
    order = ("mark_dispute", {"items": ["name", "tax"]})
    assert enforced(rows, order).rows == ({"name": "a", "_disputed": ["tax"]}, {"name": "b"})
    assert enforced(rows, order, point=Point()).refused == "PEP.OBLIGATION_FAILED"


def test_what_the_receiver_must_do_is_told_with_the_rows():
    found = enforced([{"name": "a"}], ("watermark", {"text": "INST|dec_1"}),
                     ("delete_after", {"days": 30}), ("no_onward", {}), ("view_only", {}))
    assert found.told == {"watermark": {"text": "INST|dec_1"}, "delete_after": {"days": 30},
                          "no_onward": {}, "view_only": {}}
    assert set(found.results.values()) == {"DONE"}
    assert enforced([{"name": "a"}], ("watermark", {})).refused == "PEP.OBLIGATION_FAILED"


def test_an_unknown_order_refuses_and_the_others_are_still_carried_out():
    done = []
    point = Point(COLUMNS, acts={"notify_subject": lambda found, order: done.append(order.kind)})
    found = enforced([{"name": "a"}], ("dance", {}), ("notify_subject", {"template": "t"}),
                     point=point)
    assert found.rows == () and found.refused == "PEP.OBLIGATION_UNSUPPORTED"
    assert found.results == {"o1": "UNSUPPORTED", "o2": "DONE"} and done == ["notify_subject"]


def test_an_act_that_fails_refuses():
    def broken(found, order):
        raise OSError
    found = enforced([{"name": "a"}], ("notify_subject", {}), point=Point(
        acts={"notify_subject": broken}))
    assert found.rows == () and found.refused == "PEP.OBLIGATION_FAILED"


def test_a_refusal_returns_no_row_and_its_orders_are_carried_out():
    done = []
    found = enforced([{"name": "a"}], ("step-up", {"acr_value": "level-2"}), permits=False,
                     reasons=[{"code": "ID.AUTH_LEVEL"}], point=Point(
        acts={"step-up": lambda answer, order: done.append(order.properties["acr_value"])}))
    assert found.rows == () and found.refused == "ID.AUTH_LEVEL" and done == ["level-2"]


@pytest.mark.parametrize("change", [
    {"fields_effective": {"name": "CLEARLY"}}, {"fields_effective": None},
    {"obligations": None}, {"obligations": [{"id": "o1"}]}, {"obligations": ["mask"]},
    {"obligations": [{"id": "o1", "type": "custom", "properties": {}}]},
    {"obligations": [{"id": "o1", "type": "custom", "properties": {"kind": kind}}
                     for kind in ("view_only", "no_onward")]},
    {"obligations": [{"id": name, "type": "custom", "properties": {"kind": "delete_after",
                                                                   "days": 1}}
                     for name in ("o1", "o2")]},
    {"decided_at": "now"}, {"decided_at": "2026-11-23T02:00:00"}, {"valid_until": None},
    {"epoch": "9"}, {"epoch": True}, {"decision_id": ""}])
def test_half_an_answer_permits_nothing(change):
    with pytest.raises(Refused):
        answer(**change)


@pytest.mark.parametrize("body", [
    None, [], "true", 1, {}, {"decision": "true", "context": {}}, {"decision": 1},
    {"decision": None}, {"decision": True}, {"decision": True, "context": []}])
def test_what_is_no_answer_is_unreadable(body):
    with pytest.raises(Refused) as refused:
        read_answer(body)
    assert refused.value.code == "PEP.UNREADABLE"


def test_a_permit_is_kept_as_long_as_told_and_never_past_a_newer_epoch():
    now = [100.0]
    cache = Cache(clock=lambda: now[0])
    cache.put("q", answer(), 100.0)
    now[0] = 104.9
    assert cache.get("q")
    cache.put("other", answer(epoch=10), now[0])
    assert cache.get("q") is None and cache.get("other")
    cache.put("late", answer(), now[0])
    assert cache.get("late") is None
    now[0] = 110.0
    assert cache.get("other") is None
    cache.put("never", answer(epoch=10, valid_until="2026-11-23T02:00:00.000000Z"), now[0])
    assert cache.get("never") is None
    long = answer(epoch=10, valid_until="2026-11-24T02:00:00.000000Z")
    assert long.keep_s == 5
    cache.put("q", answer(epoch=10), now[0])
    cache.saw(11)
    assert cache.get("q") is None
    cache.put("no", answer(permits=False, epoch=11), now[0])
    assert cache.get("no") is None


def test_questions_are_alike_when_only_the_trace_differs():
    first = {"context": {"purpose": "A", "trace_id": "1"}}
    assert key_of(first) == key_of({"context": {"trace_id": "2", "purpose": "A"}})
    assert key_of(first) != key_of({"context": {"purpose": "B", "trace_id": "1"}})


def test_a_receipt_says_what_left():
    found = enforced([{"name": "a", "tax": "x"}], ("receipt", {"within_s": 300}),
                     ("watermark", {"text": "w"}), ("delete_after", {"days": 30}))
    receipt = found.receipt(b"[]")
    assert receipt == Receipt(
        "dec_1", "SERVED", 1, ("name", "tax"), {"name": "CLEAR", "tax": "PARTIAL"},
        {"o1": "DONE", "o2": "DONE", "o3": "DONE"},
        "sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945", "w",
        "2026-12-23")
    assert json.loads(json.dumps(receipt.body()))["fields"] == ["name", "tax"]
    failed = enforced([{"name": "a"}], ("receipt", {}), ("dance", {})).receipt()
    assert (failed.outcome, failed.rows, failed.response_digest) == ("FAILED", 0, "")


@pytest.mark.parametrize(("status", "kind", "body", "sent"), [
    (200, "application/json", b'[{"name": "a"}]', 200), (200, "application/json", b"{", 502),
    (200, "text/html", b"<b>secret</b>", 502), (200, "application/json", b'["secret"]', 502),
    (200, "application/json", b'{"rows": {"a": "secret"}}', 502),
    (500, "application/json", b'{"error": "secret"}', 500),
    (302, "text/plain", b"secret", 502), (404, "application/json", b"secret", 404)])
def test_only_rows_are_sent_on(status, kind, body, sent):
    reply = passed(answer(), EVERYTHING, status, kind, body)
    assert reply.status == sent and b"secret" not in reply.body
    assert dict(reply.headers)["X-Decision-Id"] == "dec_1"


def test_the_point_names_what_it_can_do_and_hufu_orders_nothing_else():
    assert set(EVERYTHING.kinds) == {kind.value for kind in Kind}
    assert not {"filter_rows", "min_group", "mark_dispute", "notify_subject",
                "step-up"} & set(Point().kinds)


def test_every_kind_a_decision_orders_is_carried_out():
    zone = granting(regions=("110000",), retention_days=30, obligations=tuple(
        (kind.value, ()) for kind in Kind))
    question = ask(region="110105", supported_kinds=list(EVERYTHING.kinds))
    decision = decide(question, zone, LAW, AT, "dec_1")
    assert decision.permits
    told = answer(fields=dict(decision.fields), obligations=json.loads(
        json.dumps(decision.obligations)))
    found = enforce(told, [{"ent_name": "甲", "tax_grade": "A", "xzqh": "110105", "n": 9}],
                    EVERYTHING)
    assert not found.refused and found.rows == ({"ent_name": "甲", "tax_grade": "***"},)


def handed(orders, **headers):
    packed = base64.urlsafe_b64encode(json.dumps(orders).encode()).rstrip(b"=").decode()
    return {"X-Decision-Id": "dec_1", "X-Policy-Epoch": "9", "X-Obligations": packed, **headers}


def test_a_permit_handed_on_in_headers_orders_the_same():
    orders = document(
        ("mask_fields", {"fields": {"tax": {"treatment": "REDACT"}, "x": {"treatment": "REDACT"}}}),
        ("drop_fields", {"fields": ["left"]}), ("watermark", {"text": "w"}))["context"]
    found = read_headers(handed(orders["obligations"]), ["name", "tax", "left"])
    assert found.keep_s == 0 and found.decision == "dec_1"
    shown = enforce(found, [{"name": "a", "tax": "b", "left": "c", "x": "d", "y": "e"}], EVERYTHING)
    assert shown.rows == ({"name": "a", "tax": "***"},) and "watermark" in shown.told
    assert read_headers(handed([]), ["name"]).obligations == ()


@pytest.mark.parametrize("change", [
    {"X-Obligations": ""}, {"X-Obligations": "W10="}, {"X-Obligations": "bm8"},
    {"X-Obligations": "bnVsbA"}, {"X-Decision-Id": ""}, {"X-Policy-Epoch": "new"},
    {"X-Policy-Epoch": "-1"}])
def test_headers_that_are_no_permit_permit_nothing(change):
    with pytest.raises(Refused):
        read_headers(handed([], **change), ["name"])
    for name in handed([]):
        with pytest.raises(Refused):
            read_headers({key: value for key, value in handed([]).items() if key != name}, [])


SECRET = st.text("abc甲乙0123456789-", min_size=6, max_size=18).map(lambda text: "秘" + text)
ORDERS = st.lists(st.sampled_from([
    ("filter_rows", {"expr": {"region_in": ["110000"]}}), ("filter_rows", {"expr": {"x": 1}}),
    ("min_group", {"k": 3}), ("min_group", {}), ("dance", {}), ("watermark", {"text": "w"}),
    ("drop_fields", {"fields": ["f1"]}), ("mark_dispute", {"items": ["f0", "f1"]}),
    ("mask_fields", {"fields": {"f0": {"treatment": "PARTIAL", "kind": "resident_id"}}}),
    ("mask_fields", {"fields": {"f0": {"treatment": "REDACT"}}}), ("mask_fields", {}),
    ("suppress_aged_negative", {"years": 5, "fields": {"f2": "ended"}})]),
    max_size=4, unique_by=lambda order: order[0])
ROWS = st.lists(st.fixed_dictionaries(
    {f"f{at}": SECRET for at in range(4)}, optional={
        "xzqh": st.sampled_from(["110105", "310000", "", None]), "n": st.integers(0, 9),
        "ended": st.sampled_from(["2015-01-01", "2026-01-01", None, "?"])}), max_size=4)
FIELDS = st.dictionaries(st.sampled_from([f"f{at}" for at in range(3)]),
                         st.sampled_from(TREATMENTS), min_size=1)


@settings(max_examples=400, deadline=timedelta(seconds=2))
@given(rows=ROWS, fields=FIELDS, orders=ORDERS, permits=st.booleans(),
       key=st.sampled_from([KEY, None]))
def test_no_row_leaves_unmasked(rows, fields, orders, permits, key):
    """Whatever is ordered, fails or is missing: only treated values of named fields leave."""
    point = Point(COLUMNS, key=key, disputed=lambda row: ["f1"])
    found = enforced(rows, *orders, fields=fields, permits=permits, point=point)
    if not permits or set(found.results.values()) - {"DONE"}:
        assert found.refused
    if found.refused:
        assert found.rows == ()
    for row in found.rows:
        assert set(row) - {"_disputed"} <= {name for name in fields if fields[name] != "DROP"}
        for name, value in row.items():
            if name != "_disputed" and fields[name] != "CLEAR":
                assert value not in {original[name] for original in rows}


GRANTED = st.fixed_dictionaries({}, optional={
    "regions": st.just(("110000",)), "lookback_months": st.integers(1, 36),
    "retention_days": st.integers(0, 400), "population": st.sampled_from(["ALL", "OWN_CUSTOMERS"]),
    "fields": st.fixed_dictionaries({name: st.sampled_from(TREATMENTS)
                                     for name in ("ent_name", "tax_grade", "penalty_count")}),
    "obligations": st.sets(st.sampled_from([kind.value for kind in Kind])).map(
        lambda kinds: tuple((kind, ()) for kind in sorted(kinds)))})
SOLD = st.fixed_dictionaries({name: SECRET for name in ("ent_name", "tax_grade", "penalty_count",
                                                        "secret_score", "id")}, optional={
    "xzqh": st.sampled_from(["110105", "990000"]), "n": st.integers(0, 9), "own": st.booleans(),
    "rq": st.sampled_from(["2026-11-01", "2001-01-01"])})


@settings(max_examples=300, deadline=timedelta(seconds=2))
@given(granted=GRANTED, rows=st.lists(SOLD, max_size=4),
       asked=st.sets(st.sampled_from(["ent_name", "tax_grade", "penalty_count"]), min_size=1))
def test_whatever_was_granted_only_that_leaves(granted, rows, asked):
    """From the grant to the row: every decision of the product, carried out by the kit."""
    decision = decide(ask(fields=sorted(asked), region="110105", lookback_from="2026-11-01",
                          business_ref="LN1", supported_kinds=list(EVERYTHING.kinds)),
                      granting(**granted), LAW, AT, "dec_1")
    assert decision.permits
    told = answer(fields=dict(decision.fields), obligations=json.loads(
        json.dumps(decision.obligations)))
    found = enforce(told, rows, EVERYTHING)
    assert not found.refused and len(found.rows) <= len(rows)
    treatments = granted.get("fields", {"tax_grade": "PARTIAL"})
    left = [row for row in rows if (
        ("regions" not in granted or row.get("xzqh") == "110105")
        and ("lookback_months" not in granted or row.get("rq") == "2026-11-01")
        and (granted.get("population", "ALL") == "ALL" or row.get("own") is True)
        and (("min_group", ()) not in granted.get("obligations", ()) or row.get("n", 0) >= 5))]
    assert len(found.rows) == len(left)
    for shown, row in zip(found.rows, left, strict=True):
        names = {name for name in asked if treatments.get(name) != "DROP"}
        assert set(shown) == names
        for name in names:
            assert (shown[name] == row[name]) == (treatments.get(name, "CLEAR") == "CLEAR")


def test_the_folder_imports_the_standard_library_httpx_and_the_masks():
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                roots = {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                roots = {node.module.partition(".")[0]}
            else:
                continue
            assert roots <= {*sys.stdlib_module_names, "httpx", "hufu_mask"}, path.name
