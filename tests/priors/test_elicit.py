"""Elicitation without its package; what it gives is tested in tests/checks/test_sensitivity.py."""

from __future__ import annotations

import sys

import pytest

from bayessel.errors import DataError
from bayessel.priors.elicit import elicit


def test_without_preliz_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "preliz", None)
    with pytest.raises(DataError, match=r"pip install 'bayessel\[elicit\]'") as raised:
        elicit("eps", loss=(0.1, 0.4))
    assert "\n" not in str(raised.value)
