"""Sets of priors to try, from alternatives by a prior's name."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from bayessel.priors import Prior


def variations(
    alternatives: Mapping[str, Sequence[Prior | str]], *, grid: bool = False
) -> dict[str, dict[str, Prior]]:
    """Sets of priors by label, from alternatives by a prior's name.

    Parameters
    ----------
    alternatives
        Priors, or their texts, to try in place of each name's.
    grid
        Every combination, a name's own prior included; else one replaced at a time.

    Examples
    --------
    >>> list(variations({"reliability": ["0", "Normal(loc=1, scale=1)"]}))
    ['reliability=0', 'reliability=Normal(loc=1, scale=1)']
    """
    read: dict[str, dict[str, Prior]] = {}
    for name, given in alternatives.items():
        texts = {str(p).strip(): p for p in given}
        read[name] = {
            f"{name}={text}": Prior.parse(p, name) if isinstance(p, str) else p
            for text, p in texts.items()
        }
    single = {label: {n: p} for n, options in read.items() for label, p in options.items()}
    if not grid:
        return single
    axes = [[(name, None, None), *((name, k, p) for k, p in v.items())] for name, v in read.items()]
    found = {}
    for combination in itertools.product(*axes):
        chosen = {name: p for name, _, p in combination if p is not None}
        if chosen:
            found[", ".join(k for _, k, _ in combination if k is not None)] = chosen
    return found
