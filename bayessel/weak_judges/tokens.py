"""Split text of any language into tokens and number them.

The rules, after Unicode normalisation (NFC) and lower-casing:

- a run of letters, digits and combining marks is one token (``gpt``, ``2024``, ``über``);
- every Han, Hiragana, Katakana, Thai, Lao, Khmer or Myanmar character is a token of its own,
  because these scripts do not put spaces between words;
- every punctuation mark, symbol, private or unassigned character is a token of its own;
- white space, control and format characters (joiners, direction marks) separate tokens and are
  dropped.

A compiled loop looks every character up in a table with one entry for each code point. A regular
expression takes ten times as long on the same texts.
"""

from __future__ import annotations

import functools
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched

import numpy as np
from numpy.typing import NDArray

from bayessel.support.compiled import compiled

SPACE, LETTER, LONE, MARK = 0, 1, 2, 3
"""Kinds of character: separator, part of a word, word of its own, punctuation or symbol."""

LONE_RANGES = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),  # Han iteration mark, closing mark, zero
    (0x3021, 0x3029),  # Hangzhou numerals
    (0x3041, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),  # Katakana extensions
    (0x3400, 0x4DBF),  # Han, extension A
    (0x4E00, 0x9FFF),  # Han
    (0xA9E0, 0xA9FF),  # Myanmar extended B
    (0xAA60, 0xAA7F),  # Myanmar extended A
    (0xF900, 0xFAFF),  # Han, compatibility
    (0xFF66, 0xFF9F),  # Katakana, half width
    (0x1AFF0, 0x1B16F),  # Kana supplements
    (0x20000, 0x3FFFF),  # Han, later extensions
)
"""Scripts in which each letter, digit or mark is a token of its own: first and last code point."""

_KIND = {"L": LETTER, "N": LETTER, "M": LETTER, "P": MARK, "S": MARK, "Z": SPACE}
_KIND_OF_OTHER = {"Cc": SPACE, "Cf": SPACE, "Cn": MARK, "Co": MARK, "Cs": MARK}

_BATCH = 64


@dataclass(frozen=True)
class Tokens:
    """D texts as numbers.

    Attributes
    ----------
    ids
        [T] int32: the tokens of all texts, one text after the other; equal words have equal
        numbers, numbered 0 to V - 1 by first appearance.
    bounds
        [D + 1] int64: text d is ``ids[bounds[d]:bounds[d + 1]]``.
    is_word
        [V] bool: whether the token is a word rather than punctuation or a symbol.
    """

    ids: NDArray[np.int32]
    bounds: NDArray[np.int64]
    is_word: NDArray[np.bool_]

    @property
    def n_types(self) -> int:
        """V, the number of different tokens."""
        return len(self.is_word)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """[D] number of tokens of each text."""
        return np.diff(self.bounds)


def tokenise(text: str) -> list[str]:
    """Split one text into tokens.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    list of str
        The tokens, lower-cased, in order.

    Examples
    --------
    >>> tokenise("It's 東京!")
    ['it', "'", 's', '東', '京', '!']
    """
    clean = _clean(text)
    starts, stops = _spans(_codes((clean,)), _kinds())
    return [clean[a:b] for a, b in zip(starts.tolist(), stops.tolist(), strict=True)]


def encode(texts: Iterable[str]) -> Tokens:
    """Split texts into tokens and number the different tokens exactly (no hashing collisions).

    Parameters
    ----------
    texts
        D texts.

    Returns
    -------
    Tokens
        The texts as numbers.
    """
    kinds = _kinds()
    words = _Vocabulary()
    ids: list[NDArray[np.int32]] = []
    lengths: list[NDArray[np.int64]] = []
    for batch in _cleaned(texts):
        codes = _codes(batch)
        sizes = np.fromiter(map(len, batch), np.int64, len(batch))
        words.reserve(codes.size)
        batch_ids = np.empty(codes.size, np.int32)
        batch_lengths = np.empty(sizes.size, np.int64)
        words.n = _number(
            codes, sizes, kinds, batch_ids, batch_lengths,
            words.n, words.table, words.hashes, words.starts, words.letters,
        )  # fmt: skip
        ids.append(batch_ids[: batch_lengths.sum()].copy())
        lengths.append(batch_lengths)
    bounds = np.zeros(sum(map(len, lengths)) + 1, np.int64)
    if lengths:
        np.cumsum(np.concatenate(lengths), out=bounds[1:])
    return Tokens(
        ids=np.concatenate(ids) if ids else np.empty(0, np.int32),
        bounds=bounds,
        is_word=kinds[words.letters[words.starts[: words.n]]] != MARK,
    )


