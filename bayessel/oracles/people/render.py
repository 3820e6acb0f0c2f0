"""From a text of an LLM to HTML that is safe to show: nothing in it runs, loads or leads away.

Markdown is read with HTML off, code is coloured and LaTeX becomes MathML here, and
whatever came out is sanitised. Images and links are shown as text: a page that judges must not be
changed by what it judges, and no request may leave the machine. Texts that are very long are shown
as they were written.
"""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Sequence
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from bayessel.oracles.people.code import CLASS_PREFIX, coloured
from bayessel.oracles.people.formula import (
    MATHML_ATTRIBUTES,
    MATHML_TAGS,
    find_bracketed,
    to_mathml,
)

MOST_MARKDOWN = 60_000
"""Characters above which a text is shown as it was written."""

_BLOCKS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "blockquote", "th", "td"}
_TAGS = _BLOCKS | {"br", "hr", "em", "strong", "s", "code", "pre", "span", "div"}
_TAGS |= {"table", "thead", "tbody", "tr"}
_ALIGNED = {"left", "center", "right"}
_CLASS = re.compile(rf"(?:{CLASS_PREFIX}\w+|address|image|formula|formula-source|plain|table)")


def to_html(text: str) -> str:
    """Markdown as safe HTML.

    Parameters
    ----------
    text
        What an LLM or a person wrote. Anything is allowed.
    """
    text = visible(text)
    if len(text) > MOST_MARKDOWN:
        return plain(text)
    return nh3.clean(
        _markdown().render(text),
        tags=_TAGS | MATHML_TAGS,
        clean_content_tags={"script", "style"},
        attributes=_attributes(),
        attribute_filter=_filtered,
        url_schemes=set(),
        link_rel=None,
    )


def plain(text: str) -> str:
    """A text as it was written, as safe HTML."""
    return f'<div class="plain" dir="auto">{html.escape(visible(text))}</div>'


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def visible(text: str) -> str:
    """Control characters, such as those of a terminal's colours, as pictures of themselves."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub(lambda m: "\u2421" if m[0] == "\x7f" else chr(0x2400 + ord(m[0])), text)


@functools.cache
def _attributes() -> dict[str, set[str]]:
    allowed = {tag: {"dir"} for tag in _BLOCKS | {"table", "pre", "div"}}
    for tag in ("span", "code", "pre", "div"):
        allowed.setdefault(tag, set()).add("class")
    for tag in ("th", "td"):
        allowed[tag] = {"dir", "align"}
    allowed["ol"] = {"dir", "start"}
    return allowed | MATHML_ATTRIBUTES


def _filtered(tag: str, name: str, value: str) -> str | None:
    """The value of an attribute that is kept; None to drop it."""
    if name == "class":
        return " ".join(word for word in value.split() if _CLASS.fullmatch(word)) or None
    if name == "align" and tag in ("th", "td"):
        return value if value in _ALIGNED else None
    if name == "start":
        return value if value.isdecimal() and len(value) < 9 else None
    return value


class _Reader(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 # the library's name
        """Any: links are shown as text only."""
        return True


@functools.cache
def _markdown() -> MarkdownIt:
    r"""CommonMark and tables, HTML off; formulas between $ $, $$ $$, \( \) and \[ \]."""
    reader = _Reader("commonmark", {"html": False, "highlight": coloured, "breaks": True})
    reader.enable(["table", "strikethrough"])
    dollarmath_plugin(reader, allow_space=False, allow_digits=False, double_inline=True)
    reader.inline.ruler.before("escape", "formula_in_brackets", find_bracketed)
    reader.add_render_rule("math_inline", _inline_formula)
    reader.add_render_rule("math_inline_double", _inline_display)
    for name in ("math_block", "math_block_label"):
        reader.add_render_rule(name, _block_formula)
    reader.add_render_rule("link_open", _nothing)
    reader.add_render_rule("link_close", _address)
    reader.add_render_rule("image", _image)
    for name in sorted(_BLOCKS):
        rule = {"p": "paragraph", "li": "list_item", "ul": "bullet_list", "ol": "ordered_list"}
        _set_direction(reader, f"{rule.get(name, 'heading' if name[0] == 'h' else name)}_open")
    _set_direction(reader, "table_open")
    return reader


def _set_direction(reader: MarkdownIt, rule: str) -> None:
    """Each block is read from left or from right, as its first letter says."""

    def opened(self: RendererHTML, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
        token = tokens[i]
        token.attrSet("dir", "auto")
        style = str(token.attrs.pop("style", ""))
        if style.startswith("text-align:"):
            token.attrSet("align", style.removeprefix("text-align:"))
        return self.renderToken(tokens, i, options, env)

    reader.add_render_rule(rule, opened)


def _inline_formula(
    self: RendererHTML, tokens: Sequence[Token], i: int, options: Any, env: Any
) -> str:
    return to_mathml(tokens[i].content, block=False)


def _inline_display(
    self: RendererHTML, tokens: Sequence[Token], i: int, options: Any, env: Any
) -> str:
    return to_mathml(tokens[i].content, block=True)


def _block_formula(
    self: RendererHTML, tokens: Sequence[Token], i: int, options: Any, env: Any
) -> str:
    return f'<div class="formula">{to_mathml(tokens[i].content, block=True)}</div>'


def _nothing(self: RendererHTML, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
    return ""


def _address(self: RendererHTML, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
    """Where a link leads, behind its text."""
    depth = 0
    for before in reversed(tokens[: i + 1]):
        depth += {"link_close": 1, "link_open": -1}.get(before.type, 0)
        if depth == 0:
            address = str(before.attrGet("href") or "")
            break
    inside = "".join(t.content for t in tokens[max(0, i - 1) : i])
    if not address or address == inside:
        return ""
    return f' <span class="address">({html.escape(address)})</span>'


def _image(self: RendererHTML, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
    """An image as its description and its address: it is not loaded."""
    token = tokens[i]
    said = token.content or "image"
    address = html.escape(str(token.attrGet("src") or ""))
    return f'<span class="image">[{html.escape(said)}: {address}]</span>'
