"""Lists of messages as one text, and what a judge sees of a conversation at a later turn."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

ROLES = {
    **dict.fromkeys(("user", "human"), "User"),
    **dict.fromkeys(("assistant", "gpt", "model", "bot", "ai"), "Assistant"),
    "system": "System",
}
"""What the writers of messages are called, by the names that formats give them."""

ERROR = "$ERROR$"
"""What FastChat writes in place of an answer that the LLM's provider did not give."""


def as_text(value: Any) -> str | None:
    """A message, a list of messages or a list of parts of a content as one text.

    One message, or several parts, are their text alone. Several messages are a conversation: see
    :func:`conversation`.

    Returns
    -------
    str or None
        None where the value is none of these.
    """
    if isinstance(value, Mapping):
        return None if _writer(value) is None else _content(value)
    if hasattr(value, "tolist"):
        value = value.tolist()
    if not isinstance(value, list | tuple) or not value:
        return None
    if not all(isinstance(part, Mapping) for part in value):
        return None
    writers = [_writer(part) for part in value]
    if all(writer is None for writer in writers):
        texts = [_part(part) for part in value]
        return None if None in texts else "\n".join(t for t in texts if t is not None)
    if None in writers:
        return None
    contents = [_content(message) for message in value]
    if any(content is None for content in contents):
        return None
    if len(value) == 1:
        return contents[0]
    return conversation(zip((str(w) for w in writers), map(str, contents), strict=True))


def messages(value: Any) -> list[tuple[str, str]] | None:
    """Writer and text of each message of a list, which may be written as JSON.

    Returns
    -------
    list or None
        None where the value is no list of messages.
    """
    if isinstance(value, str):
        value = _parsed(value)
    if hasattr(value, "tolist"):
        value = value.tolist()
    if not isinstance(value, list | tuple) or not value:
        return None
    found = []
    for message in value:
        writer = _writer(message) if isinstance(message, Mapping) else None
        content = _content(message) if writer is not None else None
        if writer is None or content is None:
            return None
        found.append((writer, content))
    return found


def written_as_json(text: str) -> str | None:
    """What a text that is the JSON of messages says; None for any other text."""
    parsed = _parsed(text)
    return as_text(parsed) if messages(parsed) is not None else None


def _parsed(text: str) -> Any:
    """A JSON array of objects with writers; None for anything else, quickly."""
    start = text[:80].lstrip()
    if not (start.startswith("[") and start[1:].lstrip().startswith("{")):
        return None
    if '"role"' not in text and '"from"' not in text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def conversation(messages: Iterable[tuple[str, str]]) -> str:
    """Messages under the names of their writers, in the order in which they were said.

    Parameters
    ----------
    messages
        Writer and text of each.
    """
    return "\n\n".join(
        f"[{ROLES.get(writer.lower(), writer.capitalize())}]\n{text}" for writer, text in messages
    )


def asked(prompts: Sequence[str], turn: int) -> str:
    """What the user said up to a turn; the first turn is its prompt alone.

    Parameters
    ----------
    prompts
        The user's messages.
    turn
        From 1.
    """
    said = prompts[:turn]
    return said[0] if len(said) == 1 else conversation(("user", prompt) for prompt in said)


def answered(prompts: Sequence[str], answers: Sequence[str], turn: int) -> str:
    """What an LLM answered up to a turn, with the user's messages between the answers.

    Parameters
    ----------
    prompts
        The user's messages; empty where they are not known.
    answers
        The LLM's.
    turn
        From 1.
    """
    said = answers[:turn]
    if len(said) == 1:
        return said[0]
    messages: list[tuple[str, str]] = []
    for prompt, answer in itertools.zip_longest(prompts[:turn], said):
        if prompt is not None and messages:
            messages.append(("user", prompt))
        messages.append(("assistant", answer if answer is not None else ""))
    return conversation(messages)


def failed(text: str) -> bool:
    """Whether a response is empty, or the mark of one that failed, also in its last message."""
    last = text.rpartition("[Assistant]\n")[2].strip()
    return last in ("", "[Assistant]") or ERROR in text


def _writer(message: Mapping[Any, Any]) -> str | None:
    """Who wrote a message; None if it is not one."""
    writer = message.get("role", message.get("from"))
    said = any(key in message for key in ("content", "value", "text"))
    return writer if isinstance(writer, str) and said else None


def _content(message: Mapping[Any, Any]) -> str | None:
    content = next((message[key] for key in ("content", "value", "text") if key in message), None)
    if content is None:  # a call of a tool has no text
        return ""
    return content if isinstance(content, str) else _inner(content)


def _inner(content: Any) -> str | None:
    """Text of a content that is not a text: Arena-Hard's ``{"answer": ...}``, or parts."""
    if isinstance(content, Mapping):
        return _part(content)
    if hasattr(content, "tolist"):
        content = content.tolist()
    if not isinstance(content, list | tuple):
        return None
    parts = [part if isinstance(part, str) else _part(part) for part in content]
    return None if None in parts else "\n".join(part for part in parts if part is not None)


def _part(part: Any) -> str | None:
    """Text of one part of a content; what is not text, such as an image, is named by its type."""
    if not isinstance(part, Mapping):
        return None
    for key in ("text", "answer", "content"):
        if isinstance(part.get(key), str):
            return str(part[key])
    kind = part.get("type")
    return f"[{kind}]" if isinstance(kind, str) else None
