"""What a server or an archive may do: nothing outside the folder, no more than the limits."""

from __future__ import annotations

import dataclasses
import io
import json
import stat
import subprocess
import time
import zipfile
from pathlib import Path

import pytest

from bayessel.errors import BayesselError, DataError
from bayessel.tasks.sources import find_source, get
from bayessel.tasks.sources.archives import unpack
from bayessel.tasks.sources.fetching import RECORD, Limits


class Served:
    """Answers of a server by the address's end, in place of requests."""

    def __init__(self, answers: dict[str, bytes], wait: float = 0.0) -> None:
        self.answers, self.wait = answers, wait
        self.asked: list[str] = []

    def __call__(self, url: str, **_: object) -> Served:
        import requests

        self.asked.append(url)
        found = next((v for k, v in self.answers.items() if url.endswith(k)), None)
        if found is None:
            raise requests.ConnectionError(url)
        self.raw, self.headers = self, {}
        self._rest = io.BytesIO(found)
        return self

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def raise_for_status(self) -> None:
        pass

    def read1(self, size: int, decode_content: bool) -> bytes:
        time.sleep(self.wait)
        return self._rest.read(min(size, 1000))


@pytest.fixture
def serve(monkeypatch):
    def begin(answers: dict[str, bytes], wait: float = 0.0) -> Served:
        served = Served(answers, wait)
        monkeypatch.setattr("requests.get", served)
        return served

    return begin


def outside(tmp_path: Path) -> set[str]:
    return {p.name for p in tmp_path.iterdir()}


RUN = "bingo:model=a_1"


@pytest.mark.parametrize(
    "index",
    [
        {RUN: "../../../../x"},
        {"bingo:model=../../../../../x": "v1"},
        {RUN: "a\0b"},
        {RUN: "y" * 300},
        {RUN: 7},
        [RUN],
        "x",
    ],
)
def test_an_index_of_helm_that_leads_out(serve, tmp_path, index):
    served = serve({"suites.json": json.dumps(index).encode(), ".json": b"{}"})
    with pytest.raises(DataError):
        get(find_source("bingo"), tmp_path / "cache")
    assert outside(tmp_path) <= {"cache"}
    assert len(served.asked) == 1  # nothing was asked for under such a name


@pytest.mark.parametrize("text", [b"[" * 100_000, b"{", b"\xff", b"[]", b'[{"a":1}]', b"{}"])
def test_files_of_helm_that_are_not(serve, tmp_path, text):
    serve({"suites.json": json.dumps({RUN: "v1"}).encode(), ".json": text})
    with pytest.raises(DataError):
        get(find_source("bingo"), tmp_path / "cache")
    serve({".json": text})
    with pytest.raises(DataError):
        get(find_source("bingo"), tmp_path / "other")


def listing(*entries: dict[str, object]) -> bytes:
    return json.dumps([{"type": "file", **entry} for entry in entries]).encode()


@pytest.mark.parametrize(
    "name",
    [
        "data/arena-hard-v0.1/../../x",
        "data/arena-hard-v0.1/a\\..\\..\\x",
        "/x",
        "data/arena-hard-v0.1",
        "data/arena-hard-v0.1x/y",
    ],
)
def test_a_list_of_files_that_leads_out(serve, tmp_path, name):
    served = serve({"recursive=true": listing({"path": name}), "": b"x"})
    with pytest.raises(DataError):
        get(find_source("arena-hard"), tmp_path / "cache")
    assert outside(tmp_path) <= {"cache"}
    assert len(served.asked) == 1


def test_a_file_is_what_the_list_of_the_commit_says(serve, tmp_path):
    source = find_source("arena-hard")
    name = "data/arena-hard-v0.1/question.jsonl"
    blob = subprocess.run(
        ["git", "hash-object", "--stdin"], input=b"text", capture_output=True, check=True
    )
    good = blob.stdout.decode().strip()
    served = serve({"recursive=true": listing({"path": name, "oid": good}), "": b"text"})
    assert get(source, tmp_path / "cache").is_dir()
    assert all(len(source.commit) == 40 and source.commit in url for url in served.asked)
    bad = {"path": name, "oid": good, "lfs": {"oid": "0" * 64}}
    serve({"recursive=true": listing(bad), "": b"text"})
    with pytest.raises(DataError, match="its hash is another"):
        get(source, tmp_path / "cache")


