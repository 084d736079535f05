"""A path, a host and a query are read in one way or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.paths import (
    PATH_LIMIT,
    Ambiguous,
    decoded_path,
    host_of,
    path_of,
    pattern_of,
    query_of,
)

READ = [("/", ()), ("/a", ("a",)), ("/a/b", ("a", "b")), ("/%61/b", ("a", "b")),
        ("/a%20b", ("a b",)), ("/a+b", ("a+b",)), ("/...", ("...",)), ("/.a", (".a",)),
        ("/PRD-1", ("PRD-1",)), ("/a%2Eb", ("a.b",))]
UNREAD = [
    "", "a", "//", "/a/", "/a//b", "/.", "/..", "/a/../b", "/%2e", "/%2E%2e", "/a%2fb", "/a%2Fb",
    "/a%5cb", "/a\\b", "/a;b", "/a%3bb", "/a%00", "/a%0a", "/a%25b", "/a%252f", "/a%", "/a%2",
    "/a%zz", "/\u4e2d", "/%e4%b8%ad", "/a?b", "/a#b", "/a%3fb", "/{a}", "/a\x00", "/a\n",
    "http://h/a", "*", "/" + "a" * PATH_LIMIT]


@pytest.mark.parametrize(("raw", "segments"), READ)
def test_a_path_is_read_decoded(raw, segments):
    assert path_of(raw) == segments


@pytest.mark.parametrize("raw", UNREAD)
def test_a_path_that_servers_read_differently_is_not_read(raw):
    with pytest.raises(Ambiguous):
        path_of(raw)


def test_a_path_decoded_by_another_is_not_decoded_again():
    assert decoded_path("/a b") == ("a b",)
    for path in ("/%61", "/a%2fb", "/%"):
        with pytest.raises(Ambiguous):
            decoded_path(path)


@given(st.text(max_size=40).map(lambda text: "/" + text))
def test_what_is_read_has_no_separator_no_dots_and_no_second_reading(raw):
    try:
        segments = path_of(raw)
    except Ambiguous:
        return
    assert not any(set(each) & set("/\\;%?#") or each in ("", ".", "..") for each in segments)
    assert decoded_path("/" + "/".join(segments)) == segments


@pytest.mark.parametrize(("text", "host"), [
    ("data.example.org", "data.example.org"), ("DATA.example.org:443", "data.example.org"),
    (" localhost ", "localhost"), ("10.0.0.1:8080", "10.0.0.1")])
def test_a_host_is_its_name_without_port(text, host):
    assert host_of(text) == host


@pytest.mark.parametrize("text", ["", ":80", "a/b", "a b", "a,b", "a..b", "-a", "a:b", "[::1]",
                                  "a@b", "http://a", "a:123456", "\u4e2d"])
def test_what_is_no_host_is_refused(text):
    with pytest.raises(Ambiguous):
        host_of(text)


@pytest.mark.parametrize("text", ["", "a", "/a/", "//", "/a/{b}/{b}", "/{}", "/{a-b}", "/{a}b",
                                  "/a;b", "/../a", "/%61", "/*"])
def test_a_pattern_that_no_path_matches_is_refused(text):
    with pytest.raises(Ambiguous):
        pattern_of(text)


def test_an_argument_given_twice_has_no_value_a_source_accepts():
    assert query_of("a=1&b=x+y&c=%2F&d&a=2") == {"a": "\0", "b": "x y", "c": "/", "d": ""}
    assert query_of("") == {} and query_of("a=%ff") == {}
