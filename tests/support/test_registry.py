"""Registries: names without imports, plug-ins as they are installed, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pytest

from bayessel.errors import DataError, UnknownNameError
from bayessel.support.registry import Registry

GROUP = "bayessel.fruit"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A package with two members, the second of which fails as it is imported."""
    name = "orchard_of_test_registry"
    package = tmp_path / name
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "base.py").write_text("")
    (package / "_helper.py").write_text("")
    (package / "green_apple.py").write_text("FRUIT = 'an apple'\n")
    (package / "pear.py").write_text("raise RuntimeError('a pear was imported')\n")
    (package / "tools").mkdir()
    (package / "tools" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield name
    for module in [m for m in sys.modules if m.partition(".")[0] == name]:
        del sys.modules[module]


@pytest.fixture
def plug_in(tmp_path, monkeypatch):
    """Install a plug-in package that names its fruit."""

    def installed(**points: str) -> None:
        site = tmp_path / "site"
        about = site / "fruit_of_test_registry-1.0.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: fruit\nVersion: 1.0\n")
        lines = [f"{name.replace('_', '-')} = {place}" for name, place in points.items()]
        (about / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *lines, ""]))
        (site / "fruit_of_test_registry.py").write_text("PLUM = 'a plum'\nSEVEN = 7\n")
        monkeypatch.syspath_prepend(site)
        monkeypatch.delitem(sys.modules, "fruit_of_test_registry", raising=False)

    return installed


def fruit(*folders, **options):
    return Registry(*folders, **{"attribute": "FRUIT", "group": GROUP, "what": "fruit"} | options)


def test_names_are_known_before_anything_is_imported(folder):
    found = fruit(folder)
    assert list(found) == ["green-apple", "pear"]
    assert len(found) == 2
    assert "pear" in found
    assert "base" not in found
    assert found.listed() == "green-apple or pear"
    assert f"{folder}.green_apple" not in sys.modules


def test_a_member_is_its_modules_object(folder):
    assert fruit(folder)["green-apple"] == "an apple"


def test_a_member_is_the_module_itself_where_no_attribute_is_named(folder):
    found = fruit(folder, attribute=None, hyphens=False)
    assert isinstance(found["green_apple"], ModuleType)
    assert found["green_apple"].FRUIT == "an apple"


def test_an_unknown_name_is_answered_with_the_nearest(folder):
    with pytest.raises(UnknownNameError, match="did you mean 'green-apple'"):
        fruit(folder)["green-appel"]
    assert fruit(folder).get("green-appel", None) is None


def test_a_plug_in_is_a_member(folder, plug_in):
    plug_in(plum="fruit_of_test_registry:PLUM")
    found = fruit(folder, kind=str)
    assert list(found) == ["green-apple", "pear", "plum"]
    assert found.listed() == "green-apple, pear or plum"
    assert found["plum"] == "a plum"


def test_a_plug_in_may_be_a_module(folder, plug_in):
    plug_in(plum="fruit_of_test_registry")
    assert fruit(folder, attribute=None, kind=ModuleType)["plum"].PLUM == "a plum"


@pytest.mark.parametrize("place", ["fruit_of_test_registry:CHERRY", "no_such_module_at_all"])
def test_a_plug_in_that_cannot_be_loaded_is_named(folder, plug_in, place):
    plug_in(cherry=place)
    found = fruit(folder)
    assert "cherry" in found
    with pytest.raises(DataError, match=r"the fruit 'cherry'.*fails as it is loaded") as raised:
        found["cherry"]
    assert place in str(raised.value)


def test_a_plug_in_of_another_kind_is_refused(folder, plug_in):
    plug_in(seven="fruit_of_test_registry:SEVEN")
    with pytest.raises(DataError, match=r"'seven'.* is a int, expected a str"):
        fruit(folder, kind=str)["seven"]


def test_a_plug_in_cannot_take_the_name_of_a_member(folder, plug_in):
    plug_in(green_apple="fruit_of_test_registry:PLUM")
    found = fruit(folder)
    assert list(found) == ["green-apple", "pear"]
    assert found["green-apple"] == "an apple"


def test_models_are_listed_without_jax():
    code = (
        "import sys; from bayessel.models import DEFAULT, MODELS; assert DEFAULT in MODELS; "
        "assert len(MODELS) == 5; assert not {'jax', 'numpyro', 'pymc'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
