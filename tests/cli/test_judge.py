"""``bayessel judge`` as a user runs it, against the fake endpoint."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from bayessel import Task, simulate_task
from bayessel.oracles.llm.fake.mind import Mind
from bayessel.oracles.llm.fake.server import FakeEndpoint
from bayessel.oracles.verdicts.ledger import VerdictLedger
from bayessel.selection.ledger import Ledger

KEY = "sk-very-secret-0123456789"


@pytest.fixture(scope="module")
def known() -> Task:
    """A small task whose recorded outcomes the fake judge knows."""
    return simulate_task(n_queries=30, n_candidates=4, seed=2)


@pytest.fixture
def files(known: Task, tmp_path: Path) -> Path:
    """Its texts as a user has them: a table without outcomes."""
    rows = [
        {"query_id": query, "candidate": name, "text": text, "query_text": str(words)}
        for query, words in zip(known.queries, known.texts.queries, strict=True)
        for name, text in known.responses_to(query).items()
    ]
    path = tmp_path / "texts.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def arguments(files: Path, endpoint: FakeEndpoint, *more: object) -> list[str]:
    """The command line of a user."""
    fixed = ["judge", files, "--baseline", "baseline", "--judge", "fake", "--out", "run"]
    priced = ["--base-url", endpoint.base_url, "--price-in", 2, "--price-out", 8]
    return [str(word) for word in (*fixed, *priced, "--concurrency", 16, *more)]


def test_from_files_to_the_best_and_on(bayessel, files, known, tmp_path):
    with FakeEndpoint(Mind(known)) as endpoint:
        words = arguments(files, endpoint, "--max-cost", 3, "--stop-at", 1)
        first = bayessel(*words, "--budget", 30)
        assert first.returncode == 0, first.stderr
        assert "Judging cost" in first.stdout
        paid = len(endpoint.served)
        assert bayessel(*words, "--budget", 30).returncode == 0
        assert len(endpoint.served) == paid  # nothing more is bought
        more = bayessel(*words, "--json")
        assert more.returncode == 0, more.stderr
        assert len({served.key for served in endpoint.served}) == len(endpoint.served)
    found = json.loads(more.stdout)
    assert found["calls"] == 120
    assert found["best"] == known.candidates[known.win_rate.argmax()]
    (judge,) = found["judging"]["judges"]
    assert judge["states"] == {"verdict": len(endpoint.served)}
    with Ledger(tmp_path / "run" / "run.db") as ledger:
        for query, candidate, outcome in ledger.answers:
            q, j = known.query_index(query), known.candidate_index(candidate)
            assert outcome == known.recorded[q, j]
    with contextlib.closing(sqlite3.connect(tmp_path / "run" / "verdicts.db")) as db:
        assert db.execute("SELECT count(*) FROM verdicts").fetchone()[0] == len(endpoint.served)


def test_a_dry_run_asks_nobody_and_writes_nothing(bayessel, files, known, tmp_path):
    with FakeEndpoint(Mind(known)) as endpoint:
        words = arguments(files, endpoint, "--max-cost", 1, "--dry-run", "--cheap-judge", "mini")
        shown = bayessel(*words, "--cheap-price-in", 0.1, "--cheap-price-out", 0.2)
    assert shown.returncode == 0, shown.stderr
    assert endpoint.served == []
    assert not (tmp_path / "run").exists()
    assert known.texts.responses[0, 0] or True
    for part in (
        "=== call 1",
        "<<<RESPONSE A",
        "tokens in",
        "dollars pay for",
        "cheap judge: mini",
    ):
        assert part in shown.stdout


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--max-cost", 3), "is not known; give --price-in and --price-out"),
        (("--price-in", 1), "go together"),
        (("--orders", "bth"), "did you mean 'both'"),
        (("--max-cost", -1, "--price-in", 1, "--price-out", 1), "expected dollars above 0"),
        (("--template", "no.jinja"), "cannot read the template"),
        (("--max-cheap-cost", 1), "need --cheap-judge"),
        (("--cheap-judge", "fake"), "two different LLMs"),
        (
            ("--base-url", "https://judge.example/v1", "--api-key-env", "NO_KEY"),
            "NO_KEY is not set",
        ),
        (("--context", 1000), "no room for the texts"),
        (("--gold", "no.csv"), "no.csv"),
    ],
)
def test_bad_options_get_one_line_before_anything_is_paid(bayessel, files, known, more, words):
    with FakeEndpoint(Mind(known)) as endpoint:
        fixed = ("judge", files, "--baseline", "baseline", "--judge", "fake")
        url = () if "--base-url" in more else ("--base-url", endpoint.base_url)
        result = bayessel(*fixed, *url, *more)
    assert result.returncode == 2
    assert words in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert endpoint.served == []


def test_another_judge_in_the_same_folder_is_refused(bayessel, files, known):
    with FakeEndpoint(Mind(known)) as endpoint:
        words = arguments(files, endpoint, "--budget", 4)
        assert bayessel(*words).returncode == 0
        other = bayessel(*words, "--criteria", "shorter is better")
    assert other.returncode == 2
    assert "holds a run with another criteria" in other.stderr


def test_two_tiers_a_panel_and_gold(bayessel, files, known, tmp_path):
    gold = tmp_path / "gold.csv"
    rows = [
        {"query_id": query, "candidate": name, "outcome": int(known.recorded[q, j])}
        for q, query in enumerate(known.queries[:3])
        for j, name in enumerate(known.candidates)
    ]
    pd.DataFrame(rows).to_csv(gold, index=False)
    minds = {"fake": Mind(known), "b": Mind(known), "mini": Mind(known, noise=0.3)}
    minds["wrong"] = Mind(Task(known.data.assign(recorded=-known.data["recorded"])))
    with FakeEndpoint(minds) as endpoint:
        words = arguments(
            files, endpoint, "--judge", "b", "--judge", "wrong", "--cheap-judge", "mini",
            "--cheap-price-in", 0.1, "--cheap-price-out", 0.4, "--gold", gold, "--budget", 20,
            "--stop-at", 1, "--json",
        )  # fmt: skip
        result = bayessel(*words)
        assert result.returncode == 0, result.stderr
        found = json.loads(result.stdout)
        mini = [served for served in endpoint.served if served.judge == "mini"]
        paid = len(endpoint.served)
        assert bayessel(*words).returncode == 0
        assert len(endpoint.served) == paid
    assert len(mini) == 120
    assert found["calls"] == 20
    compared = {one["judge"]: one for one in found["judging"]["gold"]}
    assert compared["fake"]["agreed"] == compared["fake"]["cells"] == 12
    assert compared["wrong"]["same_sign"] == 0 < compared["wrong"]["decided"]
    assert compared["wrong"]["weight"] < 0 < compared["fake"]["weight"]
    with Ledger(tmp_path / "run" / "run.db") as ledger:
        for query, candidate, outcome in ledger.answers:  # all of the panel is right now
            q, j = known.query_index(query), known.candidate_index(candidate)
            assert outcome == known.recorded[q, j]
    assert found["judging"]["cheap"]["both_decided"] > 0
    kept = Task.read(tmp_path / "run" / "task", baseline="baseline")
    assert kept.weak_scores("verdict")[1] == ("mini",)


def test_exports(bayessel, files, known, tmp_path):
    with FakeEndpoint(Mind(known)) as endpoint:
        assert bayessel(*arguments(files, endpoint, "--budget", 12)).returncode == 0
    for name in ("v.parquet", "annotations.json"):
        assert bayessel("verdicts", "run", "--out", name).returncode == 0
    again = bayessel("verdicts", "run", "--out", "v.parquet")
    assert (again.returncode, "is there already" in again.stderr) == (2, True)
    table = pd.read_parquet(tmp_path / "v.parquet")
    assert len(table) == len(endpoint.served)
    assert set(table["state"]) == {"verdict"}
    alpaca = Task.read(tmp_path / "annotations.json", format="alpaca-eval")
    cell = table.iloc[0]
    q, j = known.query_index(cell["query_id"]), known.candidate_index(cell["candidate"])
    assert {"loss": -1, "draw": 0, "win": 1}[cell["outcome"]] == known.recorded[q, j]
    assert alpaca.baseline == "baseline"


def test_the_key_is_nowhere(files, known, tmp_path):
    env = {**os.environ, "JUDGE_KEY": KEY, "OPENAI_LOG": "debug"}
    faults = {2: "wrong-schema", 4: "500", 6: "too-long"}
    with FakeEndpoint(Mind(known), key=KEY, fault=lambda n, _: faults.get(n, "")) as endpoint:
        words = arguments(files, endpoint, "--budget", 12, "--api-key-env", "JUDGE_KEY")
        process = subprocess.Popen(
            [sys.executable, "-X", "dev", "-m", "bayessel", *words],
            cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        line = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        out, err = process.communicate(timeout=200)
        assert process.returncode == 0, err[-2000:]
        assert endpoint.served[0].authorization == f"Bearer {KEY}"
        env["JUDGE_KEY"] = KEY + "-wrong"
        wrong = subprocess.run(
            [sys.executable, "-m", "bayessel", *words, "--budget", "30", "--stop-at", "1"],
            cwd=tmp_path, env=env, capture_output=True, timeout=200, check=False,
        )  # fmt: skip
    assert wrong.returncode == 2
    assert b"refuses the key in JUDGE_KEY" in wrong.stderr
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    for text in (line, out, err, wrong.stdout, wrong.stderr, *written):
        assert KEY.encode() not in text


def test_kill_9_at_concurrency_16(files, known, tmp_path):
    """No verdict that was recorded is lost or bought again; those in flight are counted."""
    moments = random.Random(3)
    with FakeEndpoint(Mind(known), latency=0.15) as endpoint:
        words = arguments(files, endpoint, "--stop-at", 1, "--orders", "both", "--json")
        recorded: set[int] = set()
        for _ in range(3):
            before = len(endpoint.served)
            process = subprocess.Popen(
                [sys.executable, "-m", "bayessel", *words],
                cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            until = time.monotonic() + 60
            while len(endpoint.served) < before + 8 and time.monotonic() < until:
                time.sleep(0.005)
            time.sleep(moments.random() * 0.8)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            time.sleep(0.3)  # the endpoint answers those that it has
            with VerdictLedger.in_folder(tmp_path / "run") as ledger:
                done = {r.number for r in ledger.all if r.verdict is not None}
                flying = len(ledger.in_flight)
            assert recorded <= done
            recorded = done
            in_ledger = len(done) + flying
            # a request is on disk before it is sent: at most those not yet sent are more
            assert 0 <= in_ledger - len(endpoint.served) <= 16
        last = subprocess.run(
            [sys.executable, "-m", "bayessel", *words],
            cwd=tmp_path, capture_output=True, text=True, timeout=200, check=False,
        )  # fmt: skip
        assert last.returncode == 0, last.stderr
        with VerdictLedger.in_folder(tmp_path / "run") as ledger:
            said = [r.request.key for r in ledger.all if r.verdict is not None]
            flying = len(ledger.in_flight)
        assert len(said) == len(set(said)) == 240
        found = json.loads(last.stdout)
        assert found["calls"] == 120
        assert found["judging"]["possibly_paid"]["in_flight"] == flying
        assert len(endpoint.served) <= 240 + flying


def test_batches_are_handed_in_and_collected(bayessel, files, known, tmp_path):
    with FakeEndpoint(Mind(known)) as endpoint:
        endpoint.batches.patience = 1
        words = arguments(files, endpoint, "--batch-api", "--batch", 24, "--budget", 48)
        first = bayessel(*words)
        assert first.returncode == 0, first.stderr
        assert "handed in as batch-" in first.stdout
        second = bayessel(*words)
        assert "is in_progress" in second.stdout
        assert len(endpoint.batches.batches) == 1
        third = bayessel(*words, "--json")  # collects, and hands in the next
        assert json.loads(third.stdout)["calls"] == 24
        assert len(endpoint.batches.batches) == 2
        endpoint.batches.patience = 0
        bayessel(*words)
        last = json.loads(bayessel(*words, "--json").stdout)
    assert last["calls"] == 48
    assert endpoint.served == []
    asked = [line for text in endpoint.batches.files.values() for line in text.splitlines()
             if '"method"' in line]  # fmt: skip
    with VerdictLedger.in_folder(tmp_path / "run") as ledger:
        records = ledger.all
        spent = ledger.spent()
    assert len(records) == len(asked)
    tokens = [(r.verdict.tokens_in, r.verdict.tokens_out) for r in records]
    assert spent == pytest.approx(0.5 * sum(2e-6 * i + 8e-6 * o for i, o in tokens))
    for record in records:
        q = known.query_index(record.request.query)
        j = known.candidate_index(record.request.candidate)
        assert record.verdict.outcome == known.recorded[q, j]


def test_a_batch_that_failed_is_asked_again(bayessel, files, known):
    with FakeEndpoint(Mind(known)) as endpoint:
        endpoint.batches.ends = "expired"
        words = arguments(files, endpoint, "--batch-api", "--batch", 10, "--budget", 10, "--json")
        bayessel(*words)
        bayessel(*words)  # finds that it expired, and hands the calls in again
        assert len(endpoint.batches.batches) == 2
        endpoint.batches.ends = "completed"
        assert json.loads(bayessel(*words).stdout)["calls"] == 10
