"""Why a file is in no format that is read, where it can be seen from its ending or beginning."""

from __future__ import annotations

import json
from pathlib import Path

from bayessel.errors import BayesselError
from bayessel.support.reading import bare_suffix, beginning
from bayessel.support.text import short

_ENDINGS = {
    **dict.fromkeys(
        (".zip", ".tar", ".tgz", ".7z", ".rar"), "an archive: unpack it and give what is in it"
    ),
    **dict.fromkeys((".xls", ".ods", ".numbers"), "a spreadsheet: save it as .xlsx or .csv"),
    **dict.fromkeys(
        (".txt", ".text", ".dat", ""),
        "a file whose name does not end in what it holds: if it is a table, rename it so that it "
        "ends in .csv or .jsonl",
    ),
    **dict.fromkeys(
        (".pkl", ".pickle", ".npy", ".npz", ".rds"), "data of a program: write a table"
    ),
    **dict.fromkeys((".sqlite", ".db"), "a database: write a table from it"),
    **dict.fromkeys((".yaml", ".yml", ".toml", ".xml", ".html", ".md"), "no table: write one"),
}
"""What a file is, and what to do, by its ending."""

_HEAD = 1 << 12


def why_unread(path: Path) -> str | None:
    """What a file is, and what to do; None where nothing tells.

    Parameters
    ----------
    path
        A file or folder that no format claims.
    """
    if not path.is_file():
        return None
    suffix = bare_suffix(path)
    if suffix in _ENDINGS:
        return f"it is {_ENDINGS[suffix]}"
    if suffix != ".json":
        return None
    try:
        start = beginning(path, _HEAD).lstrip("\ufeff \t\r\n")
    except (BayesselError, OSError, ValueError):
        return None
    inner = start[1:].lstrip()
    if start.startswith("[") and not inner.startswith("{"):
        first = inner.split(",")[0].split("\n")[0]
        return (
            f"it is a JSON array that begins with {short(first, 30)}: a table is an array of "
            "objects, such as [{...}, {...}]"
        )
    keys = _keys(start)
    if start.startswith("{"):
        having = f" with {short(', '.join(keys), 60)}" if keys else ""
        return (
            f"it is one JSON object{having}: a table is JSON lines or an array of objects, such as "
            "[{...}, {...}]"
        )
    return None


def _keys(start: str) -> list[str]:
    """Keys of an object, if it is short enough."""
    try:
        found = json.loads(start)
    except (ValueError, RecursionError):
        return []
    return list(map(str, found)) if isinstance(found, dict) else []
