"""Hostile inputs: exit code 2, one line without a trace, and nothing changed that is not ours."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import h5py
import pandas as pd
import pytest

from bayessel.oracles.verdicts.ledger import VerdictLedger
from bayessel.support.marker import MARKER, owned
from refusals import answers, refused, snapshot
from sample import rows

CODE = "import pathlib\npathlib.Path({!r}).write_text('ran')\n"


# ------------------------------------------------------------------ tell
@pytest.fixture(scope="module")
def begun(tmp_path_factory) -> Path:
    """A run in which everything is asked."""
    from bayessel import Run, Task

    folder = tmp_path_factory.mktemp("begun")
    table = folder / "t.csv"
    pd.DataFrame(rows()).assign(outcome="").to_csv(table, index=False)
    with Run.create(folder / "run", Task.read(table, baseline="base"), "random") as run:
        run.next(18)
    return folder / "run"


@pytest.fixture
def run(begun: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(begun, tmp_path / "run"))


HEAD = "query,candidate,outcome\n"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (HEAD + 'q0,a,win\nq1,"a,win\nq2,a,loss\n', "close every quote"),
        (HEAD + 'q0,a,win\nq1,"a"x,win\n', "is not CSV"),
        (HEAD + "q0,a,win\nq1;a;loss\n", "1 cell"),
        (HEAD + "q0,a,win\nq1,a,loss,2\n", "4 cells"),
        (HEAD + "q0,a,win\nq1,a\n", "2 cells"),
        ("query;candidate;outcome\nq0;a;win\n", "with commas"),
        ("query\tcandidate\toutcome\nq0\ta\twin\n", "with commas"),
        ("query,candidate,outcome,outcome\nq0,a,win,loss\n", "outcome more than once"),
        ("query,candidate,model,outcome\nq0,a,b,win\n", "candidate more than once"),
        ("query,query_id,candidate,outcome\nq0,q1,a,win\n", "query more than once"),
        (HEAD + "q0,a,win\nq0,a,loss\n", "stands twice"),
        (HEAD + "q0,a,win\nq0,zz,\n", "unknown candidate 'zz'"),
        (HEAD + "q0,a,win\nzz,a,\n", "unknown query 'zz'"),
        (HEAD + "q0,a,win\nq1,\x1b[31ma,win\n", "unknown candidate"),
        (HEAD + "q0,a,win\nq1,a\x00,win\n", "unknown candidate"),
        (HEAD + "q0,a,win\nq1,a,\x1b]0;x\x07\n", "unknown outcome"),
        (HEAD + f"q0,a,win\nq1,{'a' * 200_000},win\n", "unknown candidate"),
        (HEAD, "no outcomes"),
        ("[" * 100_000, "columns"),
        ('{"query":"q0","candidate":' + "[" * 100_000, "few levels"),
        ('{"query":"q0","candidate":"a","outcome":1,"outcome":-1}', "more than once"),
        ('{"query":"q0","candidate":"a","model":"b","outcome":1}', "more than once"),
        ('{"query":"q0","candidate":"a","outcome":' + "1" * 5000 + "}", "short numbers"),
        ('{"query":"q0","candidate":"a","outcome":NaN}', "unknown outcome"),
        ('{"query":"q0","candidate":{"a":1},"outcome":1}', "expected a name"),
        ('{"query":"q0","candidate":"a","outcome":1}\nx\n', "is not JSON"),
        ('{"query":"q0","candidate":"\\ud800","outcome":1}', "unknown candidate"),
    ],
)
def test_a_file_of_outcomes_is_read_whole_or_refused(bayessel, run, tmp_path, text, word):
    (tmp_path / "o.csv").write_bytes(text.encode())
    before = snapshot(tmp_path)
    refused(bayessel("tell", run, "o.csv"), word)
    assert answers(run) == []
    assert {k: v for k, v in snapshot(tmp_path).items() if not k.startswith("run/run.db")} == {
        k: v for k, v in before.items() if not k.startswith("run/run.db")
    }


def test_who_stays_unjudged_is_said(bayessel, run, tmp_path):
    (tmp_path / "o.csv").write_text(HEAD + "q0,a,win\n\nq0,b,\nq0,base,\nq1,c,\n")
    said = bayessel("tell", run, "o.csv")
    assert said.returncode == 0, said.stderr
    assert "asked and not told yet: q0 (b, c)" in said.stdout
    assert "no outcome was given, so not judged: q1 (c)" in said.stdout
    assert answers(run) == [("q0", "a", 1)]


# ------------------------------------------------------------------ folders that are not ours
def own_task(folder: Path) -> None:
    (folder / "task").mkdir()
    (folder / "task" / "judgments.parquet").write_text("mine")


def own_results(name: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / name).write_text("mine")

    return make


def link(name: str, to: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / name).symlink_to(folder.parent / to)

    return make


def ours_with_mine(folder: Path) -> None:
    """A task folder of bayessel's, into which the user put a file."""
    own_task(folder)
    (folder / "task" / MARKER).write_text('"judgments.parquet"\n')
    (folder / "task" / "notes.txt").write_text("mine")


