"""Every folder with code is in the wheel."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_folder_is_a_package_of_the_wheel():
    said = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    found = set()
    for name, folder in (("bayessel", ROOT / "bayessel"), ("bayessel.models", ROOT / "models")):
        for init in folder.rglob("__init__.py"):
            found.add(".".join((name, *init.parent.relative_to(folder).parts)))
    assert sorted(said) == sorted(found)