def test_a_file_that_was_changed_since_is_refused(serve, tmp_path):
    source = dataclasses.replace(find_source("mt-bench"), files=("data/mt_bench/question.jsonl",))
    serve({"": b"text"})
    path = get(source, tmp_path) / "question.jsonl"
    kept = json.loads((tmp_path / "mt-bench" / RECORD).read_text())
    assert kept["data/mt_bench/question.jsonl"]["bytes"] == 4
    assert get(source, tmp_path).is_dir()
    path.write_text("other")
    with pytest.raises(DataError, match="is not what was downloaded"):
        get(source, tmp_path)


@pytest.mark.parametrize(
    ("limits", "wait", "word"),
    [(Limits(bytes=5000), 0.0, "larger"), (Limits(seconds=0.05), 0.02, "longer")],
)
def test_a_download_without_an_end(serve, tmp_path, limits, wait, word):
    serve({"": b"x" * 100_000}, wait)
    with pytest.raises(DataError, match=word):
        get(find_source("mt-bench"), tmp_path / "cache", limits=limits)
    files = [p for p in (tmp_path / "cache").rglob("*") if p.is_file()]
    assert files == []


# ------------------------------------------------------------------ archives
def bomb(archive: zipfile.ZipFile) -> None:
    archive.writestr("in/zeros", bytes(201 * 2**20))


def climbs(archive: zipfile.ZipFile) -> None:
    archive.writestr("in/../../x", "x")


def links(archive: zipfile.ZipFile) -> None:
    member = zipfile.ZipInfo("in/link")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive.writestr(member, "/etc/passwd")


def elsewhere(archive: zipfile.ZipFile) -> None:
    archive.writestr("out/x", "x")


def too_long(archive: zipfile.ZipFile) -> None:
    archive.writestr(f"in/{'x' * 300}", "x")


@pytest.mark.parametrize("fill", [bomb, climbs, links, elsewhere, too_long])
def test_an_archive_that_is_hostile(tmp_path, fill):
    file = tmp_path / "a.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("in/good", "good") if fill is not elsewhere else None
        fill(archive)
    with pytest.raises(BayesselError):
        unpack(file, tmp_path / "own", "in")
    assert outside(tmp_path) <= {"a.zip", "own"}
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [file]


@pytest.mark.parametrize("spoil", [lambda b: b[:-30], lambda b: b"PK" + b[10:], lambda b: b""])
def test_an_archive_that_is_damaged(tmp_path, spoil):
    file = tmp_path / "a.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("in/good", "good" * 100)
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(DataError, match=r"a\.zip"):
        unpack(file, tmp_path / "own", "in")


def test_an_archive_is_compared_with_the_commit(tmp_path):
    """As git itself names the folder's contents."""
    repository = tmp_path / "repository"
    files = {"in/a/b.txt": "b", "in/a.txt": "a", "in/a-": "c", "in/run": "#!", "top": "x"}
    for name, text in files.items():
        path = repository / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (repository / "in" / "run").chmod(0o755)

    def git(*words: str) -> str:
        who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
        done = subprocess.run(
            ["git", *who, *words], cwd=repository, capture_output=True, check=True, text=True
        )
        return done.stdout.strip()

    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "x")
    tree = git("rev-parse", "HEAD:in")
    git("archive", "--format=zip", "--prefix=top/", "-o", str(tmp_path / "a.zip"), "HEAD")
    unpack(tmp_path / "a.zip", tmp_path / "own", "top/in", tree)
    assert (tmp_path / "own" / "top" / "in" / "a" / "b.txt").read_text() == "b"
    with pytest.raises(DataError, match="other contents than the commit"):
        unpack(tmp_path / "a.zip", tmp_path / "another", "top/in", tree[::-1])
    assert not (tmp_path / "another" / "top" / "in").exists()
