"""The extra ``llm``: what to say where it is not installed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from bayessel.errors import DataError


@contextlib.contextmanager
def needs_extra(what: str = "LLM judges") -> Iterator[None]:
    """Turn a missing package into one sentence.

    Parameters
    ----------
    what
        What needs the package, plural.

    Raises
    ------
    DataError
        A package of the extra cannot be imported.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise DataError(
            f"{what} need the package {error.name}, which is not installed: "
            "pip install 'bayessel[llm]'"
        ) from error
