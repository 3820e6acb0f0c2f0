"""What is particular to each tool that writes scores: repeats, errors, metrics, benchmarks."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from bayessel.errors import DataError
from bayessel.tasks.readers import detect_format, read_tables
from foreign_files import (
    BASELINE,
    SCORES,
    cells,
    expected,
    helm_stat,
    inspect_log,
    inspect_sample,
    json_file,
    jsonl_file,
    lm_eval_sample,
    openai_events,
    promptfoo_output,
    promptfoo_row,
    write_helm,
    write_inspect,
    write_lm_eval,
)


def inspect_logs(folder, values):
    """A log for each LLM; its values are the samples' ids, epochs and scores."""
    for llm, samples in values.items():
        written = []
        for name, epoch, value in samples:
            sample = inspect_sample(name, 1, f"{llm}, {epoch}", f"What is {name}?")
            sample |= {"epoch": epoch, "scores": {"graded": {"value": value}}}
            written.append(sample)
        json_file(folder / f"{llm}.json", inspect_log(llm, written))
    return folder


def test_inspect_epochs_are_averaged(tmp_path, outcomes):
    path = inspect_logs(
        tmp_path / "logs",
        {
            "base": [("x", 1, "C"), ("x", 2, "I"), ("y", 1, 0.1), ("y", 2, 0.2), ("y", 3, 0.3)],
            "a": [("x", 1, "P"), ("x", 2, "P"), ("y", 1, 0.3), ("y", 2, 0.2), ("y", 3, 0.1)],
            "b": [("x", 1, "I"), ("x", 2, "N"), ("y", 1, float("nan")), ("y", 2, "yes")],
        },
    )
    tables = read_tables(path, baseline="base")
    # base 0.5 and 0.2; a 0.5 and 0.2, whatever the order of the sum; b 0 and 1, NaN left out
    assert outcomes(tables) == {("x", "a"): 0, ("y", "a"): 0, ("x", "b"): -1, ("y", "b"): 1}
    assert any("6 of 6 cells have several answers" in note for note in tables.notes)
    assert any("1 of 14 answers have no score" in note for note in tables.notes)
    texts = tables.responses.set_index(["query_id", "candidate"])["text"]
    assert texts["y", "a"] == "a, 1"


def test_inspect_scores_of_several_values_are_metrics(tmp_path, outcomes):
    path = inspect_logs(
        tmp_path / "logs",
        {
            "base": [("x", 1, {"right": 1, "polite": 0.5})],
            "a": [("x", 1, {"right": 0, "polite": 0.75})],
            "b": [("x", 1, {"right": 1, "polite": 0.25})],
        },
    )
    with pytest.raises(DataError, match=r"2 metrics \('graded/right', 'graded/polite'\).*--judge"):
        read_tables(path, baseline="base")
    tables = read_tables(path, baseline="base", judge="graded/polite")
    assert outcomes(tables) == {("x", "a"): 1, ("x", "b"): -1}
    assert any("others are there: 'graded/right'" in note for note in tables.notes)
    close = read_tables(path, baseline="base", judge="graded/polite", tolerance=0.25)
    assert set(outcomes(close).values()) == {0}


def test_inspect_tasks_are_kept_apart_and_long_texts_are_found(tmp_path, outcomes):
    path = tmp_path / "logs"
    for llm in ("base", "a", "b"):
        for task in ("sums", "words"):
            sample = inspect_sample("1", 1, "attachment://abc", f"What is {task}?")
            log = inspect_log(llm, [{**sample, "attachments": {"abc": f"{llm} says {task}"}}])
            log["eval"]["task"] = task
            json_file(path / f"{llm}-{task}.json", log)
    tables = read_tables(path, baseline="base")
    assert sorted(outcomes(tables)) == [
        ("sums/1", "a"),
        ("sums/1", "b"),
        ("words/1", "a"),
        ("words/1", "b"),
    ]
    assert "a says words" in set(tables.responses["text"])
    assert tables.queries["category"].tolist() == ["sums", "words"]


def test_inspect_logs_of_other_data_are_refused(tmp_path):
    path = write_inspect(tmp_path / "logs")
    other = [inspect_sample("1", 1, "text", "Another question?")]
    json_file(path / "other.json", inspect_log("org/c", other))
    with pytest.raises(DataError, match="query '1' of 'sums' is not the same query for"):
        read_tables(path, baseline=BASELINE)


def test_inspect_logs_without_samples(tmp_path):
    path = write_inspect(tmp_path / "logs")
    json_file(path / "header.json", {**inspect_log("org/c", None), "status": "cancelled"})
    notes = read_tables(path, baseline=BASELINE).notes
    assert "left out 1 log without samples: header.json" in notes
    assert "1 log did not finish: header.json" in notes
    assert "1 of 18 samples ended in an error" in notes
    with pytest.raises(DataError, match=r"inspect_ai without their samples \(header.json\)"):
        read_tables(path / "header.json", baseline=BASELINE)


