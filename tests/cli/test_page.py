"""``bayessel page`` as a command: what it refuses, files that go out and come back, summaries."""

from __future__ import annotations

import json
import re

import httpx
import pytest

from bayessel.oracles.verdicts.ledger import VerdictLedger
from bayessel.selection.ledger import Ledger
from people_page import BASELINE, NAMES, Process, wait_open


def test_kill_9_after_a_click_loses_nothing_and_the_address_holds(run_folder, bayessel):
    told: list[str] = []
    page = Process(run_folder, "--annotator", "anna", "--show-standing")
    try:
        with httpx.Client(follow_redirects=True) as client:
            address = page.address("anna")
            base = address.partition("/?")[0]
            client.base_url, client.headers["origin"] = base, base
            assert client.get(address).status_code == 200
            refused = bayessel("page", run_folder, "--no-browser")
            assert refused.returncode == 2
            assert "served by another process: stop that one first" in refused.stderr
            for n in range(3):
                shown = wait_open(client)
                told.append(f"note {n}")
                answer = {"id": shown["id"], "choice": "first", "note": told[-1]}
                assert client.post("/answer", json=answer).status_code == 200
            page.kill()
            with Ledger.in_folder(run_folder) as ledger:
                assert len(ledger.answers) == 3
            with VerdictLedger.in_folder(run_folder) as said:
                assert [one.verdict.detail for one in said.all if one.verdict] == told
            page = Process(run_folder, "--annotator", "anna", "--show-standing")
            assert page.address("anna") == address
            assert wait_open(client)["progress"]["mine"] == 3
            progress = client.get(page.address("progress, for you alone"))
            assert all(name in progress.text for name in NAMES)
        assert page.stop() in (0, 130)
    finally:
        page.kill()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--overlap", "2"], "overlap 2.0: expected a share from 0 to 1"),
        (["--annotator", "<x>"], "annotator '<x>': expected a name"),
        (["--offline", "a.html"], "name it with --annotator"),
        (["--stop-at", "2"], "stop level 2.0"),
        (["--summary"], "nobody judged at the page"),
        (["--export", "x.csv"], "nobody judged at the page"),
    ],
)
def test_what_is_refused(run_folder, bayessel, options, said):
    refused = bayessel("page", run_folder, "--no-browser", *options)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_run_without_texts_is_refused(bayessel, tmp_path):
    (tmp_path / "t.csv").write_text("query_id,candidate,outcome\nq1,a,\nq1,b,\nq2,a,\nq2,b,\n")
    assert bayessel("start", "t.csv", "--baseline", "base", "--out", "run").returncode == 0
    refused = bayessel("page", "run")
    assert refused.returncode == 2
    assert "has no responses to show" in refused.stderr


def test_offline_is_blind_and_its_answers_come_back(run_folder, bayessel, tmp_path):
    made = bayessel(
        "page", run_folder, "--offline", "out.html", "--annotator", "ben", "--questions", "5"
    )
    assert made.returncode == 0, made.stderr
    text = (tmp_path / "out.html").read_text()
    for word in (*NAMES, BASELINE, "secret", "query-name"):
        assert word not in text, word
    assert not re.search(r"(src|href)=\"?http", text)
    content = json.loads(re.search(r'id="content">(.+?)</script>', text, re.DOTALL)[1])
    assert len(content["questions"]) == 5
    choices = ["first", "second", "draw", "both_bad", "skip"]
    answers = {key: content[key] for key in ("kind", "version", "annotator", "set")} | {
        "answers": [
            {"id": one["id"], "choice": choice, "note": "n", "seconds": 2.5}
            for one, choice in zip(content["questions"], choices, strict=True)
        ]
    }
    path = tmp_path / "answers.json"
    broken = {**answers, "answers": [*answers["answers"][:2], {"id": "x"}]}
    path.write_text(json.dumps(broken))
    assert bayessel("tell", run_folder, path).returncode == 2
    path.write_text(json.dumps({**answers, "annotator": "anna"}))
    assert "not of this run" in bayessel("tell", run_folder, path).stderr
    path.write_text(json.dumps(answers))
    assert "do nothing" in bayessel("tell", run_folder, path, "--replace").stderr
    told = bayessel("tell", run_folder, path)
    assert told.returncode == 0, told.stderr
    assert told.stdout == "stored 5 new answers of ben; 4 calls so far\n"
    assert "5 were stored before" in bayessel("tell", run_folder, path).stdout
    with Ledger.in_folder(run_folder) as ledger, VerdictLedger.in_folder(run_folder) as said:
        outcomes = {(q, c): o for q, c, o in ledger.answers}
        for one, choice in zip(said.all, choices, strict=True):
            cell = (one.request.query, one.request.candidate)
            first = {True: -1, False: 1}[one.request.baseline_first]
            expected = {"first": first, "second": -first, "draw": 0, "both_bad": 0}.get(choice)
            assert outcomes.get(cell) == expected
    exported = bayessel("page", run_folder, "--export", "v.csv")
    assert exported.returncode == 0, exported.stderr
    assert (tmp_path / "v.csv").read_text().count("\n") == 6
    assert bayessel("page", run_folder, "--export", "v.json").returncode == 0
    tasks = json.loads((tmp_path / "v.json").read_text())
    assert [one["annotations"][0]["was_cancelled"] for one in tasks] == [False] * 4 + [True]
    assert tasks[0]["annotations"][0]["result"][0]["value"] == {"choices": ["first"]}
    assert bayessel("page", run_folder, "--export", "v.csv").returncode == 2
    summary = bayessel("page", run_folder, "--summary").stdout
    assert "ben: 4 verdicts (2 draws, 1 with both bad), 1 skip" in summary
