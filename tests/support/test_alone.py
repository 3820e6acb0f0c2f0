"""One process at a time, and no file of the user for a lock."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bayessel.errors import RunError
from bayessel.support.alone import alone, hold


def test_one_holds_it_and_the_next_one_is_told(tmp_path):
    path = tmp_path / "lock"
    with closing(hold(path, "the judges are asked elsewhere")):
        with pytest.raises(RunError, match="the judges are asked elsewhere"):
            hold(path, "the judges are asked elsewhere")
        with pytest.raises(RunError, match="served by another process"), alone(path, "served"):
            pass
    with alone(path, "served"):
        assert path.stat().st_size == 0


def text(path: Path) -> None:
    path.write_text("mine, and no database")


def link(path: Path) -> None:
    path.symlink_to(path.parent / "elsewhere")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (text, "bayessel did not write it"),
        (Path.mkdir, "bayessel did not write it"),
        (os.mkfifo, "bayessel did not write it"),
        (link, "symbolic link"),
        (lambda path: path.parent.rmdir(), "cannot write the lock"),
    ],
)
def test_what_is_no_lock_is_refused_and_left_alone(
    tmp_path, make: Callable[[Path], object], said: str
):
    folder = tmp_path / "folder"
    folder.mkdir()
    make(folder / "lock")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(RunError, match=said):
        hold(folder / "lock", "busy")
    assert sorted(tmp_path.rglob("*")) == before
    if make is text:
        assert (folder / "lock").read_text() == "mine, and no database"
