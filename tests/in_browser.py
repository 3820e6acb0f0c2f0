"""A real Chromium for tests, and what it is asked of a page: contrast, labels, width."""

from __future__ import annotations

import os
import shutil

import pytest
from selenium import webdriver

REQUIRED = "BAYESSEL_REQUIRE_BROWSER"

CONTRAST = """
const channel = (v) => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
const numbers = (text) => {
  const all = text.match(/[\\d.e-]+/g).map(Number);
  return text.startsWith("color(srgb") ? all.map((v, i) => i < 3 ? 255 * v : v) : all;
};
const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
const over = (above, below) => {
  const a = above.length < 4 ? 1 : above[3];
  return [0, 1, 2].map((i) => a * above[i] + (1 - a) * below[i]);
};
const behind = (node) => {
  if (!node) return [255, 255, 255];
  const back = numbers(getComputedStyle(node).backgroundColor);
  return back.length < 4 || back[3] === 1 ? back : over(back, behind(node.parentElement));
};
const bad = [];
for (const node of document.querySelectorAll("body *")) {
  const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  if (!own || !node.checkVisibility()) continue;
  if (node.closest(":disabled, .jump, .hidden, script")) continue;
  const drawn = node instanceof SVGElement;
  if (!drawn && !node.offsetParent) continue;
  const ink = numbers(getComputedStyle(node)[drawn ? "fill" : "color"]);
  const back = behind(drawn ? node.closest("svg").parentElement : node);
  const [a, b] = [light(over(ink, back)), light(back)].sort((x, y) => y - x);
  const ratio = (a + .05) / (b + .05);
  const kind = node.getAttribute("class") || "";
  if (ratio < 4.5) bad.push(`${node.tagName}.${kind}: ${ratio.toFixed(2)}`);
}
return bad;
"""
"""Texts that do not reach WCAG AA on what is behind them."""

UNNAMED = """
const named = (node) => node.textContent.trim() || node.labels?.length
  || node.getAttribute("aria-label") || node.getAttribute("aria-labelledby");
const controls = "button, input, textarea, summary, nav, section, dialog, svg, table, .scroll";
return [...document.querySelectorAll(controls)]
  .filter((node) => node.checkVisibility() && !named(node)).map((node) => node.outerHTML);
"""
"""Controls and parts without a name."""

WIDER = "return document.documentElement.scrollWidth - window.innerWidth"
"""By how much the page is wider than the window."""


def start() -> webdriver.Chrome:
    """A Chromium without a window; the test is skipped where there is none and none is required."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    if browser is None or driver is None:
        missing = "chromium and its driver are not installed (apt-get install chromium-driver)"
        if os.environ.get(REQUIRED):
            pytest.fail(missing)
        pytest.skip(missing)
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage"):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))


def resize(chrome: webdriver.Chrome, width: int, *, dark: bool = False) -> None:
    """Make the window so wide, light or dark."""
    chrome.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
