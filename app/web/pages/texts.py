"""`/text`: a text pasted in, what is seen in it, and how it looks treated; nothing is kept."""

from collections import Counter
from collections.abc import Iterator

from flask import Blueprint, render_template, request
from pydantic import ValidationError

from app.domain.refusals import NotAllowed, Refusal
from app.domain.texts import LONGEST, Spotted
from app.web.pages.objects import me
from app.web.pages.text_api import ToAnalyze, ToMask, read
from app.web.problems import invalid, sentence, status_of
from app.web.routes import names

PAGE = "/text"
TONES = {"person": "amber", "organisation": "blue"}


def pages(rt) -> Blueprint:
    """The page and its answer."""
    blueprint = Blueprint("texts", __name__)

    @blueprint.get(PAGE)
    @names("text.read")
    def look():
        if not rt.staff.permits(me().roles, "text", "read"):
            raise NotAllowed("您的岗位不能使用文本服务", "your roles do not cover `text.read`")
        return _page(rt)

    @blueprint.post(PAGE)
    @names("text.mask")
    def treat():
        text = request.form.get("text", "").replace("\r\n", "\n")
        treatment = request.form.get("treatment", "")
        try:
            orders = _orders(text, treatment)
            seen = read(rt, me(), "analyze", ToAnalyze(text=text))
            done = read(rt, me(), "mask", orders)
        except Refusal as error:
            status = 200 if request.headers.get("HX-Request") else status_of(error)
            return _page(rt, text, treatment, refused=sentence(error)), status
        return _page(rt, text, treatment, seen=seen, parts=[*_parts(text, seen.spans)],
                     kinds=_kinds(seen.spans), masked=done.text)

    return blueprint


def _orders(text: str, treatment: str) -> ToMask:
    """What the form asks for.

    Raises:
        Invalid: names what to mend.
    """
    try:
        return ToMask(text=text, treatment=treatment)
    except ValidationError as error:
        raise invalid(error) from error


def _page(rt, text: str = "", treatment: str = "PARTIAL", **shown) -> str:
    return render_template("texts.html", text=text, treatment=treatment, longest=LONGEST,
                           treatments=rt.law.vocabulary.treatments, **shown)


def _parts(text: str, spans: tuple[Spotted, ...]) -> Iterator[dict]:
    """The text in its order: what lies between the spans, and the spans with what they are."""
    at = 0
    for span in spans:
        yield {"text": text[at:span.start]}
        yield {"text": text[span.start:span.end], "title": {"zh": span.zh, "en": span.en},
               "tone": TONES.get(span.subject, "grey")}
        at = span.end
    yield {"text": text[at:]}


def _kinds(spans: tuple[Spotted, ...]) -> list[dict]:
    """How often each identifier was seen, the most frequent first, and how sure at least."""
    counts = Counter(span.identifier for span in spans)
    least = {span.identifier: span for span in sorted(spans, key=lambda one: -one.score)}
    return [{"id": each, "title": {"zh": least[each].zh, "en": least[each].en}, "count": count,
             "tone": TONES.get(least[each].subject, "grey"), "score": f"{least[each].score:.2f}"}
            for each, count in counts.most_common()]
