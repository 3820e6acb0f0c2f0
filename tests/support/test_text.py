"""Text cut and counted for people."""

from __future__ import annotations

import json
import shlex
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from bayessel.support.text import (
    command,
    count,
    from_cell,
    json_line,
    listing,
    one_line,
    plain_cell,
    printable,
    short,
    shorten,
    shorten_all,
)


def test_the_ends_of_a_name_are_kept():
    assert shorten("gemini-2.5-pro", 14) == "gemini-2.5-pro"
    assert shorten("gemini-2.5-flash", 9) == "gemi…lash"


@given(st.text(max_size=60), st.integers(3, 50))
def test_never_longer_than_asked(name, most):
    short = shorten(name, most)
    assert len(short) == min(len(printable(name)), most)
    assert short[0:1] == printable(name)[0:1]
    assert short[-1:] == printable(name)[-1:]


@given(st.lists(st.text(max_size=40), max_size=8), st.integers(3, 30))
def test_names_that_stand_together_are_cut_one_by_one(names, most):
    cut = shorten_all(names, most)
    assert len(cut) == len(names)
    for name, shown in zip(names, cut, strict=True):
        assert len(shown) <= most
        assert shown == printable(name) or len(printable(name)) > most


@given(
    st.text("ab", max_size=30),
    st.text("ab", max_size=30),
    st.integers(3, 20),
    st.text("abc", min_size=1),
)
@example("a" * 20, "b" * 20, 5, "c")  # the same beginning and end
def test_two_names_that_differ_look_different(head, tail, most, more):
    one, two = shorten_all([head + tail, head + more + tail], most)
    assert one != two


def test_a_name_is_cut_where_its_family_differs():
    family = ["WizardLM--WizardCoder-70B-V1.0", "WizardLM--WizardMath-70B-V1.0"]
    assert shorten(family[0], 19) == shorten(family[1], 19) == "WizardLM-…-70B-V1.0"
    assert shorten_all([*family, "gpt-4"], 19) == [
        "WizardLM…r-70B-V1.0",
        "WizardLM…h-70B-V1.0",
        "gpt-4",
    ]


def test_a_listing_says_how_many_names_it_leaves_out():
    assert listing([]) == ""
    assert listing(["a", 2]) == "'a', '2'"
    assert listing("abcde") == "'a', 'b', 'c', 'd', 'e'"
    assert listing("abcdefg") == "'a', 'b', 'c', 'd', 'e' and 2 more"
    assert listing("abc", 1) == "'a' and 2 more"


@given(st.text(max_size=200) | st.integers() | st.lists(st.integers()), st.integers(4, 80))
def test_a_value_is_shown_on_one_line_of_a_given_length(value, most):
    shown = short(value, most)
    assert len(shown) == min(len(repr(value)), most)
    assert "\n" not in shown
    assert shown == repr(value) or shown.endswith("...")


def test_a_message_is_folded_into_one_line():
    assert one_line(ValueError("bad\n  value.\n")) == "bad value"
    assert one_line("x" * 300) == "x" * 200


def test_numbers_agree_with_their_nouns():
    assert count(1, "row") == "1 row"
    assert count(0, "row") == "0 rows"
    assert count(2, "query", "queries") == "2 queries"


@given(st.text())
@example("'=x")
@example("=x")
@example("'")
def test_a_cell_is_no_formula_and_reads_back(text):
    cell = plain_cell(text)
    assert from_cell(cell) == text
    assert (
        cell[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠") or not cell
    )


@given(st.text(st.characters()))
def test_what_is_printed_has_no_control_and_json_reads_back(text):
    shown = printable(text) + json_line(text) + json_line(text, ascii_only=True)
    assert not any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in shown)
    assert not set(shown) & set("\u202e\u2066\u200f")
    assert json.loads(json_line(text)) == json.loads(json_line(text, ascii_only=True)) == text
    assert "\n" not in json_line(text)


def test_a_command_is_what_a_shell_reads():
    said = command("tell", "-run", "q 1", "a'b=win")
    assert shlex.split(said) == ["bayessel", "tell", "--", "-run", "q 1", "a'b=win"]
    assert command("next", "run") == "bayessel next run"
