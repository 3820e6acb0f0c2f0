"""Files, frames and folders of the same records give the same task, or the same refusal."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from bayessel import Task
from bayessel.errors import BayesselError
from bayessel.tasks.readers import FORMATS

ENDINGS = ("csv", "tsv", "jsonl", "json", "parquet", "csv.gz", "xlsx")


def column(*values: str, rare: str = "") -> st.SearchStrategy[str]:
    """Values that make a task, and some that seldom do."""
    return st.sampled_from([*values * 3, *([rare] if rare else [])])


LONG = {
    "query_id": column("1", "2", " 1", "caf\u00e9", "cafe\u0301", rare=" "),
    "candidate": column("a", "b", "c", "z", "b\u200b", rare=""),
    "outcome": column("win", "loss", "draw", "1", "0", "-1", "", " ", rare="good"),
    "score": column("1", "2.5", "3", "", rare="nan"),
    "text": column("x", "y", "", 'a, "b"\nc'),
    "query_text": column("", "W"),
    "judge": column("j1", "j2", ""),
    "cost": column("1", "2", "", rare="-1"),
    "weak:length": column("1", "7.5", "", rare="x"),
}
VOTES = {
    "query_id": LONG["query_id"],
    "model_a": column("a", "b", "c", "z"),
    "model_b": column("a", "b", "c", "z"),
    "winner": column("model_a", "b", "tie", "right", "both_bad", "", rare="nobody"),
    "judge": LONG["judge"],
}
OTHER_WORDS = {
    "query_id": "Question_ID",
    "candidate": "model",
    "text": "Response",
    "judge": "rater",
}


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[dict[str, str]], dict[str, str]]:
    """Records, and how they are to be read."""
    columns = draw(st.sampled_from([LONG, LONG, LONG, VOTES]))
    if columns is LONG:
        said = draw(st.sampled_from([("outcome",), ("score",), ("outcome", "score")]))
        optional = [c for c in LONG if c not in ("query_id", "candidate", "outcome", "score")]
        chosen = [
            "query_id",
            "candidate",
            *said,
            *draw(st.lists(st.sampled_from(optional), unique=True)),
        ]
    else:
        chosen = list(VOTES) if draw(st.booleans()) else list(VOTES)[:4]
    named = draw(st.dictionaries(st.sampled_from(list(OTHER_WORDS)), st.just(True)))
    row = st.fixed_dictionaries({(OTHER_WORDS[c] if c in named else c): columns[c] for c in chosen})
    records = draw(st.lists(row, min_size=1, max_size=8))
    options = {}
    if draw(st.booleans()):
        options["baseline"] = "z"
    if draw(st.integers(0, 4)) == 0:
        options["judge"] = draw(st.sampled_from(["j1", "j9"]))
    if draw(st.integers(0, 4)) == 0:
        options["outcomes"] = draw(st.sampled_from(["0-1", "pass-fail", "-1-0-1"]))
    return records, options


def write(path: Path, records: list[dict[str, str]]) -> Path:
    frame = pd.DataFrame(records)
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".xlsx":
        frame.to_excel(path, index=False)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records))
    elif path.suffix == ".json":
        path.write_text(json.dumps(records))
    else:
        frame.to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ",")
    return path


def found(read) -> tuple:
    """What a task holds, without the order of its queries; or why there is none."""
    try:
        task = read()
    except BayesselError as error:
        where = r"(the frame|/[^\s,:]+)(, (line|row|record) \d+)?( and \d+ more files?)?"
        return type(error).__name__, re.sub(where, "HERE", str(error))
    cells = {
        (q, m): (int(task.recorded[i, j]), task.responses_to(q)[m])
        for i, q in enumerate(task.queries)
        for j, m in enumerate(task.candidates)
    }
    cost = {} if task.cost is None else dict(zip(cells, task.cost.ravel().tolist(), strict=True))
    weak = {
        (name, *cell): repr(value)
        for name, values in zip(*reversed(task.weak_scores()), strict=True)
        for cell, value in zip(cells, values.ravel().tolist(), strict=True)
    }
    texts = dict(zip(task.queries, task.data["query_text"].values.tolist(), strict=True))
    theirs = {q: task.responses_to(q)[task.baseline] for q in task.queries}
    votes = [] if task.votes is None else sorted(task.votes.itertuples(index=False, name=None))
    return task.baseline, cells, theirs, cost, weak, texts, votes, set(task.notes)


@settings(max_examples=60, deadline=None)
@given(tables())
def test_files_and_frames_give_the_same_task_or_the_same_refusal(given):
    records, options = given
    expected = found(lambda: Task.from_frame(pd.DataFrame(records), **options))
    with tempfile.TemporaryDirectory() as folder:
        for ending in ENDINGS:
            path = write(Path(folder) / f"t.{ending}", records)
            assert found(lambda path=path: Task.read(path, **options)) == expected, ending


@settings(max_examples=40, deadline=None)
@given(tables(), st.data())
def test_a_folder_and_its_files_give_the_same_task_or_are_refused_alike(given, data):
    records, options = given
    expected = found(lambda: Task.from_frame(pd.DataFrame(records), **options))
    with tempfile.TemporaryDirectory() as folder:
        inside = Path(folder) / "several"
        inside.mkdir()
        cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(records) - 1)), max_size=2)))
        pieces = [records[a:b] for a, b in zip([0, *cuts], [*cuts, len(records)], strict=True)]
        paths = [
            write(inside / f"{i}.{data.draw(st.sampled_from(ENDINGS[:5]))}", piece)
            for i, piece in enumerate(pieces)
            if piece and any(value.strip() for record in piece for value in record.values())
        ]
        for given_path in (inside, paths):
            if paths:
                assert found(lambda path=given_path: Task.read(path, **options)) == expected


def test_options_that_a_frame_takes_are_those_of_a_file():
    assert FORMATS["table"].uses | FORMATS["votes"].uses == {"judge", "tolerance", "outcomes"}
