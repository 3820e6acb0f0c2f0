"""The same scores of three LLMs as each evaluation tool writes them.

``SCORES`` is what they say, ``OUTCOMES`` what follows against the baseline, by hand. Each ``write``
function makes the files of one tool in a folder.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

BASELINE = "org/base"
QUERIES = ("1", "2", "3", "4", "5", "6")
SCORES: dict[str, tuple[int | None, ...]] = {
    "org/base": (1, 0, 1, 0, 1, 0),
    "org/a": (1, 1, 1, 0, 0, 1),
    "org/b": (0, 0, 1, 1, 1, None),
}
OUTCOMES = {
    "org/a": (0, 1, 0, 0, -1, 1),
    "org/b": (-1, 0, 0, 1, 0, None),
}


def expected() -> dict[tuple[str, str], int]:
    """``OUTCOMES`` by query and candidate, those that are missing left out."""
    return {
        (query, llm): outcome
        for llm, outcomes in OUTCOMES.items()
        for query, outcome in zip(QUERIES, outcomes, strict=True)
        if outcome is not None
    }


def cells(llm: str) -> Iterator[tuple[str, int | None, str, str]]:
    """Query, score, response and text of the query, for each query."""
    for query, score in zip(QUERIES, SCORES[llm], strict=True):
        yield query, score, f"{llm} says {query}", f"What is {query}?"


def json_file(path: Path, value: Any) -> Path:
    """Write one JSON document."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")
    return path


def jsonl_file(path: Path, records: Any) -> Path:
    """Write JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return path


def inspect_sample(query: str, score: int | None, text: str, asked: str) -> dict[str, Any]:
    """One sample of a log of inspect_ai; without a score it ended in an error."""
    sample: dict[str, Any] = {
        "id": query,
        "epoch": 1,
        "input": asked,
        "target": "A",
        "messages": [],
        "output": {
            "model": "m",
            "choices": [{"message": {"role": "assistant", "content": text}, "stop_reason": "stop"}],
            "completion": text,
        },
        "scores": {"match": {"value": "C" if score else "I", "answer": "A"}},
    }
    if score is None:
        error = {"message": "timed out", "traceback": "", "traceback_ansi": ""}
        sample |= {"error": error, "scores": None}
    return sample


def inspect_log(llm: str, samples: list[dict[str, Any]] | None) -> dict[str, Any]:
    """A log of inspect_ai as its dump has it."""
    log = {
        "version": 2,
        "status": "success",
        "eval": {
            "eval_id": f"eval-{llm}",
            "run_id": "run",
            "created": "2026-01-01T00:00:00+00:00",
            "task": "sums",
            "task_id": "sums",
            "task_version": 0,
            "dataset": {"name": "sums", "samples": 6},
            "model": llm,
            "config": {"epochs": 1},
        },
        "plan": {"steps": []},
        "results": {"total_samples": 6, "completed_samples": 6, "scores": []},
        "stats": {"started_at": "", "completed_at": "", "model_usage": {}},
    }
    return log if samples is None else {**log, "samples": samples}


def write_inspect(folder: Path) -> Path:
    """One dumped log for each LLM."""
    for i, llm in enumerate(SCORES):
        samples = [inspect_sample(*cell) for cell in cells(llm)]
        json_file(folder / f"2026-01-0{i + 1}_sums_x.json", inspect_log(llm, samples))
    return folder


def lm_eval_sample(
    query: str, score: float | None, text: str, asked: str, metric: str = "exact_match"
) -> dict[str, Any]:
    """One line of lm-evaluation-harness's samples."""
    return {
        "doc_id": int(query),
        "doc": {"question": asked, "answer": "A"},
        "target": "A",
        "arguments": {"gen_args_0": {"arg_0": asked, "arg_1": {"until": ["\n"]}}},
        "resps": [[text]],
        "filtered_resps": [text],
        "filter": "none",
        "metrics": [metric],
        "doc_hash": f"hash {asked}",
        "prompt_hash": "p",
        "target_hash": "t",
        metric: score,
    }


