"""The list of what bayessel wrote: whole again after a full disk, and nothing else's file."""

from __future__ import annotations

import os

import pytest

from bayessel.errors import RunError
from bayessel.support.marker import MARKER, adopt, claim, owned


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_line_that_a_full_disk_cut_off_spoils_no_other_name(tmp_path, cut):
    adopt(tmp_path, ["one", "two"])
    path = tmp_path / MARKER
    path.write_bytes(path.read_bytes()[:-cut])
    adopt(tmp_path, ["two", "three"])
    (tmp_path / "three").touch()
    assert owned(tmp_path) >= {"two", "three"}
    claim(tmp_path, ["two", "three"])


def test_a_first_line_that_was_cut_off_is_written_again(tmp_path):
    adopt(tmp_path, ["one"])
    path = tmp_path / MARKER
    path.write_bytes(path.read_bytes()[:30])
    adopt(tmp_path, ["one"])
    assert owned(tmp_path) == {"one"}
    assert path.read_text().startswith("Files that bayessel wrote into this folder and may")


def test_what_is_no_list_is_neither_read_nor_written(tmp_path):
    os.mkfifo(tmp_path / MARKER)
    assert owned(tmp_path) == frozenset()
    with pytest.raises(RunError, match="is not bayessel's"):
        adopt(tmp_path, ["one"])
