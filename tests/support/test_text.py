from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bayessel.support.text import shorten


def test_the_ends_of_a_name_are_kept():
    assert shorten("gemini-2.5-pro", 14) == "gemini-2.5-pro"
    assert shorten("gemini-2.5-flash", 9) == "gemi…lash"


@given(st.text(max_size=60), st.integers(3, 50))
def test_never_longer_than_asked(name, most):
    short = shorten(name, most)
    assert len(short) == min(len(name), most)
    assert short[0:1] == name[0:1]
    assert short[-1:] == name[-1:]
