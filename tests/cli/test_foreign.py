"""``bayessel select`` on what other evaluation tools write."""

from __future__ import annotations

import json

import pytest

from foreign_files import BASELINE, WRITERS


@pytest.mark.parametrize("name", WRITERS)
def test_select_reads_it(bayessel, tmp_path, name):
    path = WRITERS[name](tmp_path / "written")
    ran = bayessel(
        "select", path, "--baseline", BASELINE, "--out", "out", "--json", "--strategy", "random"
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["best"] == "org/a"
    again = bayessel("select", path, "--out", "other")
    assert again.returncode == 2
    assert again.stderr.count("\n") == 1
    assert "--baseline NAME" in again.stderr
