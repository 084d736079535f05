"""I07: what names persons, files or objects is NFC and holds no control or direction character;
what is written at length is bounded and holds none either, but for new lines."""

import typing
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from app.commands.command import Reasoned, commands
from app.domain.wire import UnsafeText, clean_text
from tests.properties import calm

HOSTILE = ("a\x00b", "a\x1bb", "a\u202eb", "a\u2066b", "a\u200bb", "a\ufeffb", "a\x7fb")
# What is read by a stricter reader of its own, or is no text: passwords, files, documents.
OTHERWISE = {"content"}


def texts(model, seen=None):
    """Every member of a body, and of what it holds, that takes a text."""
    seen = set() if seen is None else seen
    if model in seen:
        return
    seen.add(model)
    for name, info in model.model_fields.items():
        kinds, left = [], [info.annotation]
        while left:
            hint = left.pop()
            left += typing.get_args(hint)
            kinds.append(hint)
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from texts(kind, seen)
        if str in kinds and name not in OTHERWISE:
            yield model, name


FIELDS = sorted({(model.__module__, model.__name__, name): (model, name)
                 for command in commands().values()
                 for model, name in texts(command.body)}.items())


def taken(model, name, text) -> bool:
    """Whether a body takes the text under this member, whatever it says of the others."""
    for value in (text, [text], {text: text}, {"甲": text}):
        try:
            model.model_validate({name: value})
        except ValidationError as error:
            if any(item["loc"][:1] == (name,) for item in error.errors()):
                continue
        return True
    return False


@pytest.mark.parametrize("field", [field for _, field in FIELDS],
                         ids=[".".join(key[1:]) for key, _ in FIELDS])
def test_I07_no_text_of_any_body_takes_a_control_or_direction_character(field):
    model, name = field
    assert not [text for text in HOSTILE if taken(model, name, text)]


@calm
@given(st.text(max_size=40))
def test_I07_a_name_is_in_one_form_or_refused(text):
    try:
        clean = clean_text(text)
    except UnsafeText:
        return
    assert clean == unicodedata.normalize("NFC", text)
    assert not {unicodedata.category(mark) for mark in clean} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_I07_the_walk_sees_the_bodies():
    assert len(FIELDS) > 100


def test_I07_a_reason_may_have_lines_as_a_form_sends_them():
    said = Reasoned(reason="第一行\r\n第二行\n\t第三行")
    assert said.reason == "第一行\n第二行\n\t第三行"
