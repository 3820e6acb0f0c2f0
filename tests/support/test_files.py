"""Files are there whole or not at all."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading

import pytest

from bayessel.errors import DataError, RunError
from bayessel.support.files import (
    inside,
    reason,
    remove,
    sync,
    write_text,
    written_new,
    written_together,
    written_whole,
)

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


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "a/../../x",
        "/etc/x",
        "..",
        "",
        ".",
        "a\\..\\..\\x",
        "a\0b",
        "x" * 256,
        "link/x",
        "link",
    ],
)
def test_no_name_leads_out_of_a_folder(tmp_path, name):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to(tmp_path)
    with pytest.raises(DataError):
        inside(tmp_path / "in", name)


@pytest.mark.parametrize("name", ["x", "a/b c/d", "a:b,c=d.json", "..x", "x.."])
def test_other_names_stay(tmp_path, name):
    assert inside(tmp_path, name) == tmp_path / name


def test_what_a_link_points_to_is_never_touched(tmp_path):
    victim, link = write_text(tmp_path / "victim", "mine"), tmp_path / "link"
    link.symlink_to(victim)
    write_text(link, "ours")
    assert (victim.read_text(), link.read_text(), link.is_symlink()) == ("mine", "ours", False)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "x").write_text("mine")
    link.unlink()
    link.symlink_to(folder)
    remove(link)
    assert (folder / "x").read_text() == "mine"


def test_only_files_that_bayessel_wrote_are_written_again(tmp_path):
    def write(**texts):
        with written_together(tmp_path, "check") as staging:
            (staging / "check").mkdir()
            for name, text in texts.items():
                (staging / "check" / name).write_text(text)

    write(a="1", b="1")
    (tmp_path / "check" / "c").write_text("mine")
    write(a="2")  # b is of the earlier result
    assert names(tmp_path / "check") == ["a", "c"]
    with pytest.raises(RunError, match="did not write it"):
        write(a="3", c="3")
    assert (tmp_path / "check" / "a").read_text() == "2"
    assert (tmp_path / "check" / "c").read_text() == "mine"
    assert names(tmp_path) == [".bayessel", "check"]


@pytest.mark.parametrize(
    ("number", "said"), [(errno.ENOSPC, "the disk is full"), (errno.EACCES, "Permission denied")]
)
def test_why_a_file_cannot_be_written(number, said):
    assert reason(OSError(number, os.strerror(number))) == said


def test_what_an_earlier_state_had_is_removed_only_where_bayessel_wrote_it(tmp_path):
    with written_together(tmp_path) as staging:
        (staging / "eps.png").write_text("ours")
        (staging / "rest").write_text("1")
    (tmp_path / "eps.svg").write_text("mine")
    with written_together(tmp_path, removed=["eps.png", "eps.svg"]) as staging:
        (staging / "rest").write_text("2")
    assert names(tmp_path) == [".bayessel", "eps.svg", "rest"]
    assert (tmp_path / "eps.svg").read_text() == "mine"


def test_a_new_file_is_written_over_nothing(tmp_path):
    path = tmp_path / "new"
    assert write_text(path, "1", new=True).read_text() == "1"
    (tmp_path / "link").symlink_to("nowhere")
    for taken in (path, tmp_path / "link"):
        with pytest.raises(FileExistsError):
            write_text(taken, "2", new=True)
    other = tmp_path / "other"

    def raced() -> None:
        with written_new(other) as partial:
            partial.write_text("ours")
            other.write_text("mine")  # since a moment ago

    def broken() -> None:
        with written_new(tmp_path / "third") as partial:
            partial.write_text("part")
            raise OSError("full")

    with pytest.raises(FileExistsError):
        raced()
    assert (path.read_text(), other.read_text()) == ("1", "mine")
    with pytest.raises(OSError, match="full"):
        broken()
    assert names(tmp_path) == ["link", "new", "other"]
