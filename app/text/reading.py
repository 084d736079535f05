"""Reading a text: what is seen in it, and the text with that masked."""

from functools import cache

from presidio_analyzer import RecognizerResult
from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import OperatorConfig
from presidio_anonymizer.operators import Operator, OperatorType

from app.domain.texts import Orders, Reading, Spotted, apart, pieces
from app.engines.classification.chinese_names import names
from app.engines.classification.recognizers import analyzer
from app.engines.classification.rules import identifiers
from app.engines.classification.text_engine import LANGUAGE
from kit.hufu_mask import Key, mask

BODY = ("organisation", "机关或单位名称", "Public body or organisation", "organisation")
NAMES = frozenset({"person_name_zh", "company_name", "address_zh", BODY[0]})
FIELD = "text"  # tokens of running text are no tokens of any field


@cache
def titles() -> dict[str, tuple[str, str, str]]:
    """Both titles and the subject of every identifier that is looked for in text."""
    found = {each.id: (each.zh, each.en, each.subject) for each in identifiers() if each.searched}
    return {**found, BODY[0]: BODY[1:]}


def warm() -> None:
    """Load everything a first reading needs."""
    titles()
    analyzer()


def analyze(text: str, wanted: frozenset[str]) -> Reading:
    """What is seen in the text, of the identifiers wanted, or of all where none is named."""
    known, engine = titles(), analyzer()
    seen = []
    for start, piece, first, until in pieces(text):
        sought = (wanted or known.keys()) - (NAMES if piece.isascii() else frozenset())
        for each in engine.analyze(piece, LANGUAGE, entities=sorted(sought)) if sought else ():
            if first <= start + each.start < until:
                seen.append(Spotted(start + each.start, start + each.end, each.entity_type,
                                    *known[each.entity_type], round(each.score, 2)))
    return Reading(len(text), tuple(apart(seen)), "tagger" if names().tagger else "rules")


class Treatment(Operator):
    """A treatment of the kit, as Presidio calls what is done to a span."""

    def operate(self, text: str, params: dict | None = None) -> str:
        """The span under its treatment; nothing where it is dropped."""
        ordered = dict(params or {})
        return mask(text, ordered["treatment"], kind=ordered["kind"], key=ordered["key"],
                    field=FIELD) or ""

    def validate(self, params: dict | None = None) -> None:
        """An order that names no treatment and kind is refused when it is carried out."""

    def operator_name(self) -> str:
        return "hufu"

    def operator_type(self) -> OperatorType:
        return OperatorType.Anonymize


@cache
def anonymizer() -> AnonymizerEngine:
    """Presidio's anonymizer with our treatments."""
    engine = AnonymizerEngine()
    engine.add_anonymizer(Treatment)
    return engine


def masked(text: str, wanted: frozenset[str], orders: Orders, key: Key) -> Reading:
    """The text with every span that is seen under its treatment; spans are those of the result."""
    read = analyze(text, wanted)
    spans = [RecognizerResult(f"{each.identifier} {place}", each.start, each.end, 1.0)
             for place, each in enumerate(read.spans)]
    operators = {
        span.entity_type: OperatorConfig("hufu", {
            "treatment": orders.of(each.identifier), "kind": each.identifier, "key": key})
        for span, each in zip(spans, read.spans, strict=True)}
    result = anonymizer().anonymize(text, spans, operators)
    done = sorted(result.items, key=lambda item: int(item.entity_type.rpartition(" ")[2]))
    shown = tuple(
        Spotted(item.start, item.end, each.identifier, each.zh, each.en, each.subject, each.score,
                orders.of(each.identifier))
        for item, each in zip(done, read.spans, strict=True))
    return Reading(read.characters, shown, read.names_by, result.text)
