"""Files that the tests of the readers write, and the real data they may find."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).parents[4] / "shared" / "data"


@pytest.fixture
def jsonl(tmp_path: Path) -> Callable[..., Path]:
    """Write records as JSON lines to a path under tmp_path."""

    def write(name: str, records: Iterable[Any]) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
        return path

    return write


@pytest.fixture
def document(tmp_path: Path) -> Callable[..., Path]:
    """Write one JSON document to a path under tmp_path."""

    def write(name: str, value: Any) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value), encoding="utf-8")
        return path

    return write


@pytest.fixture
def shared() -> Path:
    """Folder of the real data sets."""
    if not SHARED.is_dir():
        pytest.skip(f"needs the judged data sets of {SHARED}")
    return SHARED


@pytest.fixture
def outcomes() -> Callable[..., dict[tuple[str, str], int]]:
    """Judgments of tables as a dictionary from (query, model) to outcome."""

    def read(tables: Any) -> dict[tuple[str, str], int]:
        j = tables.judgments
        keys = zip(j["query_id"], j["candidate"], strict=True)
        return dict(zip(keys, j["outcome"].tolist(), strict=True))

    return read