@pytest.mark.parametrize("command", ["start", "select"])
@pytest.mark.parametrize(
    ("make", "word"),
    [
        (own_task, "did not write it"),
        (ours_with_mine, "did not write it"),
        (link("task", "elsewhere"), "symbolic link"),
        (link("run.db", "nowhere.db"), "symbolic link"),
        (link("run.db", "victim.txt"), "symbolic link"),
        (link(MARKER, "victim.txt"), "symbolic link"),
        (own_results(MARKER), "is not bayessel's"),
        (own_results("summary.json"), "did not write it"),
        (own_results("history.csv"), "did not write it"),
        (own_results("result.nc"), "did not write it"),
        (link("standing.csv", "victim.txt"), "symbolic link"),
    ],
)
def test_a_folder_with_files_of_the_user(bayessel, table, tmp_path, command, make, word):
    (tmp_path / "victim.txt").write_text("mine")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "judgments.parquet").write_text("mine")
    (tmp_path / "out").mkdir()
    make(tmp_path / "out")
    before = snapshot(tmp_path)
    refused(bayessel(command, table, "--out", "out"), word)
    after = snapshot(tmp_path)
    assert {k: v for k, v in after.items() if k in before} == before
    assert set(after) - set(before) <= {f"out/{MARKER}"}


@pytest.mark.parametrize("name", ["tables.md", "tables", "figures", "realizations.parquet"])
def test_a_folder_of_the_user_for_a_benchmark(bayessel, tmp_path, name):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_text("mine")
    before = snapshot(tmp_path)
    refused(
        bayessel("bench", "simulated:close", "--strategies", "random", "--out", "out"),
        "did not write it",
    )
    assert snapshot(tmp_path) == before


def test_what_an_interrupted_beginning_left_is_replaced(bayessel, table, tmp_path):
    """A task of ours without its ledger: begun again, with another task."""
    assert bayessel("start", table, "--out", "out").returncode == 0
    for file in (tmp_path / "out").glob("run.db*"):
        file.unlink()
    other = tmp_path / "other.csv"
    pd.DataFrame(rows(n_queries=5)).to_csv(other, index=False)
    assert bayessel("start", other, "--out", "out").returncode == 0
    assert bayessel("next", "out").returncode == 0


@pytest.mark.parametrize("place", ["check", "check.json", MARKER])
def test_check_writes_through_no_link(bayessel, checked, tmp_path, place):
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "r-hat.png").write_text("mine")
    path = checked / place
    path.unlink(missing_ok=True)
    path.symlink_to(victim if place == "check" else victim / "r-hat.png")
    before = snapshot(tmp_path)
    refused(bayessel("check", checked), "symbolic link")
    assert snapshot(tmp_path) == before


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> Path:
    """A result of select."""
    from bayessel import Run, Task
    from bayessel.reports.selection import SelectionReport

    folder = tmp_path_factory.mktemp("result")
    table = folder / "t.csv"
    pd.DataFrame(rows()).to_csv(table, index=False)
    with Run.create(folder / "run", Task.read(table), "random") as run:
        run.judge(6)
        SelectionReport(*run.settled()).write(folder / "run")
    return folder / "run"


