"""A page with parts of the workbench and a stub of their model, without Python behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.javascript.modules import add_styles, blank_page

#: Sets ``model``, ``sent``, which has what it is asked to send, ``bus``, ``announced``, ``made``.
_COMPOSE = """
async ([parts, traits, theme]) => {
  const { pairBus } = await import("/web/pair_bus.js");
  const acts = {};
  const values = { what_if: {}, sections: {}, work: {}, problem: "", options: {}, ...traits };
  window.sent = [];
  window.announced = [];
  window.shown = [];
  window.model = {
    gone: false,
    get: (name) => values[name],
    set: (name, value) => window.model.change(name, value),
    save_changes: () => sent.push({ options: values.options }),
    on: (event, act) => (acts[event] ??= []).push(act),
    off: (event, act) => (acts[event] = (acts[event] ?? []).filter((other) => other !== act)),
    send: (message) => sent.push(message),
    tell: (event, ...given) => (acts[event] ?? []).forEach((act) => act(...given)),
    change(name, value) {
      values[name] = value;
      if (name === "result") setGrid();
      window.model.tell(`change:${name}`);
    },
  };
  window.bus = pairBus();
  function setGrid() {
    const { grid, pinned } = values.result;
    bus.setGrid(grid?.rows ?? [], grid?.columns ?? [], pinned ?? null);
  }
  setGrid();
  const root = document.createElement("main");
  root.className = `ce-page ce-${theme}`;
  root.style.cssText = "min-height: 100vh; padding: 16px; display: grid; gap: 16px";
  root.style.alignContent = "start";
  document.body.style.margin = 0;
  document.body.replaceChildren(root);
  window.isStale = false;
  window.room = undefined; // pixels for the heatmap in a presentation
  const page = {
    root,
    isStale: () => isStale,
    loadPlotly: async () => window.Plotly,
    gridRoom: () => room,
    announce: (text) => announced.push(text),
    goTo: (first, stop) => shown.push(["goTo", first, stop]),
    show: (picture) => shown.push(["show", picture]),
    forget: () => made.readout?.forget(),
    picture: async (kind) => new Blob([`a picture: ${kind}`], { type: `image/${kind}` }),
  };
  window.made = {};
  for (const [module, name] of parts) {
    made[name] = (await import(module))[name]({ model, bus, page });
    root.append(...[made[name].bar, made[name].node].filter(Boolean));
  }
}
"""


@contextmanager
def parts_page(
    browser: Browser, parts: dict[str, str], *, theme: str = "light", traits: Any, **options: Any
) -> Iterator[Page]:
    """Open a page with parts, names by the paths of their modules below ``app/``."""
    with blank_page(browser, **options) as page:
        for module in parts:
            add_styles(page, module)
        compose(page, parts, theme=theme, traits=traits)
        yield page


def compose(page: Page, parts: dict[str, str], *, theme: str = "light", traits: Any) -> None:
    """Put parts into a page, in place of what is there."""
    modules = [[f"/{module}", name] for module, name in parts.items()]
    page.evaluate(_COMPOSE, [modules, traits, theme])


def next_frame(page: Page) -> None:
    """Wait until what was asked for at the next frame is done."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
