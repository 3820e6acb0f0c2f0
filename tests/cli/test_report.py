"""``bayessel report`` as a user calls it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from bayessel import Task
from bayessel.errors import RunError
from bayessel.inference.load import load_model
from bayessel.inference.model_code import file_hash
from bayessel.reports.facts import of_run
from bayessel.reports.html.page import GENERATOR
from bayessel.reports.report import make_report
from bayessel.reports.selection import SelectionReport
from bayessel.selection.run import Run
from sample import rows

ROOT = Path(__file__).parents[2]


def numbers_in(path) -> dict:
    """What is embedded in a page."""
    text = path.read_text(encoding="utf-8")
    return json.loads(re.search(r'id="numbers">(.*?)</script>', text).group(1))


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A selection that judged 12 of 18 cells, made once."""
    folder = tmp_path_factory.mktemp("kept") / "run"
    task = Task.from_frame(pd.DataFrame(rows()), "base")
    with Run.create(folder, task) as run:
        run.judge(12)
        SelectionReport.of_run(run).write(folder)
    return folder


@pytest.fixture
def run(kept, tmp_path):
    """A copy of it."""
    shutil.copytree(kept, tmp_path / "run")
    return tmp_path / "run"


def test_the_whole_report(bayessel, run):
    said = bayessel("report", run)
    assert said.returncode == 0, said.stderr
    assert said.stdout.split() == ["report", "of", "run", "in", f"{run}/report.html"]
    (one,) = numbers_in(run / "report.html")["results"]
    assert one["holds"]["checks"]
    assert len(one["change"]["priors"]) > 1
    assert one["missing"] == {}
    assert (run / "report.html").stat().st_size < 1_000_000


def test_page_json_and_markdown_say_the_same(bayessel, run):
    assert bayessel("report", run, "--quick").returncode == 0
    inside = numbers_in(run / "report.html")
    (one,) = inside["results"]
    assert json.loads(bayessel("report", run, "--quick", "--json").stdout) == inside
    summary = json.loads((run / "summary.json").read_text())
    assert one["verdict"]["calls"] == 12 == sum(row["judged"] for row in one["table"])
    for row, kept in zip(one["table"], summary["table"], strict=True):
        assert [row[k] for k in ("candidate", "p_best", "win_rate", "lower", "upper")] == [
            kept[k] for k in ("candidate", "p_best", "win_rate", "lower", "upper")
        ]
    text = bayessel("report", run, "--quick", "--markdown").stdout
    assert one["verdict"]["sentence"].split(":")[0] in text
    for row in one["table"]:
        assert f"| {row['candidate']} | {100 * row['win_rate']:.1f} %" in text


def test_an_answer_since_then_is_in_the_report(bayessel, unjudged):
    bayessel("start", unjudged, "--baseline", "base", "--out", "hand")
    empty = json.loads(bayessel("report", "hand", "--json").stdout)["results"][0]
    assert empty["verdict"]["sentence"].startswith("Nothing is judged yet")
    asked = json.loads(bayessel("next", "hand", "--json").stdout)
    for name in asked["candidates"]:
        assert bayessel("tell", "hand", asked["query"], f"{name}=win").returncode == 0
        one = json.loads(bayessel("report", "hand", "--quick", "--json").stdout)["results"][0]
        judged = {row["candidate"]: row["wins"] for row in one["table"]}
        assert judged[name] == 1
    assert one["judges"][0]["who"].startswith("tell")
    assert one["missing"]["holds"] == "Left out with --quick."
    assert one["repeat"]["commands"][0].startswith("bayessel start ")


