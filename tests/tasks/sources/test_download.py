"""Downloads from a server on this machine, in the formats of the public ones."""

from __future__ import annotations

import dataclasses
import functools
import http.server
import json
import shutil
import threading
import urllib.parse
from pathlib import Path

import pytest

from bayessel import Task
from bayessel.errors import DataError, UnknownNameError
from bayessel.tasks.sources import SOURCES, find_source, get


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(tmp_path):
    """(folder, address) of a web server."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield folder, f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()
        thread.join()


def put(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = value if isinstance(value, list) and path.suffix == ".jsonl" else [value]
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")


def test_alpaca_eval(server, tmp_path):
    folder, url = server
    source = find_source("alpaca-eval")
    for model, preference in (("a", 2), ("b", 1)):
        put(
            folder / f"tree/{source.inside}/{model}/judge/annotations.json",
            [
                {
                    "instruction": f"do {i}",
                    "output_1": f"base does {i}",
                    "generator_1": "base",
                    "output_2": f"{model} does {i}",
                    "generator_2": model,
                    "preference": preference,
                    "annotator": "judge",
                    "dataset": "set",
                }
                for i in range(3)
            ],
        )
    (folder / "archive").mkdir(parents=True)
    archive = folder / source.files[0]
    shutil.make_archive(str(archive.with_suffix("")), "zip", folder / "tree")
    path = get(source, tmp_path / "cache", url=url)
    task = Task.read(path)
    assert task.candidates == ("a", "b")
    assert list(task.win_rate) == [1, 0]


def test_arena_hard_and_no_second_download(server, tmp_path):
    folder, url = server
    source = find_source("arena-hard")
    root = folder / f"resolve/{source.commit}"
    inside = root / "data/arena-hard-v0.1"
    put(inside / "question.jsonl", [{"question_id": "q1", "turns": [{"content": "why?"}]}])
    for model in ("a", "b"):
        games = [{"score": "B>A"}, {"score": "A>B" if model == "a" else "B>>A"}]
        judged = {"question_id": "q1", "model": model, "judge": "j", "games": games}
        put(inside / f"model_judgment/j/{model}.jsonl", [judged])
    for model in ("a", "b", "base"):
        choice = [{"index": 0, "turns": [{"content": f"{model} says"}]}]
        answer = {"question_id": "q1", "model_id": model, "choices": choice}
        put(inside / f"model_answer/{model}.jsonl", [answer])
    files = [str(file.relative_to(root)) for file in root.rglob("*.jsonl")]
    listing = [{"type": "file", "path": name} for name in files]
    put(folder / "listing.json", [*listing, {"type": "directory", "path": "data"}])
    seen: list[str] = []
    path = get(source, tmp_path / "cache", url=url, progress=seen.append)
    task = Task.read(path, baseline="base")
    assert list(task.win_rate) == [1, 0.5]
    assert len(seen) == len(files) + 1
    get(source, tmp_path / "cache", url=url, progress=seen.append)
    assert len(seen) == len(files) + 2  # only the list
    put(folder / "listing.json", [{"type": "file", "path": "data/arena-hard-v0.1/../../x"}])
    with pytest.raises(DataError, match="outside its folder"):
        get(source, tmp_path / "cache", url=url)
    put(folder / "listing.json", {"error": "gone"})
    with pytest.raises(DataError, match="expected a JSON list"):
        get(source, tmp_path / "cache", url=url)


def test_mt_bench(server, tmp_path):
    folder, url = server
    inside = folder / "data/mt_bench"
    put(inside / "question.jsonl", [{"question_id": 1, "category": "c", "turns": ["x", "y"]}])
    models = ("gpt-3.5-turbo", "gpt-4", "llama-13b")
    for model in models:
        turns = [f"{model} x", f"{model} y"]
        answer = {"question_id": 1, "model_id": model, "choices": [{"index": 0, "turns": turns}]}
        put(inside / f"model_answer/{model}.jsonl", [answer])
    pairs = [
        {
            "question_id": 1,
            "model_1": model,
            "model_2": "gpt-3.5-turbo",
            "g1_winner": winner,
            "g2_winner": winner,
            "judge": ["gpt-4", "pair-v2"],
            "turn": 1,
        }
        for model, winner in (("gpt-4", "model_1"), ("llama-13b", "model_2"))
    ]
    put(inside / "model_judgment/gpt-4_pair.jsonl", pairs)
    source = find_source("mt-bench")
    few = tuple(name for name in source.files if "answer" not in name or Path(name).stem in models)
    path = get(dataclasses.replace(source, files=few), tmp_path / "cache", url=url)
    task = Task.read(path, baseline="gpt-3.5-turbo")
    assert dict(zip(task.candidates, task.win_rate, strict=True)) == {"gpt-4": 1, "llama-13b": 0}


@pytest.mark.parametrize("name", ["flickr30k", "bingo", "mediqa"])
def test_helm(server, tmp_path, name):
    folder, url = server
    source = find_source(name)
    suites = {f"{source.inside}:model={m},k=v": "v1.0.0" for m in ("a_1", "b_2", "base")}
    put(folder / f"releases/{source.release}/runs_to_run_suites.json", suites | {"other:x=y": "v"})
    for at, run in enumerate(suites):
        where = folder / f"runs/v1.0.0/{run}"
        stats = [{"name": {"name": source.metric, "split": "test"}, "count": 1, "mean": 3 - at}]
        put(
            where / "per_instance_stats.json",
            [{"instance_id": f"id{i}", "stats": stats} for i in range(2)],
        )
        states = [
            {
                "instance": {"id": f"id{i}", "input": {"text": f"question {i}"}},
                "result": {"completions": [{"text": f"{run} answers {i}"}]},
            }
            for i in range(2)
        ]
        put(where / "scenario_state.json", {"request_states": states})
    path = get(source, tmp_path / "cache", url=url)
    task = Task.read(path, baseline="b_2")
    assert dict(zip(task.candidates, task.win_rate, strict=True)) == {"a_1": 1, "base": 0}
    assert "answers 1" in task.responses_to("id1")["a_1"]
    with pytest.raises(DataError, match="no answer of the runs has a score"):
        get(dataclasses.replace(source, metric="bleu"), tmp_path / "cache", url=url)
    with pytest.raises(DataError, match="has no run of"):
        get(dataclasses.replace(source, inside="none"), tmp_path / "cache", url=url)


def test_bad_input(server, tmp_path, monkeypatch):
    _, url = server
    with pytest.raises(UnknownNameError, match="did you mean 'mt-bench'"):
        find_source("mtbench")
    with pytest.raises(DataError, match=r"cannot download .*--url"):
        get(find_source("mt-bench"), tmp_path / "cache", url=url)
    assert not list((tmp_path / "cache").rglob("*.jsonl"))
    monkeypatch.setitem(__import__("sys").modules, "pooch", None)
    with pytest.raises(DataError, match="pip install"):
        get(find_source("mt-bench"), tmp_path / "cache", url=url)


def test_every_source_has_a_public_address():
    for source in SOURCES.values():
        assert urllib.parse.urlparse(source.url).scheme == "https"
