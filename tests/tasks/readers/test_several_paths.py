"""Several paths, and a folder of one file per LLM, are one task in every format."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from bayessel import Task
from bayessel.errors import DataError
from bayessel.tasks.readers import FORMATS, detect_format, read_tables
from foreign_files import BASELINE, WRITERS

LLMS = ("m1", "m2")


def cells(task: Task) -> dict[tuple[str, str], int]:
    return {
        (q, m): int(task.recorded[i, j])
        for i, q in enumerate(task.queries)
        for j, m in enumerate(task.candidates)
    }


def same(one: Task, *others: Task) -> None:
    for other in others:
        assert cells(other) == cells(one)
        assert other.baseline == one.baseline
        for query in one.queries:
            assert other.responses_to(query) == one.responses_to(query)


def test_every_format_reads_several():
    assert [name for name, reader in FORMATS.items() if reader.read_many is None] == []


# ------------------------------------------------------------------ alpaca_eval
def annotation(llm: str, query: str, preference: float | None, annotator: object = "j") -> dict:
    return {
        "instruction": query,
        "output_1": f"base on {query}",
        "generator_1": "base",
        "output_2": f"{llm} on {query}",
        "generator_2": llm,
        "preference": preference,
        "annotator": annotator,
    }


TOLD = {"m1": [annotation("m1", "Q0", 2), annotation("m1", "Q1", 1)]}
TOLD["m2"] = [annotation("m2", "Q0", 1.5), annotation("m2", "Q1", None)]


def test_alpaca_eval(document, tmp_path):
    whole = Task.read(document("one.json", [*TOLD["m1"], *TOLD["m2"]]))
    assert cells(whole) == dict(zip(cells(whole), (1, 0, -1, -9), strict=True))
    for llm in LLMS:
        document(f"flat/{llm}.json", TOLD[llm])
        document(f"results/{llm}/j/annotations.json", TOLD[llm])
    same(
        whole,
        Task.read(tmp_path / "flat"),
        Task.read([tmp_path / "flat" / f"{llm}.json" for llm in LLMS]),
        Task.read(tmp_path / "results"),
        Task.read([tmp_path / "results" / llm for llm in LLMS]),
        Task.read([tmp_path / "results", tmp_path / "results" / "m1"]),
    )


def test_outputs_of_alpaca_eval_without_annotations(document, tmp_path):
    for llm in (*LLMS, "base"):
        outputs = [{"instruction": "Q0", "output": llm, "generator": llm}]
        document(f"outputs/{llm}.json", outputs)
        document(f"results/{llm}/model_outputs.json", outputs)
    ways = [tmp_path / "outputs", tmp_path / "results", sorted((tmp_path / "outputs").iterdir())]
    for way in ways:
        task = Task.read(way, baseline="base")
        assert task.candidates == LLMS
        assert task.responses_to(task.queries[0]) == {"base": "base", "m1": "m1", "m2": "m2"}
    with pytest.raises(DataError, match="name it with --baseline NAME"):
        Task.read(tmp_path / "results")


def test_annotators_that_are_numbers_and_those_who_are_left_out(document):
    both = [dict(r, annotator=0) for r in (*TOLD["m1"], *TOLD["m2"])]
    task = Task.read(document("t.json", [*both, annotation("m1", "Q0", 1, 1)]))
    assert task.recorded[0, 0] == 1
    note = "read the judgments of '0', who judged most candidates; left out those of '1'"
    assert any(note in n for n in task.notes)


# ------------------------------------------------------------------ arena-hard and mt-bench
def arena(llm: str) -> list[dict]:
    verdicts = ("B>A",) if llm == "m1" else ("A>B", "A=B")
    games = [{"score": v} for v in verdicts]
    return [{"question_id": q, "model": llm, "judge": "g", "games": games} for q in ("q0", "q1")]


def pairs(llm: str) -> list[dict]:
    won = {"g1_winner": "model_1", "g2_winner": "model_1" if llm == "m1" else "tie"}
    who = {"model_1": llm, "model_2": "base", "judge": ["g", "pair-v2"], "turn": 1}
    return [{"question_id": q, **who, **won} for q in (1, 2)]


@pytest.mark.parametrize(
    ("records", "flat", "inside"),
    [(arena, "{}.jsonl", "g/{}.jsonl"), (pairs, "{}_pair.jsonl", "{}_pair.jsonl")],
)
def test_judgments_of_one_llm_in_each_file(jsonl, tmp_path, monkeypatch, records, flat, inside):
    for llm in LLMS:
        jsonl("flat/" + flat.format(llm), records(llm))
        jsonl("whole/model_judgment/" + inside.format(llm), records(llm))
        jsonl(f"parts/{llm}/model_judgment/" + inside.format(llm), records(llm))
    whole = Task.read(tmp_path / "whole", baseline="base")
    assert sorted(cells(whole).values()) == ([-1, -1, 1, 1] if records is arena else [0, 0, 1, 1])
    one_by_one = sorted((tmp_path / "flat").iterdir())
    inner = sorted((tmp_path / "whole" / "model_judgment").rglob("*.jsonl"))
    parts = sorted((tmp_path / "parts").iterdir())
    for way in (tmp_path / "flat", one_by_one, inner, parts, [tmp_path / "whole", *inner]):
        same(whole, Task.read(way, baseline="base"))
    monkeypatch.chdir(tmp_path / "flat")
    same(whole, Task.read([flat.format(llm) for llm in LLMS], baseline="base"))


def test_files_inside_a_benchmark_s_folder_have_its_answers(jsonl, tmp_path):
    for llm in (*LLMS, "base"):
        answer = [{"question_id": q, "choices": [{"turns": [{"content": llm}]}]} for q in "01"]
        jsonl(f"d/model_answer/{llm}.jsonl", answer)
    files = [jsonl(f"d/model_judgment/g/{llm}.jsonl", arena(llm)) for llm in LLMS]
    same(Task.read(tmp_path / "d"), Task.read(files), Task.read(files[0].parent))


# ------------------------------------------------------------------ Parquet and other tools
def test_parquet_folders(tmp_path):
    whole = tmp_path / "whole"
    for folder, llms in ((whole, LLMS), (tmp_path / "1", LLMS[:1]), (tmp_path / "2", LLMS[1:])):
        folder.mkdir()
        every = pd.DataFrame({"candidate": [*llms, "base"]}).assign(query_id="q")
        every.assign(text=every["candidate"]).to_parquet(folder / "responses.parquet")
        judged = every[every["candidate"] != "base"].assign(outcome=1)
        judged.to_parquet(folder / "judgments.parquet")
        pd.DataFrame({"query_id": ["q"], "text": ["Q?"]}).to_parquet(folder / "queries.parquet")
    same(Task.read(whole), Task.read([tmp_path / "1", tmp_path / "2"]))
    other = every.assign(outcome=-1, candidate="m1")
    other.to_parquet(tmp_path / "2" / "judgments.parquet")
    with pytest.raises(DataError, match="say something else than an earlier row on the same"):
        Task.read([tmp_path / "1", tmp_path / "2"])


SEVERAL = ["every-eval-ever", "helm", "inspect-ai", "lm-eval", "openai-evals"]


@pytest.mark.parametrize("name", SEVERAL)
def test_files_of_other_tools(tmp_path, name):
    folder = WRITERS[name](tmp_path / "out")
    parts = [folder]
    while len(parts) == 1:
        parts = sorted(parts[0].iterdir())
    one, several = (read_tables(p, baseline=BASELINE) for p in (folder, [*parts, parts[0]]))
    assert several.format == detect_format(folder) == name
    for part in ("judgments", "responses"):
        rows = [getattr(t, part).sort_values(["query_id", "candidate"]) for t in (one, several)]
        assert rows[0].to_csv(index=False) == rows[1].to_csv(index=False)


def test_formats_are_not_mixed(document, tmp_path):
    document("one.json", TOLD["m1"])
    (tmp_path / "t.csv").write_text("query_id,candidate,outcome\n1,a,win\n")
    with pytest.raises(DataError, match=r"looks like alpaca-eval and .* like table"):
        Task.read([tmp_path / "one.json", tmp_path / "t.csv"])


def test_a_folder_of_tables_stays_one(tmp_path):
    for llm in LLMS:
        Path(tmp_path / f"{llm}.jsonl").write_text(json.dumps({"query_id": "1", "outcome": 1}))
    assert Task.read(tmp_path).candidates == LLMS


def test_most_of_several_annotators_may_decide(document):
    """As for people who each judged a part: no annotator has all LLMs."""
    records = [
        *(annotation("m1", "Q0", p, a) for a, p in enumerate((2, 1, 2))),
        *(annotation("m2", "Q0", p, a) for a, p in ((0, 1), (3, 2))),
        annotation("m1", "Q1", None, 0),
        annotation("m1", "Q1", 1, 2),
        annotation("m2", "Q1", None, 1),
    ]
    path = document("t.json", [*records, records[0]])
    task = Task.read(path, rules={"annotators": "majority"})
    assert task.recorded.tolist() == [[1, 0], [-1, -9]]
    assert task.votes is not None
    assert sorted(task.votes["judge"]) == ["0", "0", "1", "2", "2", "3"]
    assert any("2 cells have several verdicts" in note for note in task.notes)
    assert "left out 1 row of annotations that only repeat another" in task.notes
    with pytest.raises(DataError, match="--rule annotators=majority lets most of them decide"):
        Task.read(document("t.json", [annotation("m1", "Q0", 2, a) for a in "xy"]))
    with pytest.raises(DataError, match="say something else than an earlier row on the same"):
        Task.read(
            document("t.json", [*records, annotation("m1", "Q0", 1, 0)]),
            rules={"annotators": "majority"},
        )
