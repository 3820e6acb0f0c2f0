"""An installed package adds a format and a family of weak judges by entry points."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

MODULE = """
import numpy as np
from bayessel.tasks.readers import Reader
from bayessel.tasks.readers.parts.long import long_tables
from bayessel.tasks.readers.parts.rows import read_rows
from bayessel.weak_judges import Family
from bayessel.weak_judges.corpus import against_baseline


def detect(path):
    return path.name.endswith(".verdicts.csv")


READER = Reader("verdicts", frozenset(), detect, lambda path, o: long_tables(read_rows(path), o))


def scores(corpus, names):
    vowels = np.array([[sum(map(t.count, "aeiou")) for t in row] for row in corpus.responses])
    return against_baseline(vowels.astype(float))[None]


FAMILY = Family({"vowels": "number of vowels", "length": "a name that is taken"}, scores)
WRONG = Family({"flat": "scores of another shape"}, lambda corpus, names: scores(corpus, names)[0])
"""

POINTS = """
[bayessel.readers]
verdicts = plugged_in:READER
[bayessel.weak_judges]
vowels = plugged_in:FAMILY
wrong = plugged_in:WRONG
"""

TABLE = "query_id,candidate,outcome,text\nq,a,1,aaa\nq,b,0,bbb\nq,z,,az\n"

USE = """
import sys
import bayessel
task = bayessel.Task.read(sys.argv[1])
judges = bayessel.weak_judges
print(task.data.attrs["format"], list(bayessel.tasks.readers.FORMATS)[-1])
every = judges.WEAK_JUDGES
print(judges.score_weak_judges(task.texts, ["vowels"])[0].tolist(), every["vowels"].family)
print("vowels" in judges.BUILT_IN, list(every)[-2:], every["length"].family)
try:
    judges.score_weak_judges(task.texts, ["flat"])
except bayessel.BayesselError as error:
    print(error)
"""


@pytest.fixture
def plugged_in(tmp_path):
    """Run a program in a process that has the package installed."""
    (tmp_path / "plugged_in.py").write_text(MODULE)
    about = tmp_path / "plugged_in-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: plugged-in\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(POINTS)

    def run(program, *arguments):
        command = [sys.executable, "-c", program, *arguments]
        environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run


def test_what_a_package_adds_is_used_by_name(plugged_in, tmp_path):
    (tmp_path / "t.verdicts.csv").write_text(TABLE)
    assert plugged_in(USE, tmp_path / "t.verdicts.csv") == [
        "verdicts verdicts",
        "[[[2.0, -1.0]]] vowels",
        "False ['vowels', 'flat'] length",
        "the family of weak judges 'wrong' returned scores of shape (1, 2), expected (1, 1, 2): "
        "mend it, or leave out flat",
    ]


def test_formats_are_listed_without_pandas(plugged_in):
    program = "import sys; from bayessel.tasks.readers import FORMATS; print(FORMATS.listed())"
    listed, loaded = plugged_in(program + "; print('pandas' in sys.modules)")
    assert listed.startswith("alpaca-eval, arena-hard, ")
    assert listed.endswith(", table, votes or verdicts")
    assert loaded == "False"