class _Vocabulary:
    """The different tokens so far, found by open addressing.

    There are n tokens. Token v is spelt ``letters[starts[v]:starts[v + 1]]`` and has the hash
    ``hashes[v]``. ``table`` holds v in the place that the hash points to, or in the next free one;
    its size is a power of two, and it is at most half full.
    """

    def __init__(self) -> None:
        self.n = 0
        self.table = np.full(2, -1, np.int32)
        self.hashes = np.empty(1, np.uint64)
        self.starts = np.zeros(2, np.int64)
        self.letters = np.empty(1, np.uint32)

    def reserve(self, more: int) -> None:
        """Make room for ``more`` characters; each may be a new token."""
        n_letters = int(self.starts[self.n]) + more
        if n_letters > self.letters.size:
            self.letters = np.resize(self.letters, 2 * n_letters)
        if self.n + more > self.hashes.size:
            room = 1 << (self.n + more).bit_length()
            self.hashes = np.resize(self.hashes, room)
            self.starts = np.resize(self.starts, room + 1)
            self.table = np.full(2 * room, -1, np.int32)
            _fill(self.table, self.hashes[: self.n])


def _clean(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).lower()


def _cleaned(texts: Iterable[str]) -> Iterator[Sequence[str]]:
    for batch in batched(texts, _BATCH):
        yield [_clean(text) for text in batch]


def _codes(texts: Sequence[str]) -> NDArray[np.uint32]:
    """Code points of the texts, joined; half of a surrogate pair is kept."""
    code = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"
    return np.frombuffer("".join(texts).encode(code, "surrogatepass"), np.uint32)


@functools.cache
def _kinds() -> NDArray[np.uint8]:
    """[0x110000] kind of each code point, by its Unicode category and script; read-only."""
    kind_of = _KIND_OF_OTHER | {
        main + sub: kind for main, kind in _KIND.items() for sub in "cdefiklmnopstu"
    }
    kinds = np.fromiter(
        (kind_of[unicodedata.category(chr(code))] for code in range(sys.maxunicode + 1)),
        np.uint8,
        sys.maxunicode + 1,
    )
    for first, last in LONE_RANGES:
        block = kinds[first : last + 1]
        block[block == LETTER] = LONE
    kinds.flags.writeable = False
    return kinds


@compiled
def _spans(
    codes: NDArray[np.uint32], kinds: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """[T] first code point and [T] end of each token of one text."""
    starts = np.empty(codes.size, np.int64)
    stops = np.empty(codes.size, np.int64)
    n = 0
    i = 0
    while i < codes.size:
        kind = kinds[codes[i]]
        start = i
        i += 1
        if kind == SPACE:
            continue
        if kind == LETTER:
            while i < codes.size and kinds[codes[i]] == LETTER:
                i += 1
        starts[n] = start
        stops[n] = i
        n += 1
    return starts[:n], stops[:n]


@compiled
def _fill(table: NDArray[np.int32], hashes: NDArray[np.uint64]) -> None:
    """Enter tokens known to differ into an empty table."""
    mask = np.uint64(table.size - 1)
    for v in range(hashes.size):
        slot = (hashes[v] ^ (hashes[v] >> np.uint64(32))) & mask
        while table[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        table[slot] = v


@compiled
def _number(
    codes: NDArray[np.uint32],
    sizes: NDArray[np.int64],
    kinds: NDArray[np.uint8],
    ids: NDArray[np.int32],
    lengths: NDArray[np.int64],
    n_types: int,
    table: NDArray[np.int32],
    hashes: NDArray[np.uint64],
    starts: NDArray[np.int64],
    letters: NDArray[np.uint32],
) -> int:
    """Number the tokens of joined texts; returns the number of different tokens so far.

    Hashes are FNV-1a. Spellings are compared too, so two words never have the same number.
    """
    prime = np.uint64(1099511628211)
    mask = np.uint64(table.size - 1)
    n = 0
    i = 0
    end = 0
    for d in range(sizes.size):
        end += sizes[d]
        n_before = n
        while i < end:
            kind = kinds[codes[i]]
            start = i
            hashed = (np.uint64(14695981039346656037) ^ np.uint64(codes[i])) * prime
            i += 1
            if kind == SPACE:
                continue
            if kind == LETTER:
                while i < end and kinds[codes[i]] == LETTER:
                    hashed = (hashed ^ np.uint64(codes[i])) * prime
                    i += 1
            slot = (hashed ^ (hashed >> np.uint64(32))) & mask
            v = table[slot]
            while v >= 0:
                if hashes[v] == hashed and starts[v + 1] - starts[v] == i - start:
                    k = 0
                    while k < i - start and letters[starts[v] + k] == codes[start + k]:
                        k += 1
                    if k == i - start:
                        break
                slot = (slot + np.uint64(1)) & mask
                v = table[slot]
            if v < 0:
                v = np.int32(n_types)
                n_types += 1
                table[slot] = v
                hashes[v] = hashed
                for k in range(i - start):
                    letters[starts[v] + k] = codes[start + k]
                starts[v + 1] = starts[v] + i - start
            ids[n] = v
            n += 1
        lengths[d] = n - n_before
    return n_types
