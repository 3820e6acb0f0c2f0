"""Names in any script; a missing glyph is a warning, and warnings are errors here."""

from __future__ import annotations

import pytest

from bayessel.pictures import fonts, style

NAMES = ("日本語モデル", "한국어", "مرحبا", "עברית", "plain")


def picture(names):
    drawn = style.figure(4, 2)
    style.name_rows(drawn.axes[0], names)
    style.title(drawn, names[0])
    return drawn


def test_no_glyph_is_missing(tmp_path):
    style.save_figure(picture(NAMES), tmp_path / "names")
    assert (tmp_path / "names.svg").stat().st_size > 0


def test_what_no_font_has_is_spelled_out(tmp_path, monkeypatch):
    monkeypatch.setattr(fonts, "_family_of", lambda character: "")
    drawn = picture(("日本", "日x", "\x1b[31m"))
    style.save_figure(drawn, tmp_path / "names")
    labels = [label.get_text() for label in drawn.axes[0].get_yticklabels()]
    assert labels[:2] == ["65E5672C", "65E5x"]


@pytest.mark.parametrize("name", ["é", "ß", "Ж"])
def test_letters_of_the_own_font_change_nothing(name):
    drawn = picture((name, "b"))
    before = drawn.axes[0].get_yticklabels()[0].get_fontfamily()
    fonts.make_legible(drawn)
    assert drawn.axes[0].get_yticklabels()[0].get_fontfamily() == before
