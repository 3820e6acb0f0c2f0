"""The commands and the Python of the README: options parse, names exist, the snippet runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
import typer.main
from bayessel.models import DEFAULT as DEFAULT_MODEL

from bayessel.cli.app import app
from bayessel.cli.fit_options import validate_engine
from bayessel.cli.priors import named_priors
from bayessel.inference.load import load_model
from bayessel.strategies import make_strategy
from sample import rows

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"(?ms)^```(\w*)\n(.*?)^```", README)
COMMANDS = [
    found[1]
    for language, block in BLOCKS
    if not language
    for line in block.replace("\\\n", " ").splitlines()
    if (found := re.search(r"uv run bayessel (.*)", line))
]


def test_there_are_commands():
    assert {line.split()[0] for line in COMMANDS} >= {"demo", "select", "sensitivity", "tell"}


@pytest.mark.parametrize("line", COMMANDS)
def test_options_parse_and_names_exist(line):
    words = shlex.split(line, comments=True)
    command = typer.main.get_command(app)
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    given = command.make_context(command.name, words).params
    if "engine" in given:
        validate_engine(given["engine"], given["sampler"])
        load_model(given["model"], named_priors([*(given["prior"] or ()), *given.get("vary", ())]))
    elif "strategy" in given:
        make_strategy(given["strategy"], model=given["model"], prior=named_priors(given["prior"]))


@pytest.mark.parametrize("command", ["select", "start", "fit", "sensitivity"])
def test_the_prior_in_the_help_is_one_of_the_default_models(command):
    options = typer.main.get_command(app).commands[command].params
    said = next(option.help for option in options if option.name == "prior")
    (text,) = re.findall(r"'(\w+=.*?)'", said)
    (name,) = named_priors([text])
    own = load_model(DEFAULT_MODEL).priors[name]
    assert load_model(DEFAULT_MODEL, named_priors([text])).priors[name] != own


@pytest.mark.filterwarnings("ignore:budget 600 was cut:UserWarning")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of r-hat: all is judged, nothing varies
def test_the_snippet_runs(tmp_path, monkeypatch):
    snippet = next(block for language, block in BLOCKS if language == "python")
    table = rows(models=("gpt-x", "llama-y"))
    outcomes = {"gpt-x": "win", "llama-y": "draw"}  # as the snippet tells
    table = [{**row, "outcome": outcomes.get(str(row["model"]), "")} for row in table]
    pd.DataFrame(table).to_csv(tmp_path / "outcomes.csv", index=False)
    monkeypatch.chdir(tmp_path)
    left: dict[str, object] = {}
    exec(snippet, left)
    assert left["selector"].best == "gpt-x"