def write_lm_eval(folder: Path) -> Path:
    """One folder for each LLM, as ``--output_path`` has them."""
    date = "2026-01-21T03-44-18.458309"
    for llm in SCORES:
        own = folder / llm.replace("/", "__")
        jsonl_file(own / f"samples_sums_{date}.jsonl", (lm_eval_sample(*c) for c in cells(llm)))
        results = {
            "results": {"sums": {"exact_match,none": 0.5}},
            "configs": {"sums": {}},
            "higher_is_better": {"sums": {"exact_match": True}},
            "model_name": llm,
        }
        json_file(own / f"results_{date}.json", results)
    return folder


def helm_stat(name: str, value: float | None) -> dict[str, Any]:
    """One statistic of HELM; without a value nothing was counted."""
    stat: dict[str, Any] = {
        "name": {"name": name, "split": "test"},
        "count": int(value is not None),
    }
    return stat if value is None else {**stat, "sum": value, "mean": value}


def write_helm(folder: Path) -> Path:
    """One run for each LLM."""
    for llm in SCORES:
        run = folder / "runs" / "v1" / f"sums:model={llm.replace('/', '_')}"
        stats, states = [], []
        for query, score, text, asked in cells(llm):
            one = {"instance_id": f"id{query}", "train_trial_index": 0}
            stats.append({**one, "stats": [helm_stat("num_output_tokens", 3)]})
            stats.append({**one, "stats": [helm_stat("exact_match", score)]})
            states.append(
                {
                    "instance": {"input": {"text": asked}, "references": [], "id": f"id{query}"},
                    "train_trial_index": 0,
                    "request": {"prompt": f"Answer. {asked}"},
                    "result": {"success": True, "completions": [{"text": text}]},
                }
            )
        spec = {
            "name": f"sums:subject=x,model={llm.replace('/', '_')}",
            "adapter_spec": {"model": llm},
            "metric_specs": [{"class_name": "x", "args": {"names": ["exact_match"]}}],
        }
        json_file(run / "run_spec.json", spec)
        json_file(run / "per_instance_stats.json", stats)
        json_file(run / "scenario_state.json", {"adapter_spec": {}, "request_states": states})
        json_file(run / "stats.json", [helm_stat("exact_match", 0.5)])
    return folder


def write_every_eval_ever(folder: Path) -> Path:
    """One file of records for each LLM, beside its aggregate."""
    for llm in SCORES:
        own = folder / "data" / "sums" / llm
        records = []
        for query, score, text, asked in cells(llm):
            record: dict[str, Any] = {
                "schema_version": "0.3.0",
                "evaluation_id": f"sums/{llm}/1",
                "model_id": llm,
                "evaluation_name": "sums",
                "sample_id": query,
                "interaction_type": "single_turn",
                "input": {"raw": asked, "reference": ["A"]},
                "output": {"raw": [text]},
                "answer_attribution": [],
                "evaluation": {"score": score or 0, "is_correct": bool(score)},
            }
            records.append({**record, "error": "timed out"} if score is None else record)
        jsonl_file(own / "f3a1c0de_samples.jsonl", records)
        aggregate = {"schema_version": "0.3.0", "evaluation_id": "x", "evaluation_results": []}
        json_file(own / "f3a1c0de.json", aggregate)
    return folder


def openai_events(cells_of: Any) -> Iterator[dict[str, Any]]:
    """Events of a run of OpenAI evals; without a score the sample ended in an error."""
    number = 0
    for query, score, text, asked in cells_of:
        events: list[tuple[str, dict[str, Any]]] = [
            ("sampling", {"prompt": [{"role": "user", "content": asked}], "sampled": [text]}),
            ("match", {"correct": bool(score), "expected": "A", "picked": "A"}),
        ]
        if score is None:
            events[1] = ("error", {"type": "Timeout", "message": "timed out"})
        for kind, data in events:
            yield {
                "run_id": "r",
                "event_id": number,
                "sample_id": query,
                "type": kind,
                "data": data,
                "created_by": "",
                "created_at": "2026-01-01",
            }
            number += 1


def write_openai_evals(folder: Path) -> Path:
    """One log for each LLM."""
    for i, llm in enumerate(SCORES):
        spec = {"completion_fns": [llm], "eval_name": "sums.dev.v0", "base_eval": "sums"}
        report = {"final_report": {"accuracy": 0.5}, "run_id": "r"}
        events = openai_events(cells(llm))
        jsonl_file(folder / f"26010100000{i}_sums.jsonl", [{"spec": spec}, *events, report])
    return folder


