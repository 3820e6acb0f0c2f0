"""The package of docs/plugins.md, installed, and every part of it used by its name."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "plugins.md").read_text("utf-8")
MODELS = (ROOT / "docs" / "extending.md").read_text("utf-8")
FILES = dict(re.findall(r"```python\n# (\w+)\.py\n(.*?)```", PAGE, re.DOTALL))
PROJECT = tomllib.loads(re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0])["project"]

Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an installer leaves: the package, and its entry points beside it."""
    site = tmp_path_factory.mktemp("site")
    package = site / "my_plug_ins"
    package.mkdir()
    (package / "__init__.py").write_text("")
    trusting = re.findall(r"```python\n# trusting\.py\n(.*?)```", MODELS, re.DOTALL)[0]
    for name, text in {**FILES, "trusting": trusting}.items():
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    about = site / "my_plug_ins-1.0.dist-info"
    about.mkdir()
    name, version = PROJECT["name"], PROJECT["version"]
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = []
    for group, points in PROJECT["entry-points"].items():
        lines += [f"[{group}]", *(f"{point} = {place}" for point, place in points.items())]
    (about / "entry_points.txt").write_text("\n".join([*lines, ""]))
    return site


@pytest.fixture
def python(site: Path, tmp_path: Path) -> Call:
    """Python in a process of its own where the package is installed."""

    def call(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "200", "PYTHONPATH": str(site)},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return call


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """Eight queries, three candidates, one cell that was not judged."""
    path = tmp_path / "judged.wide.csv"
    frame = pd.DataFrame(
        {
            "query_id": [f"q{q}" for q in range(8)],
            "a": ["win"] * 7 + ["draw"],
            "b": ["loss", "win"] * 4,
            "c": ["loss"] * 7 + [""],
        }
    )
    frame.to_csv(path, index=False)
    return path


def test_every_file_of_the_page_is_an_entry_point():
    places = [p for points in PROJECT["entry-points"].values() for p in points.values()]
    modules = {place.partition(":")[0].rpartition(".")[2] for place in places}
    assert modules == {*FILES, "trusting"}


def test_select_uses_format_acquisition_and_strategy(python, wide, tmp_path):
    few = ("-m", "bayessel", "select", wide, "--baseline", "base", "--budget", "12", "--json")
    done = python(*few, "--acquisition", "contrast", "--out", "one")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["best"] == "a"
    done = python(*few, "--strategy", "in-order", "--out", "two")
    assert done.returncode == 0, done.stderr
    history = pd.read_csv(tmp_path / "two" / "history.csv")
    assert history["query"].unique().tolist() == ["q0", "q1", "q2", "q3"]


def test_a_reader_of_a_plug_in_says_what_it_cannot_read(python, wide):
    wide.write_text(wide.read_text().replace("draw", "drwa"))
    done = python("-m", "bayessel", "select", wide, "--baseline", "base", "--out", "one")
    assert done.returncode == 2
    assert "query q7, candidate a: 'drwa' is no outcome" in done.stderr


def test_the_help_lists_the_names_and_the_model_fits(python, wide):
    help_text = python("-m", "bayessel", "select", "--help").stdout
    assert {"contrast", "wide", "in-order"} <= set(re.findall(r"[a-z-]+", help_text))
    small = ("--chains", "2", "--draws", "20", "--warmup", "20", "--out", "fit")
    done = python(
        "-m", "bayessel", "fit", wide, "--baseline", "base", "--model", "trusting", *small
    )
    assert done.returncode == 0, done.stderr
    assert "fitting trusting with numpyro" in done.stdout


def test_oracle_and_weak_judge_by_their_names(python):
    done = python(
        "-c",
        """
from bayessel import Selector, simulate_task
from bayessel.weak_judges import BUILT_IN

task = simulate_task(n_queries=20, n_candidates=4, seed=1)
names = (*BUILT_IN[:2], "exclamations")
assert "exclamations" not in BUILT_IN
selector = Selector(task, "bayessel", weak_judges=names, seed=0)
selector.run("longer", budget=12)
assert tuple(selector.task.data["weak_judge"].to_numpy()) == names
row = task.queries.index(selector.steps[0].of.query)
longer = [len(t) > len(task.texts.baseline[row]) for t in task.texts.responses[row]]
assert [v == 1 for v in selector.bought[row]] == longer
""",
    )
    assert done.returncode == 0, done.stderr