def test_inspect_archives_need_inspect_ai(tmp_path, monkeypatch):
    shutil.make_archive(str(tmp_path / "log"), "zip", write_inspect(tmp_path / "logs"))
    archive = (tmp_path / "log.zip").rename(tmp_path / "log.eval")
    assert detect_format(archive) == "inspect-ai"
    monkeypatch.setitem(sys.modules, "inspect_ai.log", None)
    with pytest.raises(DataError, match=r"pip install 'bayessel\[inspect\]'.*inspect log dump"):
        read_tables(archive, baseline=BASELINE)


def test_inspect_archives_are_read_by_inspect_ai(tmp_path, outcomes):
    pytest.importorskip("inspect_ai", reason="needs the extra inspect")
    dumped = write_inspect(tmp_path / "logs")
    program = (
        "import sys; from pathlib import Path; from inspect_ai.log import *\n"
        "for f in Path(sys.argv[1]).glob('*.json'):\n"
        "    write_eval_log(read_eval_log(str(f)), str(f.with_suffix('.eval'))); f.unlink()"
    )
    subprocess.run([sys.executable, "-c", program, str(dumped)], check=True)
    assert not list(dumped.glob("*.json"))
    tables = read_tables(dumped, baseline=BASELINE)
    assert outcomes(tables) == expected()
    assert len(tables.responses) == 18
    damaged = tmp_path / "damaged" / "x.eval"
    shutil.make_archive(str(tmp_path / "empty"), "zip", tmp_path / "logs")
    damaged.parent.mkdir()
    (tmp_path / "empty.zip").rename(damaged)
    with pytest.raises(DataError, match="inspect_ai cannot read"):
        read_tables(damaged, baseline=BASELINE)


def lm_eval_folder(folder, scores, higher=True, **fields):
    """One query for each score of each LLM."""
    for llm, values in scores.items():
        lines = [
            {**lm_eval_sample(str(i), v, f"{llm} {i}", f"What is {i}?", "m"), **fields}
            for i, v in enumerate(values)
        ]
        jsonl_file(folder / llm / "samples_sums_2026-01-01.jsonl", lines)
        results = {
            "results": {},
            "configs": {"sums": {}},
            "higher_is_better": {"sums": {"m": higher}},
        }
        json_file(folder / llm / "results_2026-01-01.json", results)
    return folder


def test_lm_eval_where_lower_is_better(tmp_path, outcomes):
    scores = {"base": [2.0, 2.0], "a": [1.0, 3.0], "b": [2.0, 5.0]}
    path = lm_eval_folder(tmp_path / "up", scores)
    up = {("0", "a"): -1, ("1", "a"): 1, ("0", "b"): 0, ("1", "b"): 1}
    assert outcomes(read_tables(path, baseline="base")) == up
    path = lm_eval_folder(tmp_path / "down", scores, higher=False)
    tables = read_tables(path, baseline="base")
    assert outcomes(tables) == {cell: -outcome for cell, outcome in up.items()}
    assert "of the metric 'm' a lower score is better, and wins" in tables.notes


def test_lm_eval_filters_are_metrics(tmp_path, outcomes):
    path = tmp_path / "out"
    for llm, strict, flexible in (("base", 0, 1), ("a", 1, 1), ("b", 0, 0)):
        line = lm_eval_sample("0", strict, llm, "What is 0?")
        lines = [{**line, "filter": "strict"}, {**line, "filter": "loose", "exact_match": flexible}]
        jsonl_file(path / llm / "samples_sums_2026-01-01.jsonl", lines)
    with pytest.raises(DataError, match=r"'exact_match,strict', 'exact_match,loose'"):
        read_tables(path, baseline="base")
    strict = read_tables(path, baseline="base", judge="exact_match,strict")
    assert outcomes(strict) == {("0", "a"): 1, ("0", "b"): 0}
    assert not any("several answers" in note for note in strict.notes)
    loose = read_tables(path, baseline="base", judge="exact_match,loose")
    assert outcomes(loose) == {("0", "a"): 0, ("0", "b"): -1}


def test_lm_eval_choices_runs_and_other_documents(tmp_path, outcomes):
    weighed = {
        "arguments": {
            "gen_args_0": {"arg_0": "Q", "arg_1": " yes"},
            "gen_args_1": {"arg_0": "Q", "arg_1": " no"},
        },
        "resps": [[["-3.5", "False"]], [["-1.5", "True"]]],
        "filtered_resps": [["-3.5", "False"], ["-1.5", "True"]],
    }
    path = lm_eval_folder(tmp_path / "out", {"base": [1.0], "a": [0.0], "b": [1.0]}, **weighed)
    tables = read_tables(path, baseline="base")
    assert set(tables.responses["text"]) == {"no"}
    second = lm_eval_sample("0", 1.0, "again", "What is 0?", "m")
    jsonl_file(path / "a" / "samples_sums_2026-01-02.jsonl", [second])
    tables = read_tables(path, baseline="base", tolerance=0.5)
    assert outcomes(tables) == {("0", "a"): 0, ("0", "b"): 0}  # a's two runs: 0.5 on average
    assert any("1 of 3 cells have several answers" in note for note in tables.notes)
    other = lm_eval_sample("0", 1.0, "again", "Another document?", "m")
    jsonl_file(path / "b" / "samples_sums_2026-01-02.jsonl", [other])
    with pytest.raises(DataError, match="query '0' of 'sums' is not the same query"):
        read_tables(path, baseline="base")


