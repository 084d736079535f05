"""Pieces of a text answer for every place once, and what is seen never overlaps."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.texts import LONGEST, PIECE, SHARED, Spotted, apart, is_too_long, pieces

SPANS = st.lists(st.builds(
    lambda start, size, name, score: Spotted(start, start + size, name, "", "", "thing", score),
    st.integers(0, 60), st.integers(1, 20), st.sampled_from("abc"), st.sampled_from([0.4, 1.0])))


@given(st.integers(0, 4 * PIECE))
def test_every_place_is_answered_for_once_and_read_with_its_neighbourhood(length):
    text = "".join(chr(0x4E00 + place % 5000) for place in range(length))
    until = 0
    for start, piece, first, end in pieces(text):
        assert first == until and text[start:start + len(piece)] == piece and len(piece) <= PIECE
        assert start <= max(0, first - SHARED // 2)
        assert start + len(piece) >= min(len(text), end + SHARED // 2)
        until = end
    assert until == len(text)


@given(SPANS)
def test_spans_are_apart_and_cover_all_that_was_covered(spans):
    kept = apart(spans)
    assert all(one.end <= other.start for one, other in zip(kept, kept[1:], strict=False))
    covered = {place for span in spans for place in range(span.start, span.end)}
    assert {place for span in kept for place in range(span.start, span.end)} == covered


def test_the_longest_of_spans_that_meet_names_them():
    inner, outer = (Spotted(2, 4, "a", "", "", "thing", 1.0), Spotted(0, 9, "b", "", "", "", 0.4))
    assert [span.identifier for span in apart([inner, outer])] == ["b"]


def test_a_text_is_bounded_in_bytes():
    assert not is_too_long("a" * LONGEST) and is_too_long("a" * (LONGEST + 1))
    assert not is_too_long("王" * (LONGEST // 3)) and is_too_long("王" * (LONGEST // 3 + 1))
    assert is_too_long("\ud800" * LONGEST)
