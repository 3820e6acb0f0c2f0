"""What a ledger says of its run: read with its types, and compared with what is asked for now."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bayessel.errors import RunError

_NAMES = ("queries", "candidates")
_TYPES: dict[str, type | tuple[type, ...]] = {
    "strategy": str,
    "seed": int,
    "options": dict,
    "baseline": str,
    "fingerprint": str,
    "recorded": str,
    "cost": (dict, list, type(None)),
    "model_sha256": (str, type(None)),
    "stop": (list, type(None)),
}


def read_meta(rows: Iterable[tuple[str, str]], path: Path) -> dict[str, Any]:
    """Values by name.

    Parameters
    ----------
    rows
        Name and JSON.
    path
        The database, for messages.

    Raises
    ------
    RunError
        A value is no JSON, or of another type than it was written with.
    """
    found: dict[str, Any] = {}
    for key, text in rows:
        try:
            found[key] = json.loads(text)
        except (ValueError, TypeError, RecursionError):
            raise damaged(path, key) from None
    for key in _NAMES:
        names = found.get(key, [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise damaged(path, key)
    for key, kind in _TYPES.items():
        if key in found and (not isinstance(found[key], kind) or found[key] is True):
            raise damaged(path, key)
    if "fingerprint" in found and not re.fullmatch(r"[0-9a-f]{16,}", found["fingerprint"]):
        raise damaged(path, "fingerprint")
    return found


def damaged(path: Path, key: str) -> RunError:
    """The error for an entry of a ledger that cannot be read."""
    return RunError(
        f"the run database {path} is damaged: its entry {key!r} is missing or cannot be read; "
        "restore the file from a backup, or begin a run in another folder"
    )


def require(meta: dict[str, Any], path: Path, *keys: str) -> None:
    """Refuse a ledger that lacks what a run needs.

    Raises
    ------
    RunError
        With the first that is missing.
    """
    for key in keys:
        if key not in meta:
            raise damaged(path, key)


def refuse_another(kept: dict[str, Any], given: dict[str, Any], folder: Path) -> None:
    """Raise RunError where a folder holds a run that is not the one asked for."""
    if kept["fingerprint"] != given["fingerprint"] or kept["recorded"] != given["recorded"]:
        raise RunError(
            f"{folder} holds a run of another task: give another --out folder, or the task it was "
            "begun with"
        )
    if kept.get("cost") != given["cost"]:
        raise RunError(
            f"{folder} holds a run with other costs: give the same costs, or another --out folder"
        )
    differing = [k for k in ("strategy", "seed", "options") if kept[k] != given[k]]
    if differing:
        said = ", ".join(f"{k} {kept[k]} (now {given[k]})" for k in differing)
        raise RunError(f"{folder} holds a run with {said}: give another --out folder, or the same")
    if kept.get("model_sha256", given["model_sha256"]) != given["model_sha256"]:
        raise RunError(
            f"{given['options']['model']} is not what it was when the run in {folder} was begun "
            "(its SHA-256 is another): restore the file, or give another --out folder"
        )
