"""The option ``--rule`` and the notes of readers on the command line."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def pairs(tmp_path):
    """FastChat's pairs, some of them decided in one game only."""
    path = tmp_path / "gpt-4_pair.jsonl"
    said = {"a": ["model_1", "tie"], "b": ["tie", "model_2"], "c": ["model_1", "model_1"]}
    records = [
        {"question_id": q, "model_1": model, "model_2": "base", "judge": ["gpt-4", "pair-v2"]}
        | {"g1_winner": first, "g2_winner": second, "turn": 1}
        for q in range(8)
        for model, (first, second) in {**said, "base": ["tie", "tie"]}.items()
    ]
    path.write_text("".join(json.dumps(r) + "\n" for r in records))
    return path


@pytest.mark.parametrize(("rule", "wins"), [((), 0.5), (("--rule", "games=net"), 1.0)])
def test_a_rule_changes_how_files_are_read(bayessel, pairs, tmp_path, rule, wins):
    from bayessel import Task

    done = bayessel("start", pairs, *rule, "--seed", 1, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "left out 8 judgments of the baseline 'base' against itself" in done.stdout
    task = Task.read(tmp_path / "run" / "task", baseline="base")
    assert task.candidates == ("a", "b", "c")
    assert task.win_rate[0] == wins


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("game=net", ("unknown rule of the format 'mt-bench' 'game'", "did you mean 'games'")),
        ("games=nett", ("unknown reading of the rule 'games' 'nett'", "did you mean 'net'")),
        ("games", ("rule 'games'", "expected NAME=READING")),
    ],
)
def test_a_rule_that_there_is_not(bayessel, pairs, rule, words):
    done = bayessel("select", pairs, "--rule", rule)
    assert done.returncode == 2
    assert done.stderr.strip().count("\n") == 0
    assert all(word in done.stderr for word in words)