def test_one_llm_alone_is_refused_with_what_to_give(tmp_path):
    path = write_lm_eval(tmp_path / "out")
    with pytest.raises(DataError, match=r"answers of one LLM \('org/a'\): give the folder"):
        read_tables(path / "org__a", baseline=BASELINE)


def test_helm_metrics_trials_and_perturbations(tmp_path, outcomes):
    path = write_helm(tmp_path / "out")
    for llm in SCORES:
        run = path / "runs" / "v1" / f"sums:model={llm.replace('/', '_')}"
        records = []
        for query, score, _, _ in cells(llm):
            first = {"instance_id": f"id{query}", "train_trial_index": 0}
            f1 = helm_stat("f1_score", score)
            records.append({**first, "stats": [helm_stat("exact_match", score), f1]})
            records.append({**first, "train_trial_index": 1, "stats": [f1]})
            typos = {"name": "typos"}
            records.append({**first, "perturbation": typos, "stats": [helm_stat("f1_score", 0)]})
        json_file(run / "per_instance_stats.json", records)
    tables = read_tables(path, baseline=BASELINE)  # exact_match is what the runs ask for
    assert any("read the metric 'exact_match'" in note for note in tables.notes)
    assert "left out 18 records of perturbed instances" in tables.notes
    assert {(q.removeprefix("id"), m): o for (q, m), o in outcomes(tables).items()} == expected()
    trials = read_tables(path, baseline=BASELINE, judge="f1_score")
    assert outcomes(trials) == outcomes(tables)
    assert any("18 of 18 cells have several answers" in note for note in trials.notes)


def test_openai_evals_graded_by_a_model(tmp_path, outcomes):
    for llm, points in (("base", (1, 0)), ("a", (0.5, 0.5)), ("b", (1, 1))):
        spec = {"completion_fns": [llm, "grader"], "eval_name": "jokes", "base_eval": "jokes"}
        events = []
        for i, score in enumerate(points):
            of = {"sample_id": f"jokes.{i}", "run_id": "r"}
            said = {"prompt": f"joke {i}", "sampled": [f"{llm} {i}"]}
            graded = {"prompt": "grade it", "sampled": ["Choice: A"]}
            events += [
                {**of, "type": "sampling", "data": said},
                {**of, "type": "sampling", "data": graded},
                {**of, "type": "metrics", "data": {"choice": "A", "score": score}},
            ]
        jsonl_file(tmp_path / "logs" / f"{llm}.jsonl", [{"spec": spec}, *events])
    tables = read_tables(tmp_path / "logs", baseline="base")
    assert outcomes(tables) == {
        ("jokes.0", "a"): -1,
        ("jokes.1", "a"): 1,
        ("jokes.0", "b"): 0,
        ("jokes.1", "b"): 1,
    }
    assert set(tables.responses["text"]) == {"base 0", "base 1", "a 0", "a 1", "b 0", "b 1"}
    assert any("3 runs did not finish" in note for note in tables.notes)
    assert list(openai_events([("1", None, "", "")]))[1]["type"] == "error"


def test_promptfoo_files_for_each_llm_repeats_and_prompts(tmp_path, outcomes):
    def row(llm, test, score, asked, prompt="{{topic}}"):
        found = promptfoo_row(llm, test, score, f"{llm} {asked}", asked)
        return {**found, "prompt": {"raw": asked, "label": prompt}}

    def output(name, rows):
        json_file(tmp_path / "out" / f"{name}.json", promptfoo_output(rows))

    output("base", [row("base", 0, 1, "x"), row("base", 1, 0, "y")])
    output("a", [row("a", 0, 0, "y"), row("a", 1, 1, "x"), row("a", 2, 1, "y")])
    jsonl_file(tmp_path / "out" / "b.jsonl", [row("b", 5, 0, "x"), row("b", 6, None, "y")])
    tables = read_tables(tmp_path / "out", baseline="base")
    names = dict(zip(tables.queries["text"], tables.queries["query_id"], strict=True))
    # a answered y twice, 0 and 1: its mean of 0.5 is above base's 0
    assert outcomes(tables) == {(names["x"], "a"): 0, (names["y"], "a"): 1, (names["x"], "b"): -1}
    assert "1 of 7 tests could not be run" in tables.notes
    rows = [row(m, 0, s, "x", p) for m, s, p in (("m", 1, "P"), ("m", 0, "Q"), ("n", 1, "P"))]
    path = json_file(tmp_path / "two.json", promptfoo_output(rows))
    prompts = read_tables(path, baseline="m (prompt 1)")
    assert outcomes(prompts) == {("1", "m (prompt 2)"): -1, ("1", "n (prompt 1)"): 0}
    assert any("2 prompts: a candidate is a provider with a prompt" in n for n in prompts.notes)