@pytest.fixture
def checked(result: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(result, tmp_path / "result"))


# ------------------------------------------------------------------ code that nobody named
def test_a_model_file_named_in_a_ledger_does_not_run(bayessel, run, tmp_path):
    evil = tmp_path / "evil.py"
    evil.write_text(CODE.format(str(tmp_path / "ran")))
    with closing(sqlite3.connect(run / "run.db")) as db, db:
        options = json.dumps({"model": str(evil), "draws": 512, "prior": {}})
        db.execute("UPDATE meta SET value = ? WHERE key = 'options'", (options,))
        db.execute("""UPDATE meta SET value = '"bayessel"' WHERE key = 'strategy'""")
        db.execute("DELETE FROM questions")
    for command in ("status", "next"):
        refused(bayessel(command, run), "is a file of code", "--model FILE")
    assert not (tmp_path / "ran").exists()


def test_a_model_file_named_in_a_result_does_not_run(bayessel, checked, tmp_path):
    evil = tmp_path / "evil.py"
    evil.write_text(CODE.format(str(tmp_path / "ran")))
    with h5py.File(checked / "result.nc", "a") as file:
        file.attrs["model"] = str(evil)
    refused(bayessel("check", checked, "--simulate"), "is a file of code", "--model FILE")
    assert not (tmp_path / "ran").exists()


MODEL = (Path(__file__).parents[2] / "models" / "dual_parameter.py").read_text(encoding="utf-8")


def test_a_model_file_is_pinned_when_a_run_begins(bayessel, table, tmp_path):
    from bayessel import Run, Task

    mine, other = tmp_path / "mine.py", tmp_path / "other.py"
    mine.write_text(MODEL)
    task, options = Task.read(table), {"model": "mine.py"}
    Run.create("run", task, options=options).close()
    assert not (tmp_path / "__pycache__").exists()  # nothing compiled, to be run in its place
    with Run.open("run", model=tmp_path / "mine.py") as run:
        assert run.strategy.options["model"] == str(mine)
    other.write_text(MODEL + CODE.format(str(tmp_path / "ran")))
    refused(bayessel("status", "run", "--model", "other.py"), "SHA-256")
    refused(bayessel("status", "run", "--model", "absent.py"), "no model file absent.py")
    refused(bayessel("status", "run"), "--model FILE")
    mine.write_text(MODEL + "\n# changed\n")
    refused(bayessel("select", table, "--model", "mine.py", "--out", "run"), "not what it was")
    assert not (tmp_path / "ran").exists()


def test_a_compiled_file_beside_a_model_is_not_run(tmp_path):
    """Python itself would take it for the model, and the model's hash would say nothing."""
    import importlib.util
    import py_compile

    from bayessel.inference.load import load_model

    mine = tmp_path / "mine.py"
    mine.write_text(MODEL + CODE.format(str(tmp_path / "ran")))
    planted = importlib.util.cache_from_source(str(mine))
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(mine), planted, doraise=True, invalidation_mode=mode)
    mine.write_text(MODEL)
    load_model(mine)
    assert not (tmp_path / "ran").exists()


# ------------------------------------------------------------------ damaged ledgers
@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ("UPDATE meta SET value = '[1' WHERE key = 'queries'", "'queries'"),
        ("UPDATE meta SET value = '7' WHERE key = 'candidates'", "'candidates'"),
        ("UPDATE meta SET value = '[1, 2]' WHERE key = 'queries'", "'queries'"),
        ("UPDATE meta SET value = '[]' WHERE key = 'options'", "'options'"),
        ("UPDATE meta SET value = '\"x\"' WHERE key = 'seed'", "'seed'"),
        ("UPDATE meta SET value = '\"../../x\"' WHERE key = 'fingerprint'", "'fingerprint'"),
        ("UPDATE meta SET value = '{\"draws\": [1]}' WHERE key = 'options'", "options"),
        ("DELETE FROM meta WHERE key = 'strategy'", "'strategy'"),
        ("DELETE FROM meta", "is missing"),
        ("UPDATE meta SET value = '\"nobody\"' WHERE key = 'strategy'", "unknown strategy"),
        ("UPDATE questions SET candidates = '{'", "damaged"),
        ("INSERT INTO steps VALUES (1, 'x')", "damaged"),
        ("PRAGMA user_version = 99", "newer bayessel"),
        ("PRAGMA application_id = 1", "not a bayessel ledger"),
        ("DROP TABLE answers", "no such table"),
        (
            "INSERT INTO answers VALUES (1, 1, 'q77', 'a', 1, 'x', 'x')",
            "unknown query 'q77'",
        ),
    ],
)
def test_a_ledger_that_was_changed(bayessel, run, statement, word):
    with closing(sqlite3.connect(run / "run.db", isolation_level=None)) as db:
        db.execute(statement)
    refused(bayessel("status", run), word)


