"""Texts as conversations: who says what, in order.

Readers write a conversation as one text, each message under the name of its writer; see
:func:`bayessel.tasks.readers.parts.conversation.conversation`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

USER, ASSISTANT = "user", "assistant"

_WRITER = re.compile(r"(?:\A|\n\n)\[(User|Assistant|System|Tool)\]\n")


@dataclass(frozen=True)
class Turn:
    """One message.

    Attributes
    ----------
    role
        Who says it: ``user``, ``assistant``, ``system`` or ``tool``.
    text
        What is said.
    """

    role: str
    text: str


def turns_of(text: str, role: str) -> list[Turn]:
    """The messages of a text; one where it does not begin with the name of a writer.

    Parameters
    ----------
    text
        Of a query or of a response.
    role
        Whose the text is where it does not say it.
    """
    _, *parts = _WRITER.split(text)
    if not text.startswith("[") or not parts:
        return [Turn(role, text)]
    return [
        Turn(writer.lower(), said) for writer, said in zip(parts[::2], parts[1::2], strict=True)
    ]
