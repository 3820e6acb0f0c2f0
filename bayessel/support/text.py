"""Text as people read it: names and lists cut to a length, on one line."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any

# controls (but for the new line and the tab), the signs that turn the direction of writing, and
# halves of a surrogate pair: a terminal obeys them, or cannot show them
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def printable(text: str) -> str:
    r"""A text without what a terminal obeys: control characters are written as ``\x1b``.

    New lines and tabs stay; a carriage return before a new line is left out.
    """
    return _UNPRINTABLE.sub(lambda found: _escaped(found[0]), text.replace("\r\n", "\n"))


def _escaped(sign: str) -> str:
    return f"\\x{ord(sign):02x}" if ord(sign) < 0x100 else f"\\u{ord(sign):04x}"


def json_line(value: Any, *, ascii_only: bool = False) -> str:
    """A value as JSON on one line, without what a terminal obeys; it reads back as it was."""
    text = json.dumps(value, ensure_ascii=ascii_only)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def plain_cell(text: str) -> str:
    """A cell of a CSV file that no spreadsheet takes for a formula.

    What begins with ``=``, ``+``, ``-``, ``@``, a tab or a new line gets an apostrophe before it,
    as does what has apostrophes before such a sign: :func:`from_cell` takes it away again.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def from_cell(text: str) -> str:
    """What :func:`plain_cell` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def command(name: str, *arguments: object) -> str:
    """A bayessel command as a shell reads it: ``bayessel next -- '-my run'``."""
    words = [str(argument) for argument in arguments]
    if any(word.startswith("-") for word in words):
        words.insert(0, "--")
    return shlex.join(["bayessel", name, *words])


def shorten(name: str, most: int) -> str:
    """Cut a name in its middle, for people: checkpoints of one family differ at the end.

    Parameters
    ----------
    name
        A name.
    most
        Characters that may be shown, the ellipsis included; at least 3.
    """
    name = printable(name)
    if len(name) <= most:
        return name
    tail = (most - 1) // 2
    return name[: most - 1 - tail] + "…" + name[-tail:]


def shorten_all(names: Sequence[str], most: int) -> list[str]:
    """Cut names as :func:`shorten` does, elsewhere where two would look the same.

    Parameters
    ----------
    names
        Names that stand together, such as those of a table.
    most
        As :func:`shorten` takes it.
    """
    cut = [shorten(name, most) for name in names]
    alike: dict[str, list[int]] = {}
    for i, name in enumerate(cut):
        alike.setdefault(name, []).append(i)
    for places in alike.values():
        whole = [printable(names[i]) for i in places]
        if len(set(whole)) == len(whole) > 1:
            for i, name in zip(places, _apart(whole, most), strict=True):
                cut[i] = name
    return cut


def _apart(names: list[str], most: int) -> list[str]:
    """Long names cut where they stay different: as near to their middles as can be."""
    half = (most - 1) // 2
    for tail in sorted(range(most), key=lambda size: abs(size - half)):
        cut = [f"{n[: most - 1 - tail]}…{n[-tail:] if tail else ''}" for n in names]
        if len(set(cut)) == len(cut):
            return cut
    same = next(i for i, signs in enumerate(zip_longest(*names)) if len(set(signs)) > 1)
    return [f"…{n[same : same + most - 2]}…" for n in names]


def listing(names: Iterable[Any], most: int = 5) -> str:
    """The first few names in quotes, and how many more there are."""
    quoted = [repr(str(name)) for name in names]
    more = f" and {len(quoted) - most} more" if len(quoted) > most else ""
    return ", ".join(quoted[:most]) + more


def short(value: Any, most: int = 60) -> str:
    """A value as Python writes it, on one line, cut to ``most`` characters."""
    shown = repr(value)
    return shown if len(shown) <= most else shown[: most - 3] + "..."


def one_line(text: object, most: int = 200) -> str:
    """A message folded into one line of at most ``most`` characters, without its full stop."""
    return " ".join(str(text).split()).rstrip(".")[:most]


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: ``1 query``, ``2 queries``."""
    return f"{number} {one if number == 1 else (many or one + 's')}"
