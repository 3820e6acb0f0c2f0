"""The file under both ledgers: whole, locked, read-only, of another kind."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from bayessel.errors import RunError
from bayessel.support.database import Database, tables
from bayessel.support.database_files import copy_to_read

TABLES = "CREATE TABLE t (a INTEGER);"


def opened(path: Path, application: int = 7, version: int = 1, **options) -> Database:
    prepare = tables(TABLES, application=application, version=version)
    return Database(path, prepare=prepare, what="list", create=True, **options)


def run(path: Path, sql: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute(sql)


def test_what_a_transaction_wrote_is_there_and_a_broken_one_left_nothing(tmp_path):
    database = opened(tmp_path / "a.db")
    assert database.execute("INSERT INTO t VALUES (1)") == 1

    def broken() -> None:
        with database.transaction():
            database.execute("INSERT INTO t VALUES (2)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    database.close()
    again = opened(tmp_path / "a.db")
    assert again.rows("SELECT a FROM t") == [(1,)]
    again.close()


def test_an_empty_file_of_an_interrupted_beginning_is_new(tmp_path):
    (tmp_path / "a.db").touch()
    database = opened(tmp_path / "a.db")
    assert database.rows("SELECT a FROM t") == []
    database.close()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.write_bytes(b"no database at all, and longer than a header" * 9), "dam"),
        (lambda path: path.write_bytes(path.read_bytes()[:-4096]), "damaged or truncated"),
        (lambda path: run(path, "PRAGMA application_id = 9"), "is not a list"),
        (lambda path: run(path, "PRAGMA user_version = 2"), "newer bayessel"),
        (lambda path: (path.rename(path.parent / "b"), path.symlink_to("b")), "symbolic link"),
    ],
    ids=["text", "cut", "other", "newer", "link"],
)
def test_what_is_no_sound_file_of_this_kind_is_refused_and_left_alone(tmp_path, spoil, said):
    path = tmp_path / "a.db"
    database = opened(path)
    with database.transaction():
        for i in range(2000):
            database.execute("INSERT INTO t VALUES (?)", (i,))
    database.close()
    spoil(path)
    before = path.read_bytes()
    with pytest.raises(RunError, match=said) as refused:
        opened(path)
    assert "\n" not in str(refused.value)
    assert path.read_bytes() == before


def test_one_process_may_write_at_a_time(tmp_path):
    one, other = opened(tmp_path / "a.db"), opened(tmp_path / "a.db", timeout=0.1)
    with one.transaction(), pytest.raises(RunError, match="locked by another process"):
        other.execute("INSERT INTO t VALUES (1)")
    other.execute("INSERT INTO t VALUES (2)")
    assert one.rows("SELECT a FROM t") == [(2,)]
    one.close()
    other.close()


def test_threads_share_one(tmp_path):
    database = opened(tmp_path / "a.db")

    def write() -> None:
        for i in range(50):
            with database.transaction():
                database.execute("INSERT INTO t VALUES (?)", (i,))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.rows("SELECT count(*) FROM t") == [(200,)]
    database.close()


def test_a_file_that_cannot_be_written_is_read_from_a_copy_and_takes_nothing(tmp_path, monkeypatch):
    path = tmp_path / "a.db"
    database = opened(path)
    database.execute("INSERT INTO t VALUES (1)")
    database.close()
    before = path.read_bytes()
    monkeypatch.setattr(os, "access", lambda *_: False)
    read = opened(path)
    assert read.read_only
    assert read.rows("SELECT a FROM t") == [(1,)]
    with pytest.raises(RunError, match="is read-only"):
        read.execute("INSERT INTO t VALUES (2)")
    with pytest.raises(RunError, match="is read-only"), read.transaction():
        pass
    read.close()
    assert path.read_bytes() == before


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir])
def test_what_is_no_file_is_refused_at_once(tmp_path, make):
    make(tmp_path / "a.db")
    with pytest.raises(RunError, match="is no file"):
        opened(tmp_path / "a.db")


def test_a_copy_that_somebody_writes_to_meanwhile_is_made_again(tmp_path, monkeypatch):
    path, copies = tmp_path / "a.db", []
    database = opened(path)
    copy = shutil.copyfile

    def and_then_write(source: Path, to: Path) -> None:
        copy(source, to)
        copies.append(source.name)
        if len(copies) < 3:
            database.execute("INSERT INTO t VALUES (1)")

    monkeypatch.setattr(shutil, "copyfile", and_then_write)
    (tmp_path / "copy").mkdir()
    found = copy_to_read(path, tmp_path / "copy")
    with contextlib.closing(sqlite3.connect(found)) as db:
        assert db.execute("SELECT count(*) FROM t").fetchone() == (2,)
    assert copies == ["a.db", "a.db-wal"] * 2
    database.close()


def test_a_copy_of_what_never_rests_is_given_up(tmp_path, monkeypatch):
    path = tmp_path / "a.db"
    path.write_bytes(b"0")
    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setattr(shutil, "copyfile", lambda *_: path.write_bytes(path.read_bytes() + b"0"))
    (tmp_path / "copy").mkdir()
    with pytest.raises(sqlite3.OperationalError, match="busy"):
        copy_to_read(path, tmp_path / "copy")
