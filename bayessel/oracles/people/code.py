"""Code in colours, as classes: no style stands in the HTML."""

from __future__ import annotations

import html

CLASS_PREFIX = "tok-"
"""Begins the name of every class of a coloured word."""

MOST_CODE = 20_000
"""Characters above which code keeps one colour."""


def coloured(code: str, language: str, attributes: str) -> str:
    """Code as HTML, escaped, with a class for each kind of word.

    Parameters
    ----------
    code
        A block of code.
    language
        What the block says that it is; one colour where nothing of that name is known.
    attributes
        Of the block; not used.
    """
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    if not language or len(code) > MOST_CODE:
        return html.escape(code)
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return html.escape(code)
    formatter = HtmlFormatter(nowrap=True, classprefix=CLASS_PREFIX)
    return str(highlight(code, lexer, formatter))
