"""Texts as HTML: what people must be able to read, and what must never work."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayessel.oracles.people.conversation import Turn, turns_of
from bayessel.oracles.people.diff import word_diff
from bayessel.oracles.people.render import MOST_MARKDOWN, to_html
from bayessel.tasks.readers.parts.conversation import conversation

LOADS = re.compile(
    r"<\s*(script|img|iframe|object|embed|link|style|svg|base|form|input|meta|a)\b"
    r"|<[^>]*\s(on\w+|href|src|style|srcset|action|background)\s*=",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "</pre></div><script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](http://192.0.2.1/pixel.png)",
        "<http://192.0.2.1>",
        "```\n</pre><script>alert(1)</script>\n```",
        "```html\n</pre><script>alert(1)</script>\n```",
        '```" onclick="alert(1)\nx\n```',
        r"$\text{</math><img src=x onerror=alert(1)>}$",
        r"$\href{javascript:alert(1)}{x}$",
        r"\[ \text{<script>alert(1)</script>} \]",
        "<svg/onload=alert(1)>",
        "<style>*{display:none}</style>",
        '<p style="position:fixed">',
    ],
)
def test_nothing_runs_or_loads(text):
    assert not LOADS.search(to_html(text))


@given(st.text(alphabet=st.sampled_from("<>/&;:()[]{}!`$\\'\"=# \n*_~|-1aonscriptjv"), max_size=80))
def test_nothing_runs_or_loads_whatever_the_text(text):
    assert not LOADS.search(to_html(text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**b** `<i>`", '<p dir="auto"><strong>b</strong> <code>&lt;i&gt;</code></p>'),
        ("costs $5 or $10", "costs $5 or $10"),
        (r"\(x^2\)", "<msup><mi>x</mi><mn>2</mn></msup>"),
        (r"\[x^2\]", '<math display="block">'),
        ("$$\nx^2\n$$", '<div class="formula"><math display="block">'),
        (r"$\frac{$", '<code class="formula-source">\\frac{</code>'),
        (r"$\text{a<b}$", "<mtext>a&lt;b</mtext>"),
        ("```python\nreturn 1\n```", '<span class="tok-k">return</span>'),
        ("```no-such-language\na < b\n```", "<pre><code>a &lt; b\n</code></pre>"),
        ("\x1b[31mred", "␛[31mred"),
        ("[text](https://a.example/b)", 'text <span class="address">(https://a.example/b)</span>'),
        ("![a cat](https://a.example/c)", "[a cat: https://a.example/c]"),
        ("| a |\n|--:|\n| 1 |", '<td dir="auto" align="right">1</td>'),
        ("مرحبا", '<p dir="auto">مرحبا</p>'),
    ],
)
def test_what_is_shown(text, shown):
    assert shown in to_html(text)


def test_a_very_long_text_is_shown_as_it_was_written():
    html = to_html("*a* <b>" + "x" * MOST_MARKDOWN)
    assert html.startswith('<div class="plain" dir="auto">*a* &lt;b&gt;xxx')


def test_the_words_that_differ_are_marked():
    assert word_diff("one <b> two", "one <b> three") == (
        '<div class="plain" dir="auto">one &lt;b&gt; <mark>two</mark></div>',
        '<div class="plain" dir="auto">one &lt;b&gt; <mark>three</mark></div>',
    )
    assert word_diff("w " * 5_000, "a") is None
    first, second = word_diff("今日は雨です", "今日は晴です") or ("", "")
    assert "<mark>雨</mark>" in first
    assert "<mark>晴</mark>" in second


def test_a_conversation_is_read_as_readers_write_it():
    said = [("system", "s"), ("user", "u\n\nv"), ("assistant", "a [User]\n b")]
    assert turns_of(conversation(said), "user") == [Turn(*one) for one in said]
    assert turns_of("a\n\n[User]\nb", "assistant") == [Turn("assistant", "a\n\n[User]\nb")]
    assert turns_of("", "assistant") == [Turn("assistant", "")]
