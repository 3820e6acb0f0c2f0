"""Names as they are compared: one rule for files, frames, answers and options."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff]")
"""Characters without width, which copying from a page or a document leaves in a name."""


def clean_name(name: str) -> str:
    """The name in Unicode's form NFC, without zero-width characters and spaces around it."""
    if name.isascii():
        return name.strip()
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", name)).strip()
