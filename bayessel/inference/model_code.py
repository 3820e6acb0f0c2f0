"""A model that is a file of Python is code: it runs only where the user names the file.

The name of such a file also stands in a run's ledger and in a result. Both may come from somebody
else, so a name found there never runs by itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from bayessel.errors import DataError, RunError
from bayessel.models import MODELS


def is_code(name: object) -> bool:
    """Whether a model's name is the path of a file."""
    text = str(name)
    return text not in MODELS and (text.endswith(".py") or "/" in text)


def file_hash(path: str | Path) -> str:
    """SHA-256 of a model's file.

    Raises
    ------
    DataError
        There is no such file.
    """
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except (OSError, ValueError) as error:
        raise DataError(
            f"there is no model file {path}; give the path of one, or a name: {MODELS.listed()}"
        ) from error


def pinned(options: Mapping[str, object]) -> str | None:
    """Hash of the file that a strategy's option ``model`` names; None where it is none."""
    model = options.get("model")
    return file_hash(str(model)) if model is not None and is_code(model) else None


def allowed(kept: object, sha256: object, named: str | Path | None, where: str | Path) -> str:
    """The model to load, where a run or a result says one.

    Parameters
    ----------
    kept
        What the run or the result says: a name of ours, or the path of a file.
    sha256
        Hash of that file when the run was begun or the result written; None where it is not known.
    named
        The file that the user names now.
    where
        The run folder or the result, for messages.

    Returns
    -------
    str
        ``kept`` where it is no file; else the file that the user names.

    Raises
    ------
    RunError
        It is a file, and the user names none or one with other contents.
    """
    if not is_code(kept):
        return str(kept)
    if named is None:
        raise RunError(
            f"the model in {where} is a file of code, {str(kept)!r}: it runs only if you name it; "
            "read it, then add --model FILE (in Python model=FILE)"
        )
    if sha256 is not None and file_hash(named) != sha256:
        raise RunError(
            f"{named} is not the model file that {where} was begun with (its SHA-256 is another): "
            "give that file, or begin again in another folder"
        )
    return str(named)
