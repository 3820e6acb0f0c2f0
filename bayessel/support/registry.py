"""What can be asked for by name: one file each in a folder, or an entry point of a plug-in.

A module of the folder is a member, but for ``base`` and names that begin with ``_``; it defines one
object under the registry's attribute, or is the object itself. The name is the file's, with ``-``
for ``_`` where a registry says so. Names are known without importing a member: ``--help`` lists
them at once.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from bayessel.errors import DataError, did_you_mean


class Registry[T](Mapping[str, T]):
    """Members by name, imported when they are first asked for.

    Parameters
    ----------
    *folders
        Packages whose modules are members, in the order in which they are listed.
    attribute
        What a member's module calls its object; the module itself is the object where None.
    group
        Entry points of plug-ins; each names such an object.
    what
        What kind of name it is, singular, for messages: ``"acquisition"``.
    kind
        Class that a plug-in's object must be of; anything where None.
    hyphens
        Whether names have ``-`` where files have ``_``.

    Raises
    ------
    UnknownNameError
        From ``registry[name]``: there is no such member.
    DataError
        From ``registry[name]``: a plug-in fails as it is loaded, or gives something else.
    """

    def __init__(
        self,
        *folders: str,
        attribute: str | None,
        group: str,
        what: str,
        kind: type[Any] | None = None,
        hyphens: bool = True,
    ) -> None:
        self._folders = folders
        self._attribute = attribute
        self._group = group
        self._what = what
        self._kind = kind
        self._hyphens = hyphens
        self._loaded: dict[str, T] = {}

    @cached_property
    def built_in(self) -> dict[str, str]:
        """Module by name, of bayessel's own members."""
        found = {}
        for folder in self._folders:
            path = importlib.import_module(folder).__path__
            for module in pkgutil.iter_modules(path):
                if module.ispkg or module.name == "base" or module.name.startswith("_"):
                    continue
                name = module.name.replace("_", "-") if self._hyphens else module.name
                found[name] = f"{folder}.{module.name}"
        return found

    @cached_property
    def plugged_in(self) -> dict[str, EntryPoint]:
        """Entry point by name, of plug-ins; bayessel's own names are not given away."""
        points = entry_points(group=self._group)
        return {point.name: point for point in points if point.name not in self.built_in}

    def __getitem__(self, name: str) -> T:
        if name not in self._loaded:
            if name in self.built_in:
                module: Any = importlib.import_module(self.built_in[name])
                own = self._attribute
                self._loaded[name] = module if own is None else getattr(module, own)
            elif name in self.plugged_in:
                self._loaded[name] = self._plug_in(self.plugged_in[name])
            else:
                raise did_you_mean(name, self, self._what)
        return self._loaded[name]

    def _plug_in(self, point: EntryPoint) -> T:
        try:
            found: T = point.load()
        except Exception as error:
            raise DataError(
                f"the {self._what} {point.name!r} ({point.value}) fails as it is loaded: "
                f"{type(error).__name__}: {error}; mend the plug-in, or uninstall it"
            ) from error
        if self._kind is not None and not isinstance(found, self._kind):
            raise DataError(
                f"the {self._what} {point.name!r} ({point.value}) is a {type(found).__name__}, "
                f"expected a {self._kind.__name__}: mend the plug-in, or uninstall it"
            )
        return found

    def __iter__(self) -> Iterator[str]:
        return iter([*self.built_in, *self.plugged_in])

    def __len__(self) -> int:
        return len(self.built_in) + len(self.plugged_in)

    def __contains__(self, name: object) -> bool:
        return name in self.built_in or name in self.plugged_in

    def listed(self, last: str = "or") -> str:
        """The names as people read them: ``a, b or c``."""
        names = list(self)
        return ", ".join(names[:-1]) + f" {last} {names[-1]}" if names[1:] else ", ".join(names)
