"""Which version of the code made a number."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import bayessel


@cache
def code_hash() -> str:
    """Hash of the package's files that decide the numbers."""
    root = Path(bayessel.__file__).parent
    models = Path(bayessel.models.__file__).parent
    parts = ("inference", "acquisition", "strategies", "weak_judges")
    files = [file for part in parts for file in sorted((root / part).rglob("*.py"))]
    files += [root / "selection" / "selector.py", root / "studies" / "realize.py"]
    files += sorted((root / "tasks").rglob("*.py"))
    digest = hashlib.sha256()
    for file in [*files, *sorted(models.glob("*.py"))]:
        digest.update(file.read_bytes())
    return digest.hexdigest()
