"""Imports point downwards only."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

LAYERS = [
    ["errors", "names"],
    ["text_files", "outcomes", "priors", "priors_elicit", "priors_support", "protocols", "texts"],
    ["answers", "ledger_files", "readers"],
    ["dataset", "ledger"],
    ["task"],
    ["judges", "simulate", "oracles", "sources"],
    ["evidence"],
    ["models"],
    ["inference"],
    ["acquisition", "diagnostics"],
    ["strategies"],
    ["stopping", "history", "standing_tables"],
    ["selector"],
    ["run", "plots"],
    ["benchmark", "report"],
    ["cli"],
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
FILES = sorted((ROOT / "bayessel").rglob("*.py")) + sorted((ROOT / "models").glob("*.py"))


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
    return found & set(RANK)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_import_points_upwards(path: Path) -> None:
    name = part(path)
    if name in ("__init__", "__main__"):
        return  # the face of the package gathers everything
    assert name in RANK, f"{name} has no place in the layers"
    above = {other for other in imported(path) if RANK[other] > RANK[name]}
    assert not above
