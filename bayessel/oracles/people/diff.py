"""Which words differ between two texts."""

from __future__ import annotations

import difflib
import html
import re

from bayessel.oracles.people.render import visible

MOST_WORDS = 4_000
"""Words of a text above which two texts are not compared: it would take seconds."""

_WORD = re.compile(r"\s+|[぀-ヿ㐀-鿿豈-﫿]|[\w'’-]+|.", re.DOTALL)


def word_diff(first: str, second: str) -> tuple[str, str] | None:
    """Both texts as safe HTML; words that the other one has not are in ``<mark>``.

    Parameters
    ----------
    first, second
        The texts as they were written.

    Returns
    -------
    tuple or None
        None where a text is too long.
    """
    words = _WORD.findall(visible(first)), _WORD.findall(visible(second))
    if max(map(len, words)) > 2 * MOST_WORDS:  # spaces count too
        return None
    matcher = difflib.SequenceMatcher(None, *words, autojunk=False)
    parts: tuple[list[str], list[str]] = ([], [])
    for kind, begin, end, other_begin, other_end in matcher.get_opcodes():
        spans = words[0][begin:end], words[1][other_begin:other_end]
        for part, span in zip(parts, spans, strict=True):
            text = html.escape("".join(span))
            part.append(text if kind == "equal" or not text.strip() else f"<mark>{text}</mark>")
    shown = [f'<div class="plain" dir="auto">{"".join(part)}</div>' for part in parts]
    return shown[0], shown[1]
