"""Port and tokens of the page: kept for its owner alone, and never over a file of the user."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from bayessel.errors import RunError
from bayessel.oracles.people.serve import KEPT, Address, listen
from bayessel.support.marker import MARKER, owned


def address(folder: Path) -> Address:
    listening, found = listen(folder)
    listening.close()
    return found


def test_the_same_address_holds_and_only_its_owner_reads_it(tmp_path):
    first = address(tmp_path)
    assert address(tmp_path).secrets == first.secrets
    assert stat.S_IMODE((tmp_path / KEPT).stat().st_mode) == 0o600
    assert owned(tmp_path) == {KEPT}
    assert {path.name for path in tmp_path.iterdir()} == {MARKER, KEPT}


def link(path: Path) -> None:
    path.with_name("elsewhere").write_text("mine")
    path.symlink_to("elsewhere")


@pytest.mark.parametrize(
    "make",
    [
        link,
        os.mkfifo,
        Path.mkdir,
        lambda path: path.write_text('{"mine": 1}'),
        lambda path: path.write_text("[" * 100_000),
        lambda path: path.write_bytes(b"\xff"),
    ],
)
def test_a_file_of_the_user_is_refused_and_left_alone(tmp_path, make):
    make(tmp_path / KEPT)
    before = (tmp_path / KEPT).lstat()
    with pytest.raises(RunError, match=r"page\.json"):
        listen(tmp_path)
    assert (tmp_path / KEPT).lstat() == before


@pytest.mark.parametrize("token", ["", "short", None, 1, ["x"], "é" * 40])
def test_a_token_that_can_be_guessed_is_made_anew(tmp_path, token):
    kept = {"port": 10**9, "annotators": token, "organiser": "o" * 24}
    (tmp_path / KEPT).write_text(json.dumps(kept))
    found = address(tmp_path)
    assert len(found.secrets.annotators) == 24
    assert found.secrets.organiser == "o" * 24
