"""``next --blind``, ``next --template`` and ``tell`` with letters: the key stays in the run."""

from __future__ import annotations

import json
import random

import pandas as pd
import pytest

from bayessel.selection.ledger import Ledger
from bayessel.selection.letters import Letters
from sample import rows

NAMES = ("gpt-secret-1", "llama-secret-2", "qwen-secret-3")


@pytest.fixture
def run(bayessel, tmp_path):
    """A run whose texts do not say the names."""
    frame = pd.DataFrame(rows(models=NAMES)).assign(outcome="")
    frame["text"] = [f"response number {n}" for n in range(len(frame))]
    frame["model"] = frame["model"].replace("base", "base-secret")
    frame.to_csv(tmp_path / "task.csv", index=False)
    made = bayessel("start", "task.csv", "--baseline", "base-secret", "--out", "run")
    assert made.returncode == 0, made.stderr
    return tmp_path / "run"


def text_of(tmp_path) -> dict[str, str]:
    """Whose each response is."""
    frame = pd.read_csv(tmp_path / "task.csv")
    return dict(zip(frame["text"], frame["model"], strict=True))


def test_blind_shows_no_name_and_letters_are_told(bayessel, run, tmp_path):
    shown = bayessel("next", run, "--blind")
    assert "secret" not in shown.stdout
    assert shown.stdout == bayessel("next", run, "--blind").stdout  # letters are kept
    asked = json.loads(bayessel("next", run, "--blind", "--json").stdout)
    assert "secret" not in json.dumps(asked)
    assert "why" not in asked  # who judges blind is not told that somebody leads
    letters = asked["candidates"]
    assert letters == ["A", "B", "C"]
    told = bayessel("tell", run, asked["query"], "A=win", "b=draw", "C=loss")
    assert told.returncode == 0, told.stderr
    whose = text_of(tmp_path)
    expected = {
        (asked["query"], whose[asked["responses"][letter]], outcome)
        for letter, outcome in zip(letters, (1, 0, -1), strict=True)
    }
    with Ledger.in_folder(run) as ledger:
        assert set(ledger.answers) == expected


def test_reasons_name_nobody_and_are_not_shown_to_who_judges_blind(bayessel, run):
    query = json.loads(bayessel("next", run, "--json").stdout)["query"]
    assert bayessel("tell", run, query, f"{NAMES[0]}=win", f"{NAMES[1]}=draw").returncode == 0
    asked = json.loads(bayessel("next", run, "--json").stdout)
    assert asked["why"]
    assert "secret" not in asked["why"]
    for words in ((), ("--json",), ("--batch", "4"), ("--batch", "4", "--json")):
        shown = bayessel("next", run, "--blind", *words).stdout
        for word in ("why:", '"why"', "leader", "challenger", "secret"):
            assert word not in shown


def test_template_is_filled_in_and_told(bayessel, run, tmp_path):
    made = bayessel("next", run, "--batch", "6", "--template", "out.csv")
    assert made.returncode == 0, made.stderr
    path = tmp_path / "out.csv"
    assert "secret" not in path.read_text() + made.stdout
    again = bayessel("next", run, "--template", "out.csv")
    assert again.returncode == 2
    assert again.stderr == "error: out.csv is there and may hold answers: give another name\n"
    frame = pd.read_csv(path, dtype=str)
    frame["outcome"] = ["win", "loss", "draw", "win", "loss", ""][: len(frame)]
    frame.to_csv(path, index=False)
    told = bayessel("tell", run, "out.csv")
    assert told.returncode == 0, told.stderr
    whose = text_of(tmp_path)
    points = {"win": 1, "loss": -1, "draw": 0}
    with Ledger.in_folder(run) as ledger:
        assert set(ledger.answers) == {
            (row.query, whose[row.text], points[row.outcome])
            for row in frame.itertuples()
            if row.outcome
        }


def test_what_is_left_is_said_by_letter(bayessel, run):
    query = json.loads(bayessel("next", run, "--blind", "--json").stdout)["query"]
    told = bayessel("tell", run, query, "A=win", "C=loss").stdout
    assert f"asked and not told yet: {query} (B)" in told
    again = bayessel("next", run, "--blind", "--batch", "4").stdout
    assert "secret" not in told + again
    assert f"{query} (B)" in bayessel("status", run).stdout


def test_one_of_a_template_and_json(bayessel, run):
    refused = bayessel("next", run, "--json", "--template", "out.csv")
    assert refused.returncode == 2
    assert "give one of them" in refused.stderr


def test_an_unknown_letter_is_refused(bayessel, run):
    query = json.loads(bayessel("next", run, "--blind", "--json").stdout)["query"]
    told = bayessel("tell", run, query, "Z=win")
    assert told.returncode == 2
    assert "unknown candidate 'Z'" in told.stderr


def test_a_letter_and_its_name_must_agree(bayessel, run, tmp_path):
    asked = json.loads(bayessel("next", run, "--blind", "--json").stdout)
    name = text_of(tmp_path)[asked["responses"]["A"]]
    told = bayessel("tell", run, asked["query"], "A=win", f"{name}=loss")
    assert told.returncode == 2
    assert "tell it once" in told.stderr


def test_names_are_no_letters_and_a_query_that_comes_back_gets_new_ones(tmp_path):
    with Ledger.create(tmp_path / "run.db", {"candidates": ["a", "x", "y", "z"]}) as ledger:
        letters = Letters(ledger, random.Random(0))
        letters.show([("q", ["x", "y"])], ["a", "x", "y", "z"])
        first = letters.of("q")
        assert list(first) == ["B", "C"]
        Letters(ledger).show([("q", ["y", "z"])], ["a", "x", "y", "z"])
        assert Letters(ledger).of("q") == {**first, "D": "z"}


def test_the_order_is_random(tmp_path):
    with Ledger.create(tmp_path / "run.db", {}) as ledger:
        letters = Letters(ledger, random.Random(1))
        names = ["m", "n", "o"]
        letters.show([(str(q), names) for q in range(60)], names)
        orders = {tuple(letters.of(str(q)).values()) for q in range(60)}
    assert len(orders) == 6
