// What stands in the page before Python has started gives way to the cells: prose when all have run, the workbench's
// first screen when the page in the cells says that it is drawn ("ce-page-ready").
{
  const tabStorage = () => {
    try {
      return window.sessionStorage;
    } catch {
      // a browser that blocks cookies
      return null;
    }
  };
  const hasDraft = () => `colbert_explain:draft:${location.pathname}` in (tabStorage() ?? {}); // as inputs.js writes it
  window.colbertExplainTab = { hasDraft, storage: tabStorage() }; // for kernel_watch.js

  const screen = document.getElementById("ce-first-screen");
  window.addEventListener("ce-page-ready", () => screen?.remove(), { once: true });

  // The reader's place: the first text that is at least partly in the window, and how far its top is from the window's.
  const readersPlace = () => {
    if (window.scrollY === 0) return null;
    for (const text of document.querySelectorAll("#loading [data-cell]")) {
      const { top, bottom } = text.getBoundingClientRect();
      if (bottom > 0) return { cell: text.dataset.cell, top };
    }
    return null;
  };

  const starting = document.querySelector(".ce-starting");
  const say = (text) => {
    document.getElementById("loading_text").textContent = text;
  };

  // Voilà's own says "Executing 1 of 1".
  window.voila_process = (cell, of) => say(of > 1 ? `Computing step ${cell} of ${of} …` : "Computing …");

  // Voilà's own waits for JupyterLab's scripts to load style sheets; ours stand in the page's head.
  let areShown = false;
  window.display_cells = window.voila_finish = () => {
    if (areShown) return; // Voilà's scripts call it once more
    areShown = true;
    const place = readersPlace();
    (screen ?? document.body).append(starting); // until the page is drawn
    say("Preparing the page …");
    document.getElementById("loading").remove();
    document.getElementById("rendered_cells").style.display = "";
    const cell = place && document.querySelector(`[cell-index="${place.cell}"]`);
    if (cell) {
      window.scrollBy({ top: cell.getBoundingClientRect().top - place.top, behavior: "instant" });
      // Voilà is about to move the cells: a page that were empty for a moment would scroll to its top.
      document.body.style.minHeight = `${document.documentElement.scrollHeight}px`;
      setTimeout(() => {
        document.body.style.minHeight = "";
      }, 10_000);
    }
    // An error, or a page that has nothing to show, never says that it is drawn.
    const outputs = [...document.querySelectorAll('script[type="application/vnd.voila.cell-output+json"]')];
    const hasWidget = outputs.some((output) => output.textContent.includes("widget-view+json"));
    setTimeout(() => screen?.remove(), hasWidget ? 20_000 : 0);
    window.dispatchEvent(new Event("ce-cells-shown"));
  };

  // Voilà's script moves the cells into a frame of JupyterLab's, <div id="main">: tell screen readers what it is.
  new MutationObserver((_, observer) => {
    const main = document.getElementById("main");
    if (main) {
      main.setAttribute("role", "main");
      if (!screen) starting.remove();
      observer.disconnect();
    }
  }).observe(document.body, { childList: true });
}
