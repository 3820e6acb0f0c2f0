"""What holds of every reader of another tool's files: the same scores give the same task."""

from __future__ import annotations

import pytest

from bayessel.errors import DataError, UnknownNameError
from bayessel.tasks.readers import FORMATS, detect_format, read_tables
from bayessel.tasks.task import Task
from foreign_files import BASELINE, QUERIES, SCORES, WRITERS, expected

every_format = pytest.mark.parametrize("name", WRITERS)


def by_text(tables, outcomes):
    """Outcomes with queries called by their texts' numbers, whatever the format calls them."""
    number = {
        query: text.removeprefix("topic: ").removeprefix("What is ").removesuffix("?")
        for query, text in zip(tables.queries["query_id"], tables.queries["text"], strict=True)
    }
    return {(number[q], llm): outcome for (q, llm), outcome in outcomes.items()}


@every_format
def test_scores_are_compared_on_each_query(tmp_path, name, outcomes):
    path = WRITERS[name](tmp_path / "out")
    assert detect_format(path) == name
    tables = read_tables(path, baseline=BASELINE)
    assert tables.format == name
    assert by_text(tables, outcomes(tables)) == expected()
    assert tables.baseline == BASELINE
    assert any("1 of 18 answers have no score" in note for note in tables.notes)


@every_format
def test_texts_are_read(tmp_path, name):
    task = Task.read(WRITERS[name](tmp_path / "out"), baseline=BASELINE)
    assert task.has_texts
    assert task.candidates == ("org/a", "org/b")
    assert task.n_queries == len(QUERIES)
    third = task.queries[2]
    assert task.texts.responses[2].tolist() == ["org/a says 3", "org/b says 3"]
    assert task.texts.baseline[2] == "org/base says 3"
    assert "What is 3?" in str(task.data["query_text"].sel(query=third).item())


@every_format
def test_the_baseline_must_be_named(tmp_path, name):
    path = WRITERS[name](tmp_path / "out")
    with pytest.raises(DataError, match=r"--baseline NAME.*'org/a', 'org/b', 'org/base'"):
        read_tables(path)
    with pytest.raises(UnknownNameError, match="did you mean 'org/base'"):
        read_tables(path, baseline="org/bsae")


@every_format
def test_another_baseline_turns_outcomes_round(tmp_path, name, outcomes):
    tables = read_tables(WRITERS[name](tmp_path / "out"), baseline="org/a")
    found = by_text(tables, outcomes(tables))
    for query in QUERIES:
        assert found[query, BASELINE] == -expected()[query, "org/a"]
    assert len(SCORES["org/b"]) == 6
    assert ("6", "org/b") not in found


@every_format
def test_an_unknown_metric_is_refused_by_name(tmp_path, name):
    path = WRITERS[name](tmp_path / "out")
    with pytest.raises(UnknownNameError, match=r"unknown (metric|question or annotator) 'rouge'"):
        read_tables(path, baseline=BASELINE, judge="rouge")


@every_format
def test_only_its_own_format_claims_the_files(tmp_path, name):
    path = WRITERS[name](tmp_path / "out")
    files = [path] if path.is_file() else [f for f in path.rglob("*") if f.is_file()]
    for other in set(FORMATS) - {name, "table"}:
        assert not any(FORMATS[other].detect(f) for f in [path, *files]), other
