"""Two years of calls: real decisions under the grants of that day, with a realistic mix of denials."""

from collections.abc import Callable
from datetime import timedelta

from app.commands.decide import Gate, Question
from app.demo import names
from app.demo.dice import Dice
from app.demo.simulation import Simulation
from app.domain.asks import Presented
from app.domain.canonical import instant

TOTAL = 20_000
DAYS = 700


def history(story: Simulation, gate: Gate, total: int, happens: Callable[[int], None]) -> None:
    """Decisions day by day, more on working days, sealed as a gateway's would be.

    `happens` is told each day, so that grants end when they ended.
    """
    dice = Dice("calls")
    weights = [_weight(story, day) for day in range(-DAYS, 0)]
    whole, owed = sum(weights), 0
    for day, weight in zip(range(-DAYS, 0), weights, strict=True):
        owed += total * weight
        count, owed = divmod(owed, whole)
        happens(day)
        at = story.day(day, 9, dice.below(60))
        story.at(at)
        live = [entry for entry in _grants(story)
                if entry[0].valid_from <= at < entry[0].valid_to + timedelta(days=10)]
        gate.answers([_question(story, dice, dice.pick(live)) for _ in range(count)])


def _weight(story: Simulation, day: int) -> int:
    works = story.rt.holidays.is_workday(story.day(day).date())
    return (20 if works else 4) * (DAYS + day + 400)


def _grants(story: Simulation) -> list:
    return [value for key, value in story.rows.items() if key.startswith("grant:")]


def _question(story: Simulation, dice: Dice, held) -> Question:
    grant, owner, product, document = held
    app, credential = story.rows[f"app:{owner}"], story.rows[f"credential:{owner}"]
    way = dice.pick(document["method"]["ways"])
    fields = [item["field"] for item in document["scope"]["fields"]]
    asked = {
        "subject": {"type": "client_app", "id": app.number, "properties": {
            "institution": story.rows[f"institution:{owner}"].number, "user": app.users[0],
            "user_auth_level": 2}},
        "action": {"name": way["action"], "properties": {
            "channel": way["channel"], "environment": "PROD", "batch_size": 1}},
        "resource": {"type": "product", "id": story.rows[f"product:{product}"].number,
                     "properties": {"fields": dice.some(fields, 1 + dice.below(4)),
                                    "region": "110000",
                                    "lookback_from": story.now.date().replace(
                                        day=1).isoformat(), "data_subject": {
                                        "kind": "ENTERPRISE",
                                        "id": names.uscc(dice.below(9000) % 9999)}}},
        "context": {"purpose": document["purpose"]["nodes"][0]["code"], "grant": grant.number,
                    "business_ref": f"LN{dice.below(10**8):08d}", "time": instant(story.now),
                    "trace_id": f"tr-{dice.below(16**8):08x}"},
    }
    if way["channel"] == "JOINT_NODE":
        asked["resource"]["properties"].pop("data_subject")
        asked["action"]["properties"]["node"] = "NODE-001"
    if dice.chance(9):
        _spoil(dice, asked)
    return Question(asked, Presented(credential.prefix, "127.0.0.1"))


def _spoil(dice: Dice, asked: dict) -> None:
    """One of the mistakes gateways make."""
    kind = dice.below(6)
    if kind == 0:
        asked["context"]["purpose"] = "PF.INS.UND"
    elif kind == 1:
        asked["resource"]["properties"]["fields"].append("legal_rep_id_no")
    elif kind == 2:
        asked["context"].pop("purpose")
    elif kind == 3:
        asked["resource"]["properties"]["region"] = "310000"
    elif kind == 4:
        asked["action"]["properties"]["batch_size"] = 500
    else:
        asked["context"].pop("business_ref")
