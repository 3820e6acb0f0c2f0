"""LaTeX as MathML, which browsers show without a script; its source where it cannot be read."""

from __future__ import annotations

import html
import re

from markdown_it.rules_inline import StateInline

MOST_FORMULA = 2_000
"""Characters above which a formula is shown as its source."""

MATHML_TAGS = {
    "math",
    "mfrac",
    "mi",
    "mmultiscripts",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mphantom",
    "mprescripts",
    "mroot",
    "mrow",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
}
"""Elements of MathML that show a formula and do nothing else."""

MATHML_ATTRIBUTES = {
    "math": {"display"},
    "mfrac": {"linethickness"},
    "mi": {"mathvariant"},
    "mo": {
        "fence",
        "form",
        "largeop",
        "lspace",
        "maxsize",
        "minsize",
        "movablelimits",
        "rspace",
        "separator",
        "stretchy",
        "symmetric",
    },
    "mover": {"accent"},
    "mspace": {"width", "height", "depth", "linebreak"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mtable": {"columnalign", "columnlines", "rowspacing", "columnspacing"},
    "mtd": {"columnalign"},
    "munder": {"accentunder"},
    "munderover": {"accent", "accentunder"},
}
"""Attributes that are kept: colours are not, they could hide text."""

_ALIGNED = re.compile(r"\\(begin|end)\{(?:aligned|align|split|gather|gathered|equation)\*?\}")
_WORDS = re.compile(r"\\(?:text|mbox|textrm|textbf|textit|operatorname|mathrm)\b")
_CLOSING = {"\\(": "\\)", "\\[": "\\]"}
_LESS, _MORE = "\ue000", "\ue001"


def find_bracketed(state: StateInline, silent: bool) -> bool:
    r"""A rule of markdown-it: formulas between \( \) and \[ \]."""
    begin = state.pos + 2
    closing = _CLOSING.get(state.src[state.pos : begin])
    if closing is None:
        return False
    end = state.src.find(closing, begin, min(begin + MOST_FORMULA, state.posMax))
    if end < 0:
        return False
    if not silent:
        kind = "math_inline" if closing == "\\)" else "math_inline_double"
        state.push(kind, "math", 0).content = state.src[begin:end]
    state.pos = end + 2
    return True


def to_mathml(latex: str, *, block: bool) -> str:
    """A formula as MathML, not sanitised; its source, escaped, where it cannot be read.

    Parameters
    ----------
    latex
        A formula without its delimiters.
    block
        Whether it stands in a line of its own.
    """
    from latex2mathml.converter import convert

    source = latex.strip()
    if len(source) <= MOST_FORMULA:
        rows = _ALIGNED.sub(r"\\\1{matrix}", source)  # it knows no columns elsewhere
        if _WORDS.search(rows):  # words are not escaped there
            rows = rows.replace("<", _LESS).replace(">", _MORE)
        try:
            made = convert(rows, display="block" if block else "inline")
        except Exception:  # it raises whatever it meets in a text that is not LaTeX
            made = ""
        if made:
            return made.replace(_LESS, "&lt;").replace(_MORE, "&gt;")
    return f'<code class="formula-source" dir="ltr">{html.escape(source)}</code>'
