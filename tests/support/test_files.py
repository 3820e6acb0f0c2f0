"""Files are there whole or not at all."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest

from bayessel.support.files import sync, write_text, written_whole

KILLED = """
import os, signal, sys
from pathlib import Path
from bayessel.support.files import written_whole
with written_whole(Path(sys.argv[1])) as partial:
    partial.write_text("half of the n")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_text_is_written_as_utf8_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "a.txt"
    assert write_text(path, "é\n") == path
    write_text(path, "東京\n")
    assert path.read_bytes() == "東京\n".encode()
    assert names(tmp_path) == ["a.txt"]


def test_a_process_killed_in_the_middle_leaves_the_old_file(tmp_path):
    path = write_text(tmp_path / "a.txt", "old")
    killed = subprocess.run([sys.executable, "-c", KILLED, path], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert path.read_text() == "old"


def test_the_old_file_is_there_until_the_block_ends(tmp_path):
    path = write_text(tmp_path / "a.txt", "old")
    with written_whole(path) as partial:
        partial.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_a_failure_leaves_the_old_file_and_no_part_of_the_new_one(tmp_path, error):
    path = write_text(tmp_path / "a.txt", "old")

    def fail() -> None:
        with written_whole(path) as partial:
            partial.write_text("half")
            raise error

    with pytest.raises(error):
        fail()
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_folder_is_whole_too_and_one_that_is_there_is_never_replaced(tmp_path):
    path = tmp_path / "folder"

    def write(text):
        with written_whole(path) as partial:
            partial.mkdir()
            (partial / "a.txt").write_text(text)

    write("first")
    with pytest.raises(OSError, match="not empty"):
        write("second")
    assert (path / "a.txt").read_text() == "first"
    assert names(tmp_path) == ["folder"]


def test_two_threads_may_write_the_same_file(tmp_path):
    path, both_are_writing = tmp_path / "a.txt", threading.Barrier(2, timeout=60)
    failed = []

    def write(text):
        try:
            with written_whole(path) as partial:
                partial.write_text(text)
                both_are_writing.wait()
                assert partial.read_text() == text
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(text,)) for text in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert path.read_text() in ("one", "two")
    assert names(tmp_path) == ["a.txt"]


def test_files_and_folders_are_put_on_disk(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr("bayessel.support.files.os.fsync", synced.append)
    sync(write_text(tmp_path / "a.txt", "text"))
    sync(tmp_path)
    assert len(synced) == 2
    with pytest.raises(FileNotFoundError):
        sync(tmp_path / "absent")
