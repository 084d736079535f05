"""Bodies as forms: rows, given rows and parts go out as fields and come back as the same values."""

from typing import Literal

import pytest
from flask import Flask
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from app.commands.command import Body, Text, entry
from app.domain.refusals import Invalid
from app.web import forms, mending, words


class Line(Body):
    place: Text = entry("位置", "Place", min_length=1)
    kind: Literal["A", "B"] = entry("种类", "Kind", default="A")
    count: int | None = entry("数量", "Count", default=None, ge=1)
    paper: str = entry("文件", "File", default="", widget="file")


class Answer(Body):
    id: Text = entry("序号", "Number", widget="hidden")
    answer: Text = entry("答复", "Answer", min_length=1)


class Part(Body):
    title: Text = entry("名称", "Title", min_length=2)
    lines: list[Line] = entry("明细", "Lines", default=[])


class Whole(Body):
    lines: list[Line] = entry("明细", "Lines", min_length=1)
    answers: list[Answer] = entry("答复", "Answers", default=[], widget="given")
    part: Part | None = entry("部分", "Part", default=None)
    basis: dict[str, str] = entry("依据", "Basis", default={})


def described(model=Whole, values=None, errors=None) -> dict[str, dict]:
    return {field["name"]: field for field in forms.describe(
        model, "x-", lambda name: [], values=values, errors=errors)}


def form_of(fields) -> MultiDict:
    """What a browser would post for the fields as they are drawn."""
    sent = MultiDict()
    for field in fields:
        if field["type"] == "group":
            sent.update({f"{field['name']}._kept": "yes"} if field["kept"] else {})
            sent.update(form_of(field["fields"]))
        for row in field.get("rows", ()):
            if field["type"] == "given" and row["kept"]:
                sent.add(f"{field['name']}.{row['at']}._kept", "yes")
            sent.update(form_of(row["fields"]))
        if field["type"] in ("text", "select", "number", "hidden", "file"):
            sent.add(field["name"], str(field["value"] or ""))
    return sent


VALUES = {"lines": [{"place": "甲", "kind": "B", "count": 3, "paper": "f1"}],
          "answers": [{"id": "1", "zh": "缺页", "en": "a page is missing", "answer": "已补"}],
          "part": {"title": "附表", "lines": [{"place": "乙", "kind": "A"}], forms.KEPT: True},
          "basis": {"mobile": "本人同意"}}


def test_what_is_drawn_comes_back_as_the_same_body():
    body = forms.posted(Whole, form_of(described(values=VALUES).values()))
    assert body.model_dump() == Whole.model_validate({
        **VALUES, "answers": [{"id": "1", "answer": "已补"}],
        "part": {"title": "附表", "lines": [{"place": "乙"}]}}).model_dump()


def test_rows_are_followed_by_spare_ones_and_spare_ones_do_not_count():
    field = described(values=VALUES)["lines"]
    assert len(field["rows"]) == 1 + forms.SPARE
    assert field["pattern"]["fields"][0]["name"] == "lines.__at__.place"
    assert not any(one["required"] for row in field["rows"] for one in row["fields"])
    assert len(forms.posted(Whole, form_of(described(values=VALUES).values())).lines) == 1


def test_rows_keep_their_order_whatever_gaps_their_numbers_have():
    form = MultiDict({"lines.100000.place": "丙", "lines.7.place": "甲", "lines.12.place": "乙",
                      "lines.x.place": "无", "lines.-1.place": "无"})
    assert [line.place for line in forms.posted(Whole, form).lines] == ["甲", "乙", "丙"]


def test_given_rows_are_heard_only_when_ticked():
    form = MultiDict({"lines.0.place": "甲", "answers.0.id": "1", "answers.0.answer": "已补",
                      "answers.1.id": "2", "answers.1.answer": "不计", "answers.0._kept": "yes"})
    assert [answer.id for answer in forms.posted(Whole, form).answers] == ["1"]
    assert not described(values=VALUES)["answers"].get("pattern")


def test_a_part_left_unticked_is_left_out():
    form = MultiDict({"lines.0.place": "甲", "part.title": "写了但未勾选"})
    assert forms.posted(Whole, form).part is None
    form["part._kept"] = "yes"
    assert forms.posted(Whole, form).part.title == "写了但未勾选"


