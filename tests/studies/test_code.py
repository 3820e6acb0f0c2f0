"""The code's hash: a change that may touch a number makes another hash, others do not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bayessel.studies.code import LIBRARIES, WITHOUT_NUMBERS, code_hash, folder_of, hash_of

PACKAGE, MODELS = folder_of("bayessel"), folder_of("bayessel.models")


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> tuple[Path, Path]:
    """Copies of the package's folder and of the models'."""
    folder = tmp_path_factory.mktemp("copy")
    for name, source in {"bayessel": PACKAGE, "models": MODELS}.items():
        shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder / "bayessel", folder / "models"


def test_every_file_that_can_touch_a_number_is_hashed(copy):
    package, models = copy
    before = hash_of(*copy)
    files = [*sorted(package.rglob("*.py")), *sorted(models.rglob("*.py"))]
    unseen = []
    for file in files:
        text = file.read_bytes()
        file.write_bytes(text + b"# changed\n")
        if hash_of(*copy) == before:
            unseen.append(file.relative_to(package.parent))
        file.write_bytes(text)
    assert hash_of(*copy) == before
    assert {file.parts[1] for file in unseen} == set(WITHOUT_NUMBERS)
    assert len(unseen) == sum(len(list((package / name).rglob("*.py"))) for name in WITHOUT_NUMBERS)


def test_a_file_that_is_new_or_renamed_is_seen(copy):
    package, models = copy
    before = hash_of(*copy)
    new = package / "tasks" / "new.py"
    new.write_text("")
    assert hash_of(*copy) != before
    new.unlink()
    file = models / "regression.py"
    file.rename(models / "another.py")
    assert hash_of(*copy) != before
    (models / "another.py").rename(file)
    assert hash_of(*copy) == before


def test_versions_are_hashed(monkeypatch):
    release = dict.fromkeys(LIBRARIES, "1")
    monkeypatch.setattr("bayessel.studies.code.version", release.__getitem__)
    first = code_hash.__wrapped__()
    for name in LIBRARIES:
        release[name] = "2"
        assert code_hash.__wrapped__() != first
        release[name] = "1"
    assert code_hash.__wrapped__() == first


def test_it_works_whatever_was_imported_before():
    code = "from bayessel.studies.code import code_hash; print(code_hash())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == code_hash()