def test_a_model_of_ones_own_runs_only_where_it_is_named(run, tmp_path, monkeypatch):
    """What is kept is shown without it, and one line says what is missing."""
    own = tmp_path / "own.py"
    own.write_text((ROOT / "models" / "regression.py").read_text())
    with Run.open(run) as opened:  # as if it had been begun with that file
        opened.ledger.remember("options", {"model": str(own)})
        opened.ledger.remember("model_sha256", file_hash(own))
    (one,) = make_report([run]).found
    assert one.table[0].judged
    assert f"a file, {own}" in one.missing["holds"]
    assert "--model FILE" in one.missing["holds"]
    fitted = []

    def fit(task, model, **options):
        fitted.append(model.name)
        return regular(task, load_model("two_way"), **options)

    regular = of_run.fit
    monkeypatch.setattr(of_run, "fit", fit)
    (one,) = make_report([run], model=own).found
    assert fitted == [str(own)]
    assert one.missing == {}
    assert one.holds is not None
    own.write_text("PRIORS = {}")
    with pytest.raises(RunError, match="SHA-256"):
        make_report([run], model=own)


def test_the_commands_that_repeat_it_do(bayessel, run):
    one = json.loads(bayessel("report", run, "--quick", "--json").stdout)["results"][0]
    words = one["repeat"]["commands"][0].split()
    assert bayessel(*words[1:]).returncode == 0
    again = json.loads((run.parent / "AGAIN" / "summary.json").read_text())
    first = json.loads((run / "summary.json").read_text())
    assert again == first


def test_a_fit_and_several_results_side_by_side(bayessel, table, run):
    arguments = ("--chains", 2, "--draws", 100, "--warmup", 50, "--out", "fitted")
    assert bayessel("fit", table, *arguments).returncode == 0
    both = bayessel("report", run, "fitted", "--quick", "--out", "both.html")
    assert both.returncode == 0, both.stderr
    assert "Side by side" in (run.parent / "both.html").read_text()
    first, one = numbers_in(run.parent / "both.html")["results"]
    assert (first["name"], one["name"]) == ("run", "fitted")
    assert one["kind"] == "fit"
    assert one["verdict"]["calls"] == 18
    assert one["course"] is one["race"] is None


def test_a_benchmark_is_one_page(bayessel, table, tmp_path):
    arguments = ("--strategies", "random,contenders,racing", "--realizations", 4, "--budget", 3)
    assert bayessel("bench", table, *arguments, "--out", "bench").returncode == 0
    assert bayessel("report", "bench").returncode == 0
    page = tmp_path / "bench" / "report.html"
    (one,) = numbers_in(page)["benchmarks"]
    assert one["strategies"] == ["random", "contenders", "racing"]
    assert {curve["strategy"] for curve in one["panels"][0]["curves"] if curve["main"]} == {
        "random",
        "contenders",
    }
    assert page.stat().st_size < 1_000_000
    picture = tmp_path / "bench" / "figures" / "identified-by-the-main-strategies.png"
    assert picture.is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "nowhere is not a folder: give a folder of 'select', 'fit' or 'bench'"),
        (("empty",), "no result in empty: give a folder of"),
        (("run", "run"), "a folder was given twice"),
        (("run", "--json", "--markdown"), "--json with --markdown: give one of them"),
        (("run", "--json", "--out", "x.html"), "leave it out"),
        (("run", "--out", "task.csv"), "task.csv is no report of bayessel: give another file"),
        (("run", "--out", "no/x.html"), "the folder no is not there"),
        (("run", "--bench", "empty"), "empty has no tables/calibration.csv"),
    ],
)
def test_what_is_refused(bayessel, run, arguments, said):
    (run.parent / "empty").mkdir()
    (run.parent / "task.csv").write_text("mine")
    before = (run.parent / "task.csv").read_bytes()
    result = bayessel("report", *arguments)
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    assert said in line
    assert (run.parent / "task.csv").read_bytes() == before


def test_only_a_report_is_written_over(bayessel, run):
    path = run / "report.html"
    path.write_text("mine")
    assert bayessel("report", run, "--quick").returncode == 2
    assert path.read_text() == "mine"
    path.write_text(f'<meta name="generator" content="{GENERATOR}">')
    assert bayessel("report", run, "--quick").returncode == 0
    assert numbers_in(path)["results"]
