"""Groups of options: several commands share the fields of a dataclass as their options.

A command says ``reading: Reading``, and its users see an option for each field of ``Reading``.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any, get_type_hints


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Let typer see the fields of a command's groups as options.

    Parameters
    ----------
    command
        A function whose parameters are options of typer or groups. A group is a dataclass whose
        fields are options with defaults; an instance as the parameter's default replaces these
        defaults.

    Returns
    -------
    callable
        Takes every option by its name, builds the groups and calls ``command``.

    Raises
    ------
    TypeError
        An option stands in two groups, or in a group and in the command.
    """
    signature = inspect.signature(command, eval_str=True)
    groups: dict[str, type[Any]] = {}
    options: list[inspect.Parameter] = []
    for parameter in signature.parameters.values():
        if isinstance(parameter.annotation, type) and is_dataclass(parameter.annotation):
            groups[parameter.name] = parameter.annotation
            options += _options_of(parameter)
        else:
            options.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))
    names = [option.name for option in options]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise TypeError(f"{command.__name__} has the option {', '.join(twice)} more than once")

    @functools.wraps(command)
    def with_groups(**given: Any) -> None:
        made = {
            name: group(**{field.name: given.pop(field.name) for field in fields(group)})
            for name, group in groups.items()
        }
        command(**given, **made)

    with_groups.__signature__ = signature.replace(parameters=options)  # type: ignore[attr-defined]
    return with_groups


def _options_of(parameter: inspect.Parameter) -> list[inspect.Parameter]:
    """One parameter for each field of the group that is the type of ``parameter``."""
    group = parameter.annotation
    hints = get_type_hints(group, include_extras=True)
    default = group() if parameter.default is inspect.Parameter.empty else parameter.default
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=getattr(default, field.name),
            annotation=hints[field.name],
        )
        for field in fields(group)
    ]