@pytest.fixture(scope="module")
def chinese():
    """Pages speak Chinese where nobody asks for another language."""
    app = Flask("words")
    words.register(app)
    with app.test_request_context():
        yield


def refused(form) -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        forms.posted(Whole, form)
    return caught.value


def test_a_fault_stands_at_the_row_it_is_about_and_is_told_by_titles(chinese):
    form = MultiDict({"lines.3.place": "甲", "lines.5.count": "0", "answers.0.id": "1",
                      "answers.1.id": "2", "answers.1.answer": "", "answers.1._kept": "yes"})
    error = refused(form)
    start = {"answers": [{"id": "1", "zh": "缺页"}, {"id": "2", "zh": "缺章"}]}
    fields = described(values=forms.again(Whole, form, start), errors=mending.by_field(error))
    first, second = fields["lines"]["rows"][:2]
    assert not any(one["error"] for one in first["fields"])
    assert second["by"]["place"]["error"] and second["by"]["count"]["error"]
    unticked, ticked = fields["answers"]["rows"]
    assert not unticked["kept"] and not unticked["by"]["answer"]["error"]
    assert ticked["by"]["answer"]["error"] and ticked["held"]["zh"] == "缺章"
    told = mending.told(error, list(fields.values()))
    assert told.title == "请修改以下各项"
    assert [(line.title, line.href, line.text) for line in told.lines] == [
        ("明细 · 第 2 行 · 位置", "#x-lines.1.place", "未填写或太短"),
        ("明细 · 第 2 行 · 数量", "#x-lines.1.count", "过小"),
        ("答复 · 缺章 · 答复", "#x-answers.1.answer", "未填写或太短")]


def test_both_languages_have_words_of_their_own_for_every_fault():
    assert forms.ZH.keys() == forms.EN.keys()


def test_a_fault_named_by_the_key_of_a_given_row_stands_there():
    fields = described(values={"answers": [{"id": "mobile"}]}, errors={"mobile": "须写明理由"})
    assert fields["answers"]["rows"][0]["error"] == "须写明理由"


def test_two_faults_of_one_field_are_both_told():
    assert described(errors={"lines": "太少", "part": "缺页"})["lines"]["error"] == "太少"
    model = forms.describe(Line, "", lambda name: [], errors={"count": "过小", "count.x": "非数"})
    assert [field["error"] for field in model] == [None, None, "过小；非数", None]


@pytest.mark.parametrize(("facts", "lines"), [
    ([("lines.甲", "没有该资源")], [("明细 · 甲", "", "没有该资源")]),
    ([("elsewhere.0.x", "不相符")], [("", "", "不相符")]), ([], [])])
def test_a_fault_no_field_shows_is_told_without_its_raw_place(chinese, facts, lines):
    error = Invalid("整体有误", "wrong as a whole", errors=[
        {"at": at, "zh": text, "en": text} for at, text in facts])
    drawn = [*described(errors=mending.by_field(error)).values()]
    told = mending.told(error, drawn)
    assert told.title == "整体有误"
    assert [(line.title, line.href, line.text) for line in told.lines] == lines


def test_a_refused_form_is_shown_as_it_was_sent_not_as_it_began():
    form = MultiDict({"lines.0.place": "改过的", "basis.0.key": "mobile", "basis.0.value": "同意"})
    said = forms.again(Whole, form, VALUES)
    assert [row["place"] for row in said["lines"]] == ["改过的"]
    assert said["basis"] == {"mobile": "同意"} and "part" not in said


@pytest.mark.parametrize(("name", "takes"), [
    ("lines.0.paper", True), ("part.lines.2.paper", True), ("lines.0.place", False),
    ("paper", False), ("lines", False), ("part", False), ("lines.0.paper.x", False)])
def test_files_are_taken_only_where_the_body_asks_for_one(name, takes):
    assert forms.takes_file(Whole, name) is takes


def test_a_file_handed_in_takes_the_place_of_the_one_kept():
    form = MultiDict({"lines.0.place": "甲", "lines.0.paper": "kept"})
    assert forms.posted(Whole, form).lines[0].paper == "kept"
    assert forms.posted(Whole, form, {"lines.0.paper": ["new"]}).lines[0].paper == "new"
