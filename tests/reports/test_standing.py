"""The table of candidates and the sentences about them, as people read them."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from bayessel import Selector
from bayessel.reports.selection import SelectionReport
from bayessel.reports.standing import money, race_line, standing_table


def printed(table, width: int, most: int | None = None) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(standing_table(table, width=width, most=most))
    return console.file.getvalue().splitlines()


@pytest.fixture(scope="module")
def selector(task):
    return Selector(task, "random", seed=1, cost={task.candidates[0]: 0.125}).run(budget=60)


@pytest.mark.parametrize("width", [80, 120])
def test_the_whole_table_is_printed_with_its_units(selector, width):
    lines = printed(selector.table, width)
    for column in ("P(best)", "win rate", "90 % interval", "P(1 pt)", "calls", "cost", "out since"):
        assert column in lines[0]
    rows = lines[2:7]
    assert [line.split()[0] for line in rows] == list(selector.table.index)
    for line, (_, row) in zip(rows, selector.table.iterrows(), strict=True):
        assert f"{row['p_best']:.3f}" in line
        assert f" {row['calls']} " in line
        assert line.rstrip().endswith(row["last"].partition(" since ")[2])
    assert "out: P(best) below" in " ".join(lines[7:])
    assert max(map(len, lines)) <= width


def test_the_widest_interval_leaves_every_column_whole(selector):
    lines = printed(selector.table.assign(lower=1.0, upper=1.0), 80)
    assert lines[0].rstrip().endswith("out since")
    assert all(" 100.0 to 100.0 " in line for line in lines[2:7])
    assert max(map(len, lines)) <= 80


def test_rounding_does_not_hide_why_a_candidate_is_out(selector):
    table = selector.table.assign(p_best=0.0098, last="P(best) below 0.01 since call 7")
    assert all("<0.010" in line for line in printed(table, 120)[2:7])


def test_the_leading_rows_say_how_many_more_there_are(selector):
    lines = printed(selector.table, 120, most=2)
    assert len([line for line in lines if line.startswith("candidate-")]) == 2
    assert "and 3 more; P(1 pt)" in " ".join(lines)


def test_numbers_and_sentences_speak_of_calls(selector):
    report = SelectionReport(selector)
    found = report.numbers
    assert (found["calls"], found["queries_opened"], found["whole_queries"]) == (60, 12, 12)
    assert found["cost"] == 12 * 4.125
    assert found["in_race"] == list(selector.in_race)
    assert found["table"][0]["candidate"] == found["best"]
    assert found["table"][0]["calls"] == 12
    assert (
        "  60 calls on 12 of 40 queries, cost 49.50; as many as 12 whole queries take, 30.0 % of "
        "all cells; strategy random" in report.text
    )
    assert "annotation" not in report.text


def test_nothing_judged_says_so(task):
    text = SelectionReport(Selector(task, "random")).text
    assert text.startswith("Nothing is judged yet")
    assert "still in the race (P(best) of 0.01 or more): all 5 candidates" in text
    assert "  0 calls on 0 of 40 queries; strategy random" in text


def test_who_is_in_the_race():
    assert race_line(["a"], "a", 3) == "  no other candidate has a P(best) of 0.01 or more"
    assert race_line(["b", "a"], "a", 3).endswith(": a, b")
    many = [f"m{j}" for j in range(12)]
    assert race_line(many, "m3", 20).endswith("m3, m0, m1, m2, m4, m5, m6, m7 and 4 more")


@pytest.mark.parametrize(
    ("value", "said"), [(0, "0"), (0.0042, "0.0042"), (0.5, "0.5"), (1234.5, "1,234.50")]
)
def test_money_has_the_digits_that_matter(value, said):
    assert money(value) == said
