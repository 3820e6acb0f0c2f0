"""Which version of the code made a number: finished chunks of another version are not used."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import entry_points, version
from pathlib import Path

WITHOUT_NUMBERS = ("cli", "pictures", "reports")
"""Folders of the package that only show numbers."""

LIBRARIES = ("numpy", "scipy", "numba", "jax", "jaxlib", "numpyro", "pymc", "pandas")
"""Libraries that a number depends on."""

_PLUG_INS = ("strategies", "models", "weak_judges", "acquisitions", "oracles", "readers")


@cache
def code_hash() -> str:
    """Hash of all code that can touch a number: the package, its models, libraries and plug-ins."""
    package, models = (folder_of(name) for name in ("bayessel", "bayessel.models"))
    return hash_of(package, models, [*_libraries(), *_plug_ins()])


def folder_of(package: str) -> Path:
    """Folder of a package, whether or not it was imported before."""
    return Path(next(iter(importlib.import_module(package).__path__)))


def hash_of(package: Path, models: Path, versions: Iterable[str] = ()) -> str:
    """Hash of the Python files that can touch a number, and of the versions of what they call.

    Parameters
    ----------
    package
        Folder of bayessel; its folders :data:`WITHOUT_NUMBERS` are left out.
    models
        Folder of the models, inside of ``package`` or elsewhere.
    versions
        Whatever else decides a number.
    """
    digest = hashlib.sha256()
    for name, file in _files(package, models):
        digest.update(f"{name}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    for line in versions:
        digest.update(f"{line}\0".encode())
    return digest.hexdigest()


def _files(package: Path, models: Path) -> Iterator[tuple[str, Path]]:
    """Files with names that do not depend on where the package was installed."""
    for file in sorted(package.rglob("*.py")):
        inside = file.relative_to(package)
        if inside.parts[0] not in WITHOUT_NUMBERS and not file.is_relative_to(models):
            yield inside.as_posix(), file
    for file in sorted(models.rglob("*.py")):
        yield f"models/{file.relative_to(models).as_posix()}", file


def _libraries() -> list[str]:
    return [f"{name} {version(name)}" for name in LIBRARIES]


def _plug_ins() -> list[str]:
    """Plug-ins that may be asked for by name, with their versions."""
    found = []
    for group in _PLUG_INS:
        for point in entry_points(group=f"bayessel.{group}"):
            release = point.dist.version if point.dist else ""
            found.append(f"{group} {point.name} {point.value} {release}")
    return sorted(found)