def promptfoo_row(llm: str, test: int, score: float | None, text: str, asked: str) -> Any:
    """One result of promptfoo; without a score the test could not be run."""
    row: dict[str, Any] = {
        "promptIdx": 0,
        "testIdx": test,
        "testCase": {"vars": {"topic": asked}, "assert": [{"type": "contains", "value": "A"}]},
        "promptId": "p",
        "provider": {"id": llm, "label": ""},
        "prompt": {"raw": asked, "label": "{{topic}}"},
        "vars": {"topic": asked},
        "response": {"output": text},
        "failureReason": 0 if score else 1,
        "success": bool(score),
        "score": score or 0,
        "latencyMs": 1,
        "namedScores": {},
        "gradingResult": {"pass": bool(score), "score": score or 0, "reason": ""},
    }
    if score is None:
        row |= {"failureReason": 2, "gradingResult": None, "error": "timed out"}
        row["response"] = {"error": "timed out"}
    return row


def promptfoo_output(rows: list[Any]) -> dict[str, Any]:
    """What promptfoo writes."""
    results = {"version": 3, "timestamp": "", "prompts": [], "results": rows, "stats": {}}
    return {"evalId": "eval-x", "results": results, "config": {}, "shareableUrl": None}


def write_promptfoo(folder: Path) -> Path:
    """One file with all LLMs."""
    rows = [
        promptfoo_row(llm, int(query), score, text, asked)
        for llm in SCORES
        for query, score, text, asked in cells(llm)
    ]
    return json_file(folder / "results.json", promptfoo_output(rows))


def label_studio_task(number: int, data: dict[str, Any], results: list[list[Any]]) -> Any:
    """A task of Label Studio; each list of results is what one person said."""
    annotations = [
        {
            "id": 100 * number + person,
            "completed_by": person,
            "result": result,
            "was_cancelled": False,
            "ground_truth": False,
            "lead_time": 3.5,
        }
        for person, result in enumerate(results, start=1)
    ]
    return {
        "id": number,
        "annotations": annotations,
        "drafts": [],
        "predictions": [],
        "data": data,
        "meta": {},
        "project": 1,
    }


def label_studio_result(kind: str, value: Any, name: str = "", to: str = "text") -> Any:
    """What one control of Label Studio holds."""
    key = {"pairwise": "selected"}.get(kind, kind)
    of = {"id": "x", "type": kind, "from_name": name or kind, "to_name": to, "origin": "manual"}
    return {**of, "value": {key: value}}


def write_label_studio(folder: Path) -> Path:
    """One export: each response is a task with a rating of it."""
    tasks = []
    for llm in SCORES:
        for query, score, text, asked in cells(llm):
            data = {"query_id": query, "prompt": asked, "model": llm, "response": text}
            said = [] if score is None else [[label_studio_result("rating", score + 3)]]
            tasks.append(label_studio_task(len(tasks) + 1, data, said))
    return json_file(folder / "project-1.json", tasks)


def argilla_record(
    name: str, fields: dict[str, Any], metadata: dict[str, Any], answers: dict[str, list[Any]]
) -> dict[str, Any]:
    """A record of Argilla; each answer to a question is another person's."""
    responses = {
        question: [{"value": v, "user_id": f"user-{i}"} for i, v in enumerate(values, start=1)]
        for question, values in answers.items()
    }
    return {
        "id": name,
        "fields": fields,
        "metadata": metadata,
        "suggestions": {},
        "responses": responses,
        "vectors": {},
        "_server_id": f"server-{name}",
    }


def write_argilla(folder: Path) -> Path:
    """One export: each response is a record with a rating of it; queries have no names."""
    records = []
    for llm in SCORES:
        for _, score, text, asked in cells(llm):
            said = {} if score is None else {"quality": [score + 3]}
            fields = {"instruction": asked, "response": text}
            records.append(argilla_record(f"r{len(records)}", fields, {"model": llm}, said))
    return json_file(folder / "records.json", records)


WRITERS: dict[str, Callable[[Path], Path]] = {
    "argilla": write_argilla,
    "every-eval-ever": write_every_eval_ever,
    "helm": write_helm,
    "inspect-ai": write_inspect,
    "label-studio": write_label_studio,
    "lm-eval": write_lm_eval,
    "openai-evals": write_openai_evals,
    "promptfoo": write_promptfoo,
}
"""By the name of the format; each returns the path to read."""
