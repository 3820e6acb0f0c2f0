"""The tokeniser against one that follows the rules character by character."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayessel.weak_judges import tokens
from bayessel.weak_judges.tokens import encode, tokenise


def plain_tokenise(text: str) -> list[str]:
    """The rules of the module's docstring, one character at a time."""
    out: list[str] = []
    within = False
    for c in unicodedata.normalize("NFC", text).lower():
        category = unicodedata.category(c)
        alone = any(first <= ord(c) <= last for first, last in tokens.LONE_RANGES)
        if category[0] in "LNM" and not alone:
            out[len(out) - within :] = [(out[-1] if within else "") + c]
            within = True
        else:
            within = False
            if category[0] != "Z" and category not in ("Cc", "Cf"):
                out.append(c)
    return out


some_text = st.text() | st.text(st.sampled_from("aAbé1_ .,\n東京かカภ한국👍\u200d\u0301\u3099ſİ"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \t\n", []),
        ("Hello, World!", ["hello", ",", "world", "!"]),
        ("don't", ["don", "'", "t"]),
        ("snake_case 3.14", ["snake", "_", "case", "3", ".", "14"]),
        ("東京タワー", ["東", "京", "タ", "ワ", "ー"]),
        ("ｶﾅ漢字", ["ｶ", "ﾅ", "漢", "字"]),
        ("한국어 모델", ["한국어", "모델"]),
        ("GPT4は", ["gpt4", "は"]),
        ("ไทย", ["ไ", "ท", "ย"]),
        ("ΣΊΣΥΦΟΣ Über", ["σίσυφος", "über"]),
        ("e\u0301te\u0301", ["été"]),
        ("👍🏽", ["👍", "🏽"]),
        ("a\u200bb", ["a", "b"]),
        ("\ud800x", ["\ud800", "x"]),
    ],
)
def test_tokens_of_many_scripts(text: str, expected: list[str]) -> None:
    assert tokenise(text) == expected


@given(some_text)
def test_tokenise_follows_the_rules(text: str) -> None:
    assert tokenise(text) == plain_tokenise(text)


@given(st.lists(some_text, max_size=150))
def test_numbers_stand_for_the_same_tokens_and_no_others(texts: list[str]) -> None:
    encoded = encode(texts)
    assert len(encoded.bounds) == len(texts) + 1
    spelt: dict[int, str] = {}
    for d, text in enumerate(texts):
        ids = encoded.ids[encoded.bounds[d] : encoded.bounds[d + 1]].tolist()
        for number, word in zip(ids, plain_tokenise(text), strict=True):
            assert spelt.setdefault(number, word) == word
    assert len(set(spelt.values())) == len(spelt) == encoded.n_types
    assert sorted(spelt) == list(range(len(spelt)))
    for number, word in spelt.items():
        assert encoded.is_word[number] == (unicodedata.category(word[0])[0] in "LNM")


def test_a_vocabulary_that_outgrows_its_tables_many_times_keeps_its_numbers() -> None:
    words = [f"w{i}" for i in range(20_000)]
    encoded = encode(words + words[::-1])
    np.testing.assert_array_equal(encoded.ids[:20_000], np.arange(20_000))
    np.testing.assert_array_equal(encoded.ids[20_000:], np.arange(20_000)[::-1])


def test_words_whose_hashes_are_equal_stay_apart() -> None:
    kinds = tokens._kinds()
    codes = np.array([ord(c) for c in "xyx"], np.uint32)
    hashes = np.array([hashed("y"), 0, 0, 0], np.uint64)  # token 0 is 'q', but hashed like 'y'
    table = np.full(8, -1, np.int32)
    tokens._fill(table, hashes[:1])
    starts = np.array([0, 1, 0, 0, 0], np.int64)
    letters = np.array([ord("q"), 0, 0, 0], np.uint32)
    ids, lengths = np.empty(3, np.int32), np.empty(3, np.int64)
    n = tokens._number(
        codes, np.ones(3, np.int64), kinds, ids, lengths, 1, table, hashes, starts, letters
    )
    assert n == 3
    assert ids.tolist() == [1, 2, 1]


def hashed(word: str) -> int:
    value = 14695981039346656037
    for c in word:
        value = (value ^ ord(c)) * 1099511628211 % 2**64
    return value
