"""Fixtures that many tests share."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from selenium import webdriver

from bayessel import Task, simulate_task
from in_browser import resize, start
from people_page import Served, make_run

settings.register_profile("bayessel", deadline=None)  # the first call may compile
settings.load_profile("bayessel")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their argument: a packed file holds the time, and two workers must agree."""
    return argname if isinstance(val, bytes) else None


DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


MAPS = 15_000
"""Memory maps of a process; Linux allows 65,530, and every compiled program takes some."""


@pytest.fixture(scope="module", autouse=True)
def compiled_programs_are_dropped() -> Iterator[None]:
    """After a file, where they are many: past the limit the next compilation crashes."""
    yield
    maps = Path("/proc/self/maps")
    if "jax" in sys.modules and maps.exists() and len(maps.read_bytes().splitlines()) > MAPS:
        sys.modules["jax"].clear_caches()
        gc.collect()


@pytest.fixture(scope="session")
def task() -> Task:
    """A small generated task with texts, fully judged."""
    return simulate_task(n_queries=40, n_candidates=5, seed=3)


@pytest.fixture(scope="session")
def data() -> Path:
    """The judged data sets; tests that need them skip where they are absent."""
    if not DATA.is_dir():
        pytest.skip(
            f"needs the judged data sets in {DATA.relative_to(DATA.parents[1])}, absent here"
        )
    return DATA


@pytest.fixture(scope="session")
def chrome() -> Iterator[webdriver.Chrome]:
    """A Chromium without a window, shared by all tests of a process."""
    made = start()
    yield made
    made.quit()


@pytest.fixture
def browser(chrome: webdriver.Chrome) -> webdriver.Chrome:
    """The same, light, 1280 wide, without cookies or earlier requests."""
    chrome.get("about:blank")
    resize(chrome, 1280)
    chrome.execute_cdp_cmd("Network.clearBrowserCookies", {})
    chrome.get_log("performance")
    chrome.get_log("browser")
    return chrome


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """A run of 8 queries and 3 candidates whose texts do not say their names."""
    return make_run(tmp_path / "run")


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    """``serve(folder, **options)`` serves its page; it is stopped at the end."""
    started: list[Served] = []

    def start(folder: Path, **options: Any) -> Served:
        started.append(Served(folder, **options))
        return started[-1]

    yield start
    for one in started:
        one.stop()