def test_a_ledger_says_its_version(run):
    from bayessel.selection.schema import VERSION

    with closing(sqlite3.connect(run / "run.db")) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == VERSION


# ------------------------------------------------------------------ hostile results
def claims_too_much(path: Path) -> None:
    with h5py.File(path, "a") as file:
        file.create_dataset("posterior/huge", (10**7, 10**6), "f8", chunks=(1000, 1000))


def no_posterior(path: Path) -> None:
    with h5py.File(path, "a") as file:
        del file["posterior"]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:3000])


def noise(path: Path) -> None:
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(range(256)) * 20)


@pytest.mark.parametrize("spoil", [claims_too_much, no_posterior, cut, noise])
def test_a_result_that_is_none(bayessel, checked, spoil):
    spoil(checked / "result.nc")
    before = snapshot(checked)
    refused(bayessel("check", checked))
    assert snapshot(checked) == before


# ------------------------------------------------------------------ paths and files
@pytest.mark.parametrize(
    "name", [b"\xff\xfe.csv", b"new\nline.csv", b"\x1b[2Jcls.csv", b"-dash.csv", b"x" * 300]
)
@pytest.mark.parametrize("command", ["select", "status", "check"])
def test_paths_that_are_no_text(bayessel, name, command):
    refused(bayessel(command, "--", os.fsdecode(name)))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("deep.json", "[" * 100_000),
        ("deep.jsonl", '{"query_id":' + "[" * 100_000),
        ("long.csv", "query_id,model,outcome\nq0,a," + "1" * 200_000 + "\n"),
        ("quote.csv", 'query_id,model,outcome\nq0,"a,1\nq1,b,1\n'),
        ("wide.csv", "query_id,model,outcome\nq0,a,1,2\n"),
        ("nul.csv", "query_id,model,outcome\nq0,a\0b,1\nq0,c,1\n"),
        ("nul.csv", "query_id,model,outcome\nq\0,a,1\nq\0,c,1\n"),
    ],
)
def test_files_of_a_task_that_are_hostile(bayessel, tmp_path, name, text):
    (tmp_path / name).write_text(text)
    before = snapshot(tmp_path)
    refused(bayessel("select", name))
    assert snapshot(tmp_path) == before


# ------------------------------------------------------------------ what is printed and written
EVIL = '=cmd|"/c calc"!A1'
LLM = "a\x1b[2J\x9b31m\u202e"


@pytest.fixture
def escapes(tmp_path) -> Path:
    table = rows(models=(LLM, EVIL))
    for row in table:
        row["text"] = f"\x1b]0;owned\x07{row['text']}\r\x9bH"
    path = tmp_path / "evil.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in table))
    return path


def test_no_escape_reaches_the_terminal_and_no_formula_a_table(bayessel, escapes, tmp_path):
    done = [
        bayessel("select", escapes, "--budget", "4", "--strategy", "random", "--out", "run"),
        bayessel("next", "run"),
        bayessel("status", "run"),
        bayessel("next", "run", "--json"),
        bayessel("status", "run", "--json"),
        bayessel("tell", "run", "q0", "\x1b[31m=win"),
    ]
    for result in done:
        for raw in ("\x1b", "\x9b", "\x07", "\r", "\u202e"):
            assert raw not in result.stdout + result.stderr, repr(raw)
    assert "\\x1b[2J" in done[1].stdout
    asked = json.loads(done[3].stdout)
    assert asked["baseline"]["response"].startswith("\x1b]0;owned\x07")  # reads back as it was
    standing = pd.read_csv(tmp_path / "run" / "standing.csv")
    assert f"'{EVIL}" in set(standing["candidate"])
    history = pd.read_csv(tmp_path / "run" / "history.csv", dtype=str)
    assert not any(str(cell).startswith("=") for cell in history.to_numpy().ravel())


