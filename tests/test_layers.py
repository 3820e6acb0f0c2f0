"""Imports point downwards only: the layers are the folders, from the lowest to the highest."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

LAYERS = [
    ["errors", "outcomes"],
    ["support"],
    ["tasks"],
    ["weak_judges"],
    ["priors"],
    ["models", "inference"],  # an engine may belong to one model; models read the evidence
    ["acquisition"],
    ["strategies"],
    ["oracles"],
    ["selection"],
    ["checks"],
    ["studies"],
    ["pictures"],
    ["reports"],
    ["cli"],
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
FILES = sorted((ROOT / "bayessel").rglob("*.py")) + sorted((ROOT / "models").rglob("*.py"))


def part(path: Path) -> str:
    """The layer's name of a file."""
    inside = path.relative_to(ROOT)
    return "models" if inside.parts[0] == "models" else inside.parts[1].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Parts of bayessel that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bayessel"):
            rest = (node.module or "").split(".")[1:]
            found |= {rest[0]} if rest else {alias.name for alias in node.names}
        if isinstance(node, ast.Import):
            names = (alias.name.split(".") for alias in node.names)
            found |= {name[1] for name in names if name[0] == "bayessel" and name[1:]}
    return found & set(RANK)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_import_points_upwards(path: Path) -> None:
    name = part(path)
    if name in ("__init__", "__main__"):
        return  # the face of the package gathers everything
    assert name in RANK, f"{name} has no place in the layers"
    above = {other for other in imported(path) if RANK[other] > RANK[name]}
    assert not above


def test_every_folder_is_a_layer_and_says_what_it_holds() -> None:
    folders = {f.parent for f in FILES} - {ROOT / "bayessel"}
    top = {f.relative_to(ROOT / "bayessel").parts[0] for f in folders if "bayessel" in f.parts}
    files = {f.stem for f in (ROOT / "bayessel").glob("*.py")} - {"__init__", "__main__"}
    assert top | files | {"models"} == set(RANK)
    for folder in folders:
        said = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
        assert said, folder
