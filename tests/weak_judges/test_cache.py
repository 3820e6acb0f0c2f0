from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bayessel.errors import DataError, UnknownNameError
from bayessel.weak_judges import Texts, cache, score_weak_judges
from bayessel.weak_judges.cache import cached_scores

NAMES = ("length", "kgram-2")


class Families(list[str]):
    """Names of the families that were computed."""

    def __call__(self, name: str) -> None:
        self.append(name)


def test_scores_are_computed_once(tmp_path: Path, texts: Texts) -> None:
    computed = Families()
    folder = tmp_path / "not" / "there"
    first, names = cached_scores(texts, NAMES, folder, "abc", progress=computed)
    assert names == NAMES
    assert computed == ["kgram", "length"]
    assert [p.name for p in folder.iterdir()] == ["weak-judges-abc.npz"]
    again, _ = cached_scores(texts, NAMES, folder, "abc", progress=computed)
    assert len(computed) == 2
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first, score_weak_judges(texts, NAMES)[0])


def test_missing_judges_are_added(tmp_path: Path, texts: Texts) -> None:
    cached_scores(texts, NAMES, tmp_path, "abc")
    computed = Families()
    wanted = ("line-structure", "kgram-2", "kgram-3")
    scores, names = cached_scores(texts, wanted, tmp_path, "abc", progress=computed)
    assert computed == ["kgram", "structure"]
    assert names == wanted
    np.testing.assert_array_equal(scores, score_weak_judges(texts, wanted)[0])
    everything = (*NAMES, *wanted)
    cached_scores(texts, everything, tmp_path, "abc", progress=computed)
    assert len(computed) == 2


def damage_truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def damage_flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for i in range(40, len(content), 97):
        content[i] ^= 0xFF
    path.write_bytes(bytes(content))


def damage_empty(path: Path) -> None:
    path.write_bytes(b"")


def damage_text(path: Path) -> None:
    path.write_text("not an archive")


def damage_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def rewrite(path: Path, **changes: object) -> None:
    with np.load(path) as file:
        content = {name: file[name] for name in file.files}
    np.savez(path, **(content | changes))


def damage_shape(path: Path) -> None:
    rewrite(path, scores=np.ones((2, 4, 2)))


def damage_nan(path: Path) -> None:
    rewrite(path, scores=np.full((2, 4, 3), np.nan))


def damage_names(path: Path) -> None:
    rewrite(path, names=np.array(["length"]))


def damage_key(path: Path) -> None:
    rewrite(path, key=np.array("other"), scores=np.ones((2, 4, 3)))


def damage_version(path: Path) -> None:
    rewrite(path, version=np.array(cache.VERSION + 1), scores=np.ones((2, 4, 3)))


def damage_pickle(path: Path) -> None:
    rewrite(path, names=np.array([{}, {}], object))


@pytest.mark.parametrize(
    "damage",
    [
        damage_truncate, damage_flip, damage_empty, damage_text, damage_folder, damage_shape,
        damage_nan, damage_names, damage_key, damage_version, damage_pickle,
    ],
)  # fmt: skip
def test_a_damaged_or_foreign_file_is_computed_anew(damage, tmp_path: Path, texts: Texts) -> None:
    expected, _ = cached_scores(texts, NAMES, tmp_path, "abc")
    damage(tmp_path / "weak-judges-abc.npz")
    computed = Families()
    scores, _ = cached_scores(texts, NAMES, tmp_path, "abc", progress=computed)
    assert computed
    np.testing.assert_array_equal(scores, expected)


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(
    tmp_path: Path, texts: Texts
) -> None:
    (tmp_path / "file").write_text("")
    scores, _ = cached_scores(texts, NAMES, tmp_path / "file" / "folder", "abc")
    np.testing.assert_array_equal(scores, score_weak_judges(texts, NAMES)[0])


def test_nothing_is_left_behind_where_writing_fails(
    tmp_path: Path, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached_scores(texts, NAMES, tmp_path, "abc")
    before = (tmp_path / "weak-judges-abc.npz").read_bytes()

    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.np, "savez", full)
    scores, _ = cached_scores(texts, ["mean-idf"], tmp_path, "abc")
    assert scores.shape == (1, 4, 3)
    assert [p.name for p in tmp_path.iterdir()] == ["weak-judges-abc.npz"]
    assert (tmp_path / "weak-judges-abc.npz").read_bytes() == before


def test_names_and_keys_are_checked_before_anything_is_done(tmp_path: Path, texts: Texts) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'length'"):
        cached_scores(texts, ["lenght"], tmp_path, "abc")
    with pytest.raises(DataError, match="cache key"):
        cached_scores(texts, NAMES, tmp_path, "../abc")
    assert not list(tmp_path.iterdir())


def test_no_judges(tmp_path: Path, texts: Texts) -> None:
    scores, names = cached_scores(texts, [], tmp_path, "abc")
    assert scores.shape == (0, 4, 3)
    assert names == ()