def test_a_name_as_our_tables_write_it_can_be_told(bayessel, escapes, tmp_path):
    assert bayessel("start", escapes, "--baseline", "base", "--out", "run").returncode == 0
    told = pd.DataFrame({"query": ["q0"], "candidate": [f"'{EVIL}"], "outcome": ["win"]})
    told.to_csv(tmp_path / "o.csv", index=False)
    done = bayessel("tell", "run", "o.csv", "--unasked")
    assert done.returncode == 0, done.stderr
    assert answers(tmp_path / "run") == [("q0", EVIL, 1)]


def test_suggested_commands_can_be_pasted(bayessel, unjudged):
    said = bayessel("start", unjudged, "--baseline", "base", "--out=-my $(run)").stdout
    assert "bayessel next -- '-my $(run)'" in said
    asked = bayessel("next", "--", "-my $(run)").stdout
    assert "bayessel tell -- '-my $(run)' q" in asked


# ------------------------------------------------------------------ what came since
def test_a_report_is_marked_as_bayessels_in_a_folder_of_results_only(bayessel, run, tmp_path):
    assert bayessel("report", run, "--quick").returncode == 0
    assert "report.html" in owned(run)
    (tmp_path / "elsewhere").mkdir()
    out = tmp_path / "elsewhere" / "r.html"
    assert bayessel("report", run, "--quick", "--out", out).returncode == 0
    assert list(out.parent.iterdir()) == [out]


@pytest.mark.parametrize("name", ["summary.json", "result.nc", "task"])
def test_a_folder_of_the_user_is_refused_before_a_cheap_judge_is_paid(bayessel, tmp_path, name):
    pd.DataFrame(rows()).assign(outcome="").to_csv(tmp_path / "t.csv", index=False)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / name).write_text("mine")
    before = snapshot(tmp_path)
    words = ["--judge", "a", "--cheap-judge", "b", "--base-url", "http://127.0.0.1:9/v1"]
    refused(
        bayessel("judge", "t.csv", "--baseline", "base", *words, "--out", "run"),
        "bayessel did not write it",
    )
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("name", [".judging", "verdicts.db"])
@pytest.mark.parametrize("kind", ["text", "link", "dangling"])
def test_judge_leaves_files_of_the_user_alone(bayessel, table, tmp_path, name, kind):
    (tmp_path / "run").mkdir()
    (tmp_path / "mine").write_text("mine" * 300)
    if kind == "text":
        (tmp_path / "run" / name).write_text("mine" * 300)
    else:
        to = "../mine" if kind == "link" else "../nowhere"
        (tmp_path / "run" / name).symlink_to(to)
    words = ["--judge", "a", "--base-url", "http://127.0.0.1:9/v1", "--strategy", "random"]
    before = snapshot(tmp_path)
    refused(bayessel("judge", table, "--baseline", "base", *words, "--out", "run"), name)
    after = snapshot(tmp_path)
    assert {name: after[name] for name in before} == before
    assert not (tmp_path / "nowhere").exists()


def test_exports_are_written_over_nothing(bayessel, run, tmp_path):
    VerdictLedger.in_folder(run).close()
    (tmp_path / "link.csv").symlink_to("nowhere")
    refused(bayessel("verdicts", run, "--out", "link.csv"), "there already")
    refused(bayessel("page", run, "--export", "link.csv"), "is there")
    refused(
        bayessel("page", run, "--offline", "link.csv", "--annotator", "anna"), "give another name"
    )
    refused(bayessel("next", run, "--batch", "2", "--template", "link.csv"), "give another name")
    assert (tmp_path / "link.csv").readlink() == Path("nowhere")
    assert not (tmp_path / "nowhere").exists()
